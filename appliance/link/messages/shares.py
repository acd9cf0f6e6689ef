"""One recording for one member of staff, until a date."""

from datetime import date, datetime

import msgspec

from appliance.link.messages.base import Message, Signed
from appliance.model.calls import CallId


class ShareRow(msgspec.Struct, frozen=True):
    """One share that stands. ``until`` is the last day of it; ``name`` and ``by`` are names for a page.

    ``first_s`` and ``last_s`` bound what is heard, in seconds of the recording; None is from its start, to its end.
    """

    call_id: CallId
    username: str
    name: str
    by: str
    at: datetime
    until: date
    first_s: float | None = None
    last_s: float | None = None


class ShareCall(Signed, frozen=True):
    """Share a call with somebody who hears only what is shared with them -> ``Done``. Needs LISTEN.

    Or ShareRefused: no such person, one who may hear every call or none, a day that is over, or too far off. One of
    the same call with the same person is replaced.
    """

    call_id: CallId
    username: str
    until: date
    first_s: float | None = None
    last_s: float | None = None


class WithdrawShare(Signed, frozen=True):
    """Take a share back, at once -> ``Done``; also where there is none. Needs LISTEN."""

    call_id: CallId
    username: str


class ListShares(Signed, frozen=True):
    """-> ``Shares``: all that stand, newest first, with LISTEN; with LISTEN_SHARED alone, one's own."""


class Shares(Message, frozen=True):
    """Shares that stand."""

    shares: tuple[ShareRow, ...]


Request = ShareCall | WithdrawShare | ListShares

Reply = Shares
