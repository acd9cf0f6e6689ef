"""Calls played to a requester at the practice: cut as marked, decoded in the keeper, kept in its memory alone."""

from appliance.link.messages.base import Message, Signed
from appliance.link.messages.packs import PackStage
from appliance.model.calls import CallId


class MakeHearing(Signed, frozen=True):
    """Begin to make a call of an access request fit to be played to the requester -> ``Done``.

    Or CaseworkRefused, NotAllowed: the request is not authorised, the call not to be given or not cut as it must be.
    """

    reference: str
    call_id: CallId


class AskHearing(Signed, frozen=True):
    """-> ``HearingState`` of the call that this person asked for. As ``MakeHearing``, it may be refused."""

    reference: str
    call_id: CallId


class HearingState(Message, frozen=True):
    """``done`` from 0 to 1; ``cuts`` are silent in it; ``why`` where it failed."""

    stage: PackStage
    cuts: int
    done: float = 0.0
    why: str = ""


class ReadHearing(Signed, frozen=True):
    """-> ``PackPiece``: a range of the call as WAV, cut as the request says now. Or NoSuchCase: not ready."""

    reference: str
    call_id: CallId
    offset: int
    length: int


Request = MakeHearing | AskHearing | ReadHearing

Reply = HearingState
