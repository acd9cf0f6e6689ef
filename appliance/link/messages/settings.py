"""What the practice has settled: how long recordings are kept, and what it is called; and what retention will delete.

The configuration file says how the box is wired; these are the practice's decisions, so the keeper keeps them and
writes down who made them.
"""

from datetime import date, datetime

import msgspec

from appliance.link.messages.base import Message, Signed
from appliance.link.messages.calls import CallRow
from appliance.model.calls import CallId


class AskSettings(Signed, frozen=True):
    """-> ``Settings``. Anybody signed in."""


class RetentionChange(msgspec.Struct, frozen=True):
    """One change of how long recordings are kept. ``by`` and ``confirmed_by`` are names for a page.

    ``confirmed_at`` is None while it waits for a second person; nothing is kept otherwise until then.
    """

    months: int
    reason: str
    by: str
    at: datetime
    confirmed_by: str = ""
    confirmed_at: datetime | None = None


class Settings(Message, frozen=True):
    """``months`` is how long recordings are kept, ``policy_months`` what the practice's policy says.

    ``changes`` are those in force once, newest first; ``proposed`` waits for its confirmation. ``alone`` is True where
    nobody but the proposer could confirm: then typed words do (``ConfirmRetention``).
    """

    practice: str
    contact: str
    months: int
    policy_months: int
    grace_days: int
    changes: tuple[RetentionChange, ...]
    proposed: RetentionChange | None
    alone: bool
    practice_by: str = ""
    practice_at: datetime | None = None


class SetPractice(Signed, frozen=True):
    """Set the practice's name and how it is reached -> ``Done``, or SettingRefused.

    Needs CHANGE_SETTINGS and a fresh sign-in. ``contact`` may have several lines; letters and papers print it.
    """

    practice: str
    contact: str


class ProposeRetention(Signed, frozen=True):
    """Ask that recordings be kept ``months`` from now on -> ``RetentionEffect``, or SettingRefused.

    Needs CHANGE_SETTINGS and a fresh sign-in; one that waits already is replaced. ``reason`` names no patient.
    """

    months: int
    reason: str


class RetentionEffect(Message, frozen=True):
    """What the proposal would do once confirmed: ``due`` recordings would go into the trash at once."""

    due: int


class ConfirmRetention(Signed, frozen=True):
    """Put the proposal in force -> ``Done``, or SettingRefused. Needs RELEASE_HOLD and a fresh sign-in.

    By somebody other than the proposer. Where there is nobody else (``Settings.alone``), the proposer types ``typed``:
    the words "keep 6 months", with the number proposed. ``months`` must be what is proposed now.
    """

    months: int
    typed: str = ""


class WithdrawRetention(Signed, frozen=True):
    """Drop the proposal -> ``Done``; also where there is none. Needs RELEASE_HOLD."""


class ListExpiring(Signed, frozen=True):
    """-> ``ExpiringPage``: what retention will delete within ``days``, the next first. Needs LIST_CALLS."""

    days: int = 30
    page: int = 1
    per_page: int = 25


class ExpiringRow(msgspec.Struct, frozen=True):
    """``destroyed_on`` is the day it will be gone for good, unless somebody holds it before."""

    row: CallRow
    kept_until: date
    destroyed_on: date


class ExpiringPage(Message, frozen=True):
    """``total`` is exact; recordings on hold are not among them."""

    total: int
    rows: tuple[ExpiringRow, ...]


class ListTrash(Signed, frozen=True):
    """-> ``TrashPage``: what waits for destruction, and can still be held, the next first. Needs LIST_CALLS."""

    page: int = 1
    per_page: int = 25


class TrashRow(msgspec.Struct, frozen=True):
    """What the call's own name tells; its sheet is not opened any more."""

    call_id: CallId
    line: int
    started_at: datetime
    destroyed_on: date


class TrashPage(Message, frozen=True):
    """``total`` is exact."""

    total: int
    rows: tuple[TrashRow, ...]


class AskSpace(Signed, frozen=True):
    """-> ``DiskSpace``. Needs SEE_HEALTH."""


class DiskSpace(Message, frozen=True):
    """Room on the disk. ``months_left`` and ``full_on`` are forecasts; both None with too few calls to tell.

    ``full_on`` is the day the disk is full at the present rate; None with ``months_left`` there: recordings of all
    ``months`` have room. ``ballast`` is whether room is still kept for holds and the journal.
    """

    free_bytes: int
    size_bytes: int
    months: int
    months_left: float | None
    full_on: date | None
    ballast: bool


Request = (
    AskSettings
    | SetPractice
    | ProposeRetention
    | ConfirmRetention
    | WithdrawRetention
    | ListExpiring
    | ListTrash
    | AskSpace
)

Reply = Settings | RetentionEffect | ExpiringPage | TrashPage | DiskSpace
