"""Keeping a call from deletion, and letting deletions go on."""

from datetime import date

from appliance.link.messages.base import Message, Signed
from appliance.model.calls import CallId
from appliance.model.holds import HoldReason


class PlaceHold(Signed, frozen=True):
    """-> ``Done``, or HoldTooLate / NoSuchCall. Needs PLACE_HOLD. Restores from the trash where it still can."""

    call_id: CallId
    reason: HoldReason
    reference: str
    note: str
    review_on: date


class ReleaseHold(Signed, frozen=True):
    """-> ``Released``. Needs RELEASE_HOLD and a fresh sign-in. ``index`` is the hold's place in ``Call.holds``."""

    call_id: CallId
    index: int
    why: str


class Released(Message, frozen=True):
    """``destroyed_on`` is the day it will now be destroyed unless held again; None while another hold stands."""

    destroyed_on: date | None


class ConfirmClock(Signed, frozen=True):
    """A person says that the box's date is right -> ``Done``. Needs CHANGE_SETTINGS and a fresh sign-in.

    Asked for by the alarms ``clock-ahead`` and ``clock-back``. ``today`` must be the date the box has.
    """

    today: date


class AllowDeletions(Signed, frozen=True):
    """A person lets the next sweep delete up to ``count`` recordings -> ``Done``. As ``ConfirmClock``.

    Asked for by the alarm ``deletions``.
    """

    count: int


Request = PlaceHold | ReleaseHold | ConfirmClock | AllowDeletions

Reply = Released
