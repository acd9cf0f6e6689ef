"""Casework: what people ask of the practice about its recordings, and what the practice does about it.

A record crosses the link as the canonical JSON of its value in ``appliance.casework`` (``body``), and the words of an
act as a JSON object of the act's own arguments (``words``): the keeper reads them strictly against the act's signature,
so a page can send nothing that the rule does not know.
"""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from appliance.link.messages.base import Message, Signed
from appliance.link.messages.calls import CallRow
from appliance.model.calls import CallId


class CaseKind(StrEnum):
    """What sort of record. Of ``POLICY`` and ``ANNOUNCEMENTS`` there is one each."""

    ACCESS = "access_request"
    COMPLAINT = "complaint"
    DISCLOSURE = "disclosure"
    INCIDENT = "incident"
    REVIEW = "review"
    POLICY = "policy"
    ANNOUNCEMENTS = "announcements"
    LETTERS = "letters"


class LogCase(Signed, frozen=True):
    """-> ``CaseDone`` with its new reference. Or CaseworkRefused, NotAllowed. Its calls are held at once."""

    kind: CaseKind
    words: bytes


class DoCase(Signed, frozen=True):
    """One act on a case, by the name of its rule -> ``CaseDone``.

    Or CaseChanged where ``version`` is not the one that stands (0: whatever stands), CaseworkRefused, NotAllowed,
    FreshSignInNeeded for acts that release or close.
    """

    reference: str
    act: str
    words: bytes
    version: int = 0


class CaseDone(Message, frozen=True):
    """It was done. ``destroyed_on`` is the last day on which a recording that was let go is now destroyed."""

    reference: str
    version: int
    released: int = 0
    destroyed_on: date | None = None


class ListCases(Signed, frozen=True):
    """-> ``CaseList``: open ones first, newest first. Staff get the reviews of their own calls, and nothing else."""

    kind: CaseKind
    page: int = 1
    per_page: int = 50


class CaseList(Message, frozen=True):
    """``bodies`` as the head of this module says; ``damaged`` counts records that cannot be read.

    ``names`` are people's names by username: of reviews alone, whose rows show one.
    """

    total: int
    bodies: tuple[bytes, ...]
    today: date
    damaged: int = 0
    names: dict[str, str] = msgspec.field(default_factory=dict)


class GetCase(Signed, frozen=True):
    """-> ``Case`` or NoSuchCase. For the single records the reference is the kind's own word."""

    reference: str


class CaseCall(msgspec.Struct, frozen=True):
    """A recording of a case; ``row`` is None once it is gone. ``destroyed_on``: if the case lets it go."""

    call_id: CallId
    row: CallRow | None
    held: bool
    held_otherwise: bool
    destroyed_on: date | None


class Case(Message, frozen=True):
    """One record, whole. ``names`` are people's names by username, for a page."""

    kind: CaseKind
    reference: str
    version: int
    body: bytes
    calls: tuple[CaseCall, ...]
    names: dict[str, str]
    today: date


class SearchForCase(Signed, frozen=True):
    """Look for the calls of an access request, record the search and hold what it found -> ``CaseSearched``.

    By number, by days, or both; an empty search is refused, as is one that finds more than a hundred calls.
    """

    reference: str
    looked_for: str
    number: str = ""
    first: date | None = None
    last: date | None = None


class CaseSearched(Message, frozen=True):
    """``found`` calls, of which ``fresh`` were not in the request before."""

    found: int
    fresh: int


class AskAgenda(Signed, frozen=True):
    """-> ``Agenda``: what is due, the most urgent first. Needs LIST_CALLS."""


class DueRow(msgspec.Struct, frozen=True):
    """One case with a date. ``words``: "in 12 days", "Overdue by 2 days"."""

    reference: str
    kind: CaseKind
    due_on: date
    words: str
    overdue: bool
    soon: bool


class WaitingRow(msgspec.Struct, frozen=True):
    """One case that waits for somebody, without a date. ``words``: "the practice manager decides"."""

    reference: str
    kind: CaseKind
    words: str


class Agenda(Message, frozen=True):
    """``due`` and ``waiting`` as above; ``reminders`` are sentences: what callers are told and the policy."""

    due: tuple[DueRow, ...]
    reminders: tuple[str, ...] = ()
    waiting: tuple[WaitingRow, ...] = ()


class DrawSample(Signed, frozen=True):
    """Draw recorded calls of a period by lot, even over lines and days of the week -> ``Sample``. Needs LISTEN."""

    first: date
    last: date
    size: int


class Sample(Message, frozen=True):
    """``seed`` with which the same calls are drawn again."""

    seed: str
    calls: tuple[CallRow, ...]


class AskPolicyFacts(Signed, frozen=True):
    """-> ``PolicyFacts``: how what carries out the policy stands today. Needs LIST_CALLS or READ_JOURNAL."""


class PolicyFacts(Message, frozen=True):
    """``body``: ``appliance.casework.policy.duties.Facts`` as JSON."""

    body: bytes


class AskMonth(Signed, frozen=True):
    """-> ``Month``: the counts of the month that ``first`` lies in, up to today. Needs READ_JOURNAL."""

    first: date


class Month(Message, frozen=True):
    """``body``: ``appliance.casework.assurance.MonthCounts`` as JSON."""

    body: bytes
    practice: str


class MyListens(Signed, frozen=True):
    """-> ``MyCalls``: reviews of one's own calls, and who listened to those calls. For anybody at work."""


class HeardBy(msgspec.Struct, frozen=True):
    """Somebody listened to a call, and why; ``purpose`` is empty where it was played to a requester."""

    call_id: CallId
    name: str
    at: datetime
    purpose: str


class MyCalls(Message, frozen=True):
    """``bodies`` of the reviews, newest first; ``heard`` newest first."""

    bodies: tuple[bytes, ...]
    heard: tuple[HeardBy, ...]
    names: dict[str, str]
    today: date


Request = (
    LogCase
    | DoCase
    | ListCases
    | GetCase
    | SearchForCase
    | AskAgenda
    | DrawSample
    | AskPolicyFacts
    | AskMonth
    | MyListens
)

Reply = CaseDone | CaseList | Case | CaseSearched | Agenda | Sample | PolicyFacts | Month | MyCalls
