"""What an access request is: values only. Names and notes in it are personal data, sealed wherever they rest."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from appliance.casework.cases import Case
from appliance.casework.cuts import Redaction
from appliance.casework.deadlines import AccessClock, Pause
from appliance.model.calls import CallId
from appliance.model.holds import HoldReason
from appliance.model.people import Role


class Way(StrEnum):
    """How a request came. All count alike, in whatever words."""

    SPOKEN = "spoken"
    LETTER = "letter"
    EMAIL = "email"
    FORM = "form"
    OTHER = "other"


class Wanted(StrEnum):
    """What the requester wants. Whoever asked to listen is still offered a copy (Article 15(3))."""

    LISTEN = "listen"
    COPY = "copy"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks. ``on_behalf_of`` is the patient where it is somebody else, ``authority`` what shows they may."""

    name: str
    contact: str
    on_behalf_of: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """What was asked: ``numbers`` and ``looking_for`` (dates, words) say where to look."""

    way: Way
    wanted: Wanted
    numbers: tuple[str, ...] = ()
    looking_for: str = ""


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """How it was made sure that the requester is who they say. ``seen`` names the proof; no scan is kept."""

    seen: str
    received_on: date
    by: str


@dataclass(frozen=True, slots=True)
class Clarification:
    """A question that pauses the clock, and when it was answered."""

    question: str
    asked_on: date
    answered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """Two more months, and when and why the requester was told."""

    told_on: date
    why: str


@dataclass(frozen=True, slots=True)
class Search:
    """One search for the requester's calls, also one that found nothing: the proof that it was looked for."""

    by: str
    on: date
    looked_for: str
    first: date | None
    last: date | None
    found: tuple[CallId, ...]


class Verdict(StrEnum):
    """What is to happen with one found call. ``NOT_THEIRS``: it holds no personal data of this requester."""

    GIVE = "give"
    REDACT = "redact"
    WITHHOLD = "withhold"
    NOT_THEIRS = "not_theirs"


GIVEN = frozenset({Verdict.GIVE, Verdict.REDACT})


@dataclass(frozen=True, slots=True)
class CallVerdict:
    """The verdict on one call, with the reason where it is not simply given."""

    call_id: CallId
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether the information can be released: a verdict on every found call and the three questions answered.

    ``third_parties``: whose voices or data are in it, and why giving or cutting them is fair (DPA 2018 Sch. 2 para 16).
    ``serious_harm``: a health professional's opinion, ``clinician`` whose (Sch. 3 para 5). ``privilege``: legal advice.
    """

    verdicts: tuple[CallVerdict, ...]
    third_parties: str
    serious_harm: str
    clinician: str
    privilege: str
    by: str
    on: date

    def verdict(self, call_id: CallId) -> Verdict | None:
        """Return the verdict on a call; None where it was not assessed."""
        return next((one.verdict for one in self.verdicts if one.call_id == call_id), None)


@dataclass(frozen=True, slots=True)
class Authorisation:
    """The decision of a partner or the manager: to answer as assessed, or to refuse and why."""

    granted: bool
    why: str
    by: str
    role: Role
    on: date


class Outcome(StrEnum):
    """How a listening appointment went."""

    PLANNED = "planned"
    HEARD = "heard"
    NOT_ATTENDED = "not_attended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Appointment:
    """An invitation to the practice to hear the recordings. ``present`` are all who sat in the room."""

    at: datetime
    room: str
    present: tuple[str, ...] = ()
    outcome: Outcome = Outcome.PLANNED
    note: str = ""


@dataclass(frozen=True, slots=True)
class CopiedCall:
    """One recording of a copy: the hash of the exported file, and what was cut out of it."""

    call_id: CallId
    sha256: str
    redactions: tuple[Redaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that was handed over. The passphrase goes ``passphrase_by`` another way than the file itself."""

    calls: tuple[CopiedCall, ...]
    to: str
    means: str
    passphrase_by: str
    by: str
    on: date


class Ending(StrEnum):
    """How a request ends."""

    ANSWERED = "answered"
    NOTHING_FOUND = "nothing_found"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest(Case):
    """One request. ``logged_by`` is who took it down; ``copy_declined_on`` when the requester wanted no copy."""

    hold_reason: HoldReason = HoldReason.REQUEST
    requester: Requester
    ask: Ask
    logged_by: str
    identity_asked_on: date | None = None
    identity: IdentityCheck | None = None
    clarifications: tuple[Clarification, ...] = ()
    extension: Extension | None = None
    searches: tuple[Search, ...] = ()
    assessment: Assessment | None = None
    authorisation: Authorisation | None = None
    appointments: tuple[Appointment, ...] = ()
    redactions: tuple[tuple[CallId, tuple[Redaction, ...]], ...] = ()
    copies: tuple[Copy, ...] = ()
    copy_declined_on: date | None = None
    ending: Ending | None = None
    told_on: date | None = None

    @property
    def clock(self) -> AccessClock:
        """What its due date depends on."""
        return AccessClock(
            self.received_on,
            self.identity_asked_on,
            self.identity.received_on if self.identity else None,
            tuple(Pause(one.asked_on, one.answered_on) for one in self.clarifications),
            self.extension.told_on if self.extension else None,
        )

    @property
    def given_calls(self) -> tuple[CallId, ...]:
        """The calls whose verdict lets them be heard or copied, in part or whole."""
        if self.assessment is None:
            return ()
        return tuple(one.call_id for one in self.assessment.verdicts if one.verdict in GIVEN)

    @property
    def to_redact(self) -> tuple[CallId, ...]:
        """The calls that may leave only with something cut out."""
        if self.assessment is None:
            return ()
        return tuple(one.call_id for one in self.assessment.verdicts if one.verdict is Verdict.REDACT)

    def redactions_of(self, call_id: CallId) -> tuple[Redaction, ...]:
        """Return what was marked to be cut out of a call; it stays marked if the call is then to be given whole."""
        return dict(self.redactions).get(call_id, ())

    def cuts_of(self, call_id: CallId) -> tuple[Redaction, ...]:
        """Return what is cut out of a call when it leaves: what was marked, if the assessment asks for cuts in it."""
        return self.redactions_of(call_id) if call_id in self.to_redact else ()
