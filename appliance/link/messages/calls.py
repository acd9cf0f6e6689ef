"""Finding calls."""

from datetime import date, datetime

import msgspec

from appliance.link.messages.base import Message, Signed
from appliance.model.calls import Caller, CallId, Direction


class CallQuery(msgspec.Struct, frozen=True):
    """What to list; all that is given must match. Days are UK days, inclusive; ``number`` is a part, 0 = +44.

    ``text`` is a part of the caller's name, the handler's name or the note; ``tag`` a whole tag;
    case matters in neither.
    """

    number: str = ""
    first: date | None = None
    last: date | None = None
    line: int | None = None
    direction: Direction | None = None
    held: bool | None = None
    missed: bool | None = None
    shortest_s: float | None = None
    longest_s: float | None = None
    tag: str = ""
    text: str = ""

    @property
    def sealed(self) -> bool:
        """Whether it asks for what stands in no list in clear: such a search is written in the journal."""
        return bool(self.number or self.text)


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
    tags: tuple[str, ...] = ()
    handler: str = ""
    """Who of the practice took the call, as somebody wrote it down."""


class ListCalls(Signed, frozen=True):
    """-> ``CallPage``, newest first. Needs LIST_CALLS. ``page`` counts from 1.

    Somebody with LISTEN_SHARED alone gets the calls that are shared with them, without numbers, whatever the query.
    """

    query: CallQuery
    page: int = 1
    per_page: int = 25


class CallPage(Message, frozen=True):
    """``total`` is exact. ``complete`` is False while a search has not seen every call yet: ask again."""

    total: int
    calls: tuple[CallRow, ...]
    complete: bool = True


class ListTags(Signed, frozen=True):
    """-> ``Tags``: every tag in use, in order of the alphabet. Needs LIST_CALLS."""


class Tags(Message, frozen=True):
    """``complete`` is False while not every call has been looked at."""

    tags: tuple[str, ...]
    complete: bool


Request = ListCalls | ListTags

Reply = CallPage | Tags
