"""How the box and its lines stand."""

from datetime import datetime

from appliance.link.messages.base import Message, Signed
from appliance.model.calls import CallId
from appliance.model.linestory import LineStory
from appliance.model.status import Alarm, LineStatus


class AskLive(Signed, frozen=True):
    """How does the box stand? -> ``Live``. Waits up to ``wait_s`` for a version other than ``seen``.

    Extends no session.
    """

    seen: int = 0
    wait_s: float = 0.0


class Live(Message, frozen=True):
    """``contact_at`` is when the recorder last wrote; ``contact`` is False when that is too long ago to be believed."""

    version: int
    contact: bool
    contact_at: datetime | None
    lines: tuple[LineStatus, ...]
    alarms: tuple[Alarm, ...]


class AskHome(Signed, frozen=True):
    """-> ``Home``: the counters of the first page."""


class Home(Message, frozen=True):
    """``latest`` is the newest recording; ``months_left`` is None while there is too little to forecast from."""

    calls_today: int
    holds: int
    holds_to_review: int
    latest: CallId | None
    months_left: float | None
    expiring_soon: int


class AskLines(Signed, frozen=True):
    """Was every line listened to in the last ``days``, and is it known to work? -> ``Lines``. Needs SEE_LINES.

    Extends the session unless ``active`` is False.
    """

    days: int = 31
    active: bool = True


class Lines(Message, frozen=True):
    """One story for each line. ``damaged`` lines of the gap ledger cannot be read: it may lack a gap."""

    lines: tuple[LineStory, ...]
    damaged: int


class StartLineTest(Signed, frozen=True):
    """Line ``line`` is about to be rung, to prove it -> ``Done``, or NoSuchLine. Needs SEE_LINES."""

    line: int


Request = AskLive | AskHome | AskLines | StartLineTest

Reply = Live | Home | Lines
