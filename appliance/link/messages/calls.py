"""Finding calls."""

from datetime import date, datetime

import msgspec

from appliance.link.messages.base import Message, Signed
from appliance.model.calls import Caller, CallId, Direction


class CallQuery(msgspec.Struct, frozen=True):
    """What to list; all that is given must match. Days are UK days, inclusive; ``number`` is a part, 0 = +44."""

    number: str = ""
    first: date | None = None
    last: date | None = None
    line: int | None = None
    direction: Direction | None = None
    held: bool | None = None
    missed: bool | None = None
    shortest_s: float | None = None
    longest_s: float | None = None


class CallRow(msgspec.Struct, frozen=True):
    """One call in a list. ``number`` is the other party's, None where not known; ``caller`` tells why for a call in."""

    call_id: CallId
    line: int
    line_name: str
    started_at: datetime
    duration_s: float
    direction: Direction
    number: str | None
    caller: Caller
    answered: bool
    missed: bool
    held: bool
    open: bool = False
    """Still being recorded."""
    cut_short: bool = False
    """Its authenticated end is missing: a power cut or a crash. What is there is genuine."""
    damaged: bool = False


class ListCalls(Signed, frozen=True):
    """-> ``CallPage``, newest first. Needs LIST_CALLS. ``page`` counts from 1."""

    query: CallQuery
    page: int = 1
    per_page: int = 25


class CallPage(Message, frozen=True):
    """``total`` is exact. ``complete`` is False while a search by number has not seen every call yet: ask again."""

    total: int
    calls: tuple[CallRow, ...]
    complete: bool = True


Request = ListCalls

Reply = CallPage
