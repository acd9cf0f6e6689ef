"""What can carry out a sentence of the policy, and how each stands: values in, words out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class Duty(StrEnum):
    """What carries a sentence out: a setting, a register, a page, or only the practice's own word."""

    RECORDING = "recording"
    STORAGE = "storage"
    RETENTION = "retention"
    HOLDS = "holds"
    PURPOSES = "purposes"
    ROLES = "roles"
    LISTENING_LOG = "listening_log"
    ANNOUNCEMENTS = "announcements"
    ACCESS_REQUESTS = "access_requests"
    DISCLOSURES = "disclosures"
    COMPLAINTS = "complaints"
    TRAINING = "training"
    INCIDENTS = "incidents"
    IMPROVEMENT = "improvement"
    PAPERS = "papers"
    PRACTICE_WORD = "practice_word"


DUTY_WORDS: Mapping[Duty, str] = MappingProxyType(
    {
        Duty.RECORDING: "Every call is recorded",
        Duty.STORAGE: "Recordings are locked and checked",
        Duty.RETENTION: "Recordings are deleted at the end of their time",
        Duty.HOLDS: "What is still needed is kept",
        Duty.PURPOSES: "A purpose is asked before each listening",
        Duty.ROLES: "Each person has a role, and sees only what it needs",
        Duty.LISTENING_LOG: "Every listening is written down",
        Duty.ANNOUNCEMENTS: "Callers are told: message, leaflet, website",
        Duty.ACCESS_REQUESTS: "Requests to hear or have a recording",
        Duty.DISCLOSURES: "Requests of the police and other bodies",
        Duty.COMPLAINTS: "Complaints",
        Duty.TRAINING: "Training and feedback",
        Duty.INCIDENTS: "Abusive and nuisance calls",
        Duty.IMPROVEMENT: "Calls are reviewed to improve how we work",
        Duty.PAPERS: "Assessment, record of processing, notices",
        Duty.PRACTICE_WORD: "The practice’s own word, at the yearly check",
    }
)
"""What each does, as somebody chooses among them."""


@dataclass(frozen=True, slots=True)
class Facts:
    """How the box stands today, counted by the keeper. None where something cannot be known."""

    today: date
    lines: int
    lines_recording: int
    retention_months: int
    expired_not_deleted: int
    holds: int
    listeners: int
    listens_without_purpose: int
    journal_intact: bool
    announcements_wrong: int
    requests_open: int
    requests_overdue: int
    disclosures_open: int
    complaints_open: int
    complaints_overdue: int
    reviews_this_year: int
    incidents_open: int
    damaged: int


@dataclass(frozen=True, slots=True)
class DutyState:
    """How one duty stands: ``page`` carries it out, ``good`` is None where only the practice itself can say."""

    duty: Duty
    page: str
    words: str
    good: bool | None


def state(duty: Duty, facts: Facts) -> DutyState:
    """Return how a duty stands."""
    page, judge = _JUDGES[duty]
    words, good = judge(facts)
    return DutyState(duty, page, words, good)


Judged = tuple[str, bool | None]


def _recording(facts: Facts) -> Judged:
    all_on = facts.lines > 0 and facts.lines_recording == facts.lines
    return f"{facts.lines_recording} of {_count(facts.lines, 'line')} ready or recording", all_on


def _storage(facts: Facts) -> Judged:
    if facts.damaged:
        return f"Sealed; {_count(facts.damaged, 'recording')} damaged", False
    return "Every recording is sealed; none is damaged", True


def _retention(facts: Facts) -> Judged:
    words = f"{facts.retention_months} months: on"
    if facts.expired_not_deleted:
        return f"{words}; {_count(facts.expired_not_deleted, 'call')} past it and not deleted yet", False
    return words, True


def _holds(facts: Facts) -> Judged:
    return f"{_count(facts.holds, 'call')} on hold", True


def _purposes(facts: Facts) -> Judged:
    if facts.listens_without_purpose:
        return f"{facts.listens_without_purpose} listened to without a purpose", False
    return "A purpose is asked before each listening", True


def _roles(facts: Facts) -> Judged:
    words = "1 person may listen" if facts.listeners == 1 else f"{facts.listeners} people may listen"
    return words, facts.listeners > 0


def _listening_log(facts: Facts) -> Judged:
    return ("The records add up", True) if facts.journal_intact else ("The records do not add up", False)


def _announcements(facts: Facts) -> Judged:
    if facts.announcements_wrong:
        return f"{facts.announcements_wrong} of message, leaflet and website to check or put right", False
    return "Message, leaflet and website checked", True


def _requests(facts: Facts) -> Judged:
    return _open_and_overdue(facts.requests_open, facts.requests_overdue)


def _complaints(facts: Facts) -> Judged:
    return _open_and_overdue(facts.complaints_open, facts.complaints_overdue)


def _disclosures(facts: Facts) -> Judged:
    return f"{facts.disclosures_open} open", True


def _training(facts: Facts) -> Judged:
    return f"{_count(facts.reviews_this_year, 'review')} this year", facts.reviews_this_year > 0


def _incidents(facts: Facts) -> Judged:
    return f"{facts.incidents_open} open", True


def _papers(_facts: Facts) -> Judged:
    return "Confirm with your data protection officer each year", None


def _practice_word(_facts: Facts) -> Judged:
    return "Confirmed by the practice at each yearly check", None


def _open_and_overdue(opened: int, overdue: int) -> Judged:
    return f"{opened} open, {overdue} overdue" if overdue else f"{opened} open", not overdue


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


_JUDGES: dict[Duty, tuple[str, Callable[[Facts], Judged]]] = {
    Duty.RECORDING: ("Home", _recording),
    Duty.STORAGE: ("Settings: Health", _storage),
    Duty.RETENTION: ("Settings: Keeping recordings", _retention),
    Duty.HOLDS: ("Records: Holds", _holds),
    Duty.PURPOSES: ("One call", _purposes),
    Duty.ROLES: ("Settings: People", _roles),
    Duty.LISTENING_LOG: ("Records: Listening log", _listening_log),
    Duty.ANNOUNCEMENTS: ("What callers are told", _announcements),
    Duty.ACCESS_REQUESTS: ("Requests", _requests),
    Duty.DISCLOSURES: ("Police and other bodies", _disclosures),
    Duty.COMPLAINTS: ("Complaints", _complaints),
    Duty.TRAINING: ("Training", _training),
    Duty.INCIDENTS: ("Abusive calls", _incidents),
    Duty.IMPROVEMENT: ("Training", _training),
    Duty.PAPERS: ("Papers", _papers),
    Duty.PRACTICE_WORD: ("Recording policy", _practice_word),
}
