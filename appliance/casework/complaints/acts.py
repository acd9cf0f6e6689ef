"""The acts on a complaint, from its log to its closing, and its reopening when the next body asks."""

from collections.abc import Iterable
from datetime import date

from appliance.casework.cases import (
    CASEWORKERS,
    DECIDERS,
    EVERYONE_AT_WORK,
    HoldsAfter,
    entry,
    joined,
    must_be,
    must_be_open,
    must_lie,
    must_say,
    noted,
)
from appliance.casework.complaints.record import Complainant, Complaint, ComplaintKind, Note
from appliance.casework.deadlines import complain_until
from appliance.errors import StepMissing, WordsMissing
from appliance.model.calls import CallId
from appliance.model.people import Person


def log(
    reference: str,
    by: Person,
    today: date,
    *,
    kind: ComplaintKind,
    complainant: Complainant,
    about: str,
    received_on: date,
    happened_on: date,
    calls: Iterable[CallId] = (),
    late_because: str = "",
) -> Complaint:
    """Log a complaint, spoken or written. One that comes after its twelve months needs a reason to be taken up.

    Raises:
        NotAllowed, WordsMissing, DateWrong
    """
    must_be(by, EVERYONE_AT_WORK, "log a complaint")
    must_say(complainant.name, "who complains")
    must_lie(happened_on, date.min, received_on, "What the complaint is about")
    must_lie(received_on, happened_on, today, "The day of receipt")
    if kind is ComplaintKind.PRACTICE and received_on > complain_until(happened_on):
        must_say(late_because, "why a complaint after twelve months is taken up (reg. 12(2)), or answer that it is not")
    return Complaint(
        reference=reference,
        received_on=received_on,
        calls=joined((), calls),
        history=(entry(by, today, "logged"),),
        kind=kind,
        complainant=complainant,
        about=must_say(about, "what the complaint is about"),
        happened_on=happened_on,
        late_because=late_because.strip(),
    )


def add_calls(complaint: Complaint, by: Person, today: date, calls: Iterable[CallId]) -> Complaint:
    """Add recordings that the complaint is about: they are held from now on.

    Raises:
        NotAllowed, CaseClosed
    """
    _caseworker_on(complaint, by, "add calls to a complaint")
    return noted(complaint, by, today, "calls added", calls=joined(complaint.calls, calls))


def note(complaint: Complaint, by: Person, today: date, words: str) -> Complaint:
    """Add a note of the investigation.

    Raises:
        NotAllowed, CaseClosed, WordsMissing
    """
    _caseworker_on(complaint, by, "write on a complaint")
    return noted(complaint, by, today, "note", notes=_with_note(complaint, by, today, words, "what was found out"))


def acknowledge(complaint: Complaint, by: Person, today: date, acknowledged_on: date) -> Complaint:
    """Record that the complainant was told that the complaint has arrived. A late one is recorded all the same.

    Raises:
        NotAllowed, CaseClosed, DateWrong
        StepMissing: it was acknowledged already.
    """
    _caseworker_on(complaint, by, "acknowledge a complaint")
    if complaint.acknowledged_on:
        raise StepMissing("The complaint was acknowledged already.")
    must_lie(acknowledged_on, complaint.received_on, today, "The acknowledgement")
    return noted(complaint, by, today, "acknowledged", acknowledged_on=acknowledged_on)


def explain_delay(complaint: Complaint, by: Person, today: date, told_on: date, why: str) -> Complaint:
    """Record that the complainant was told in writing why there is no answer yet.

    Raises:
        NotAllowed, CaseClosed, DateWrong, WordsMissing
    """
    _caseworker_on(complaint, by, "explain the delay of a complaint")
    must_lie(told_on, complaint.received_on, today, "The explanation")
    notes = _with_note(complaint, by, today, why, "why there is no answer yet")
    return noted(complaint, by, today, "delay explained", delay_explained_on=told_on, notes=notes)


def answer(complaint: Complaint, by: Person, today: date, *, answered_on: date, next_body_told: bool) -> Complaint:
    """Record the answer, which tells the complainant who they can go to next.

    Raises:
        NotAllowed, CaseClosed, DateWrong
        StepMissing: not acknowledged yet. WordsMissing: the next body was not told of.
    """
    must_be_open(complaint)
    must_be(by, DECIDERS, "answer a complaint")
    if complaint.acknowledged_on is None:
        raise StepMissing("Record the acknowledgement first.")
    must_lie(answered_on, complaint.acknowledged_on, today, "The answer")
    if not next_body_told:
        raise WordsMissing(f"Tell the complainant of the {complaint.next_body.value}, and tick it.")
    return noted(complaint, by, today, "answered", answered_on=answered_on, next_body_told=True)


def close(
    complaint: Complaint, by: Person, today: date, *, holds_after: HoldsAfter, withdrawn_because: str = ""
) -> Complaint:
    """Close a complaint that is answered or withdrawn; whoever closes it decides on its holds.

    Raises:
        NotAllowed, CaseClosed
        StepMissing: neither answered nor withdrawn.
    """
    must_be_open(complaint)
    must_be(by, DECIDERS, "close a complaint")
    if complaint.answered_on is None and not withdrawn_because.strip():
        raise StepMissing("Answer the complaint first, or say how it was withdrawn.")
    notes = complaint.notes
    if withdrawn_because.strip():
        notes = _with_note(complaint, by, today, withdrawn_because, "how it was withdrawn")
    return noted(complaint, by, today, "closed", closed_on=today, holds_after=holds_after, notes=notes)


def reopen(complaint: Complaint, by: Person, today: date, why: str) -> Complaint:
    """Take a closed complaint up again, as when the ombudsman asks: its calls are held again at once.

    Raises:
        NotAllowed, WordsMissing
        StepMissing: it is open.
    """
    must_be(by, DECIDERS, "reopen a complaint")
    if complaint.is_open:
        raise StepMissing("The complaint is still open.")
    notes = _with_note(complaint, by, today, why, "why the complaint goes on")
    return noted(
        complaint, by, today, "reopened", closed_on=None, holds_after=None,
        answered_on=None, next_body_told=False, notes=notes, reopened=complaint.reopened + 1,
    )  # fmt: skip


def _with_note(complaint: Complaint, by: Person, today: date, words: str, what: str) -> tuple[Note, ...]:
    return (*complaint.notes, Note(today, by.username, must_say(words, what)))


def _caseworker_on(complaint: Complaint, by: Person, act: str) -> None:
    must_be_open(complaint)
    must_be(by, CASEWORKERS, act)
