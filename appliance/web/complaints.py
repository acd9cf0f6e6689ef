"""Complaints: about the practice, and about the use of personal data."""

from datetime import date

from flask import url_for

from appliance.casework.cases import DECIDERS, HoldsAfter
from appliance.casework.complaints.record import Complaint, ComplaintKind
from appliance.casework.complaints.words import closing_words
from appliance.casework.duewords import is_overdue, is_soon, time_left
from appliance.link.messages.cases import Case, CaseKind
from appliance.web import words
from appliance.web.case_view import DONE, NOT_NEEDED, TO_DO, WAITING, CaseRowView, CaseView, Fact, Task, next_title
from appliance.web.casework import ActPage, SortPages, led, may_do, routes
from appliance.web.casework_fields import ActForm, DayBoxes, choice, line, options, tick
from appliance.web.casework_fields import words as area
from appliance.web.requests_forms import HOLDS_AFTER

KINDS = {
    ComplaintKind.PRACTICE: "About the practice: acknowledged in 3 working days, answered in 6 months",
    ComplaintKind.DATA_PROTECTION: "About the use of personal data: acknowledged in 30 days",
}


class LogForm(ActForm):
    """A complaint, as it came in."""

    kind = choice("What is it about?", options(KINDS), "Select what it is about")
    complainant__name = line("Who complains?", "Enter who complains")
    complainant__contact = area("How can they be reached?", most=500)
    complainant__on_behalf_of = line("If for somebody else: for whom?")
    about = area("What do they complain of?", "Enter what the complaint is about")
    received_on = DayBoxes("Day of receipt")
    happened_on = DayBoxes("Day it happened, or was noticed")
    late_because = area("If it happened over twelve months ago: why is it taken up?", most=500)


class NoteForm(ActForm):
    """A note of the investigation."""

    words = area("What was found out?", "Enter what was found out")


class DayForm(ActForm):
    """A day on which it was acknowledged."""

    acknowledged_on = DayBoxes("Day they were told that the complaint has arrived")


class DelayForm(ActForm):
    """Why there is no answer yet."""

    told_on = DayBoxes("Day they were told")
    why = area("Why is there no answer yet?", "Enter why there is no answer yet")


class AnswerForm(ActForm):
    """The answer."""

    answered_on = DayBoxes("Day of the answer")
    next_body_told = tick(
        "The answer says who they can go to next",
        hint="The ombudsman, or for personal data the Information Commissioner",
    )


class CloseForm(ActForm):
    """The end, and what becomes of the calls."""

    holds_after = choice("What becomes of the holds?", options(HOLDS_AFTER), "Select what becomes of the holds")
    withdrawn_because = area("If it was withdrawn: how?", most=500)


class ReopenForm(ActForm):
    """Why it goes on."""

    why = area("Why does the complaint go on?", "Enter why the complaint goes on", most=500)


ACTS = {
    "acknowledge": ActPage(
        "Acknowledge", "Tell the complainant that the complaint has arrived; print the letter.",
        DayForm, "Save", "The acknowledgement is noted.",
    ),
    "note": ActPage(
        "Write a note", "What was found out. Listen to the calls first.",
        NoteForm, "Save the note", "The note is saved.",
    ),
    "explain_delay": ActPage(
        "Explain the delay", "Needed if there is no answer within six months.",
        DelayForm, "Save", "The explanation is noted.",
    ),
    "answer": ActPage(
        "Answer", "A partner or the practice manager answers. Print the letter, then note the day it went.",
        AnswerForm, "Save", "The answer is noted.", who=DECIDERS, what="answer a complaint",
    ),
    "close": ActPage(
        "Close the complaint", "You decide what becomes of its calls.",
        CloseForm, "Close the complaint", "The complaint is closed.", fresh=True, grave=True,
        who=DECIDERS, what="close a complaint", ends=True,
    ),
    "reopen": ActPage(
        "Reopen the complaint", "As when the ombudsman asks. Its calls are held again at once.",
        ReopenForm, "Reopen", "The complaint is open again.", who=DECIDERS, what="reopen a complaint",
    ),
}  # fmt: skip

LOG = ActPage(
    "Log a complaint", "Spoken or written, to anybody at the practice. Its calls are held while it is open.",
    LogForm, "Log the complaint", "",
)  # fmt: skip


def view(complaint: Complaint, case: Case) -> CaseView:
    """Return how a complaint looks."""
    due = complaint.due_on
    what = "Acknowledge" if complaint.acknowledged_on is None else "Answer, or explain the delay,"
    sentence = f"{what} by {words.day(due)}: {time_left(due, case.today)}." if due else "Nothing is due by a day."
    if complaint.closed_on:
        kept = "its holds are kept" if complaint.holds_after is HoldsAfter.KEEP else "its holds are released"
        sentence = f"Closed on {words.day(complaint.closed_on)}; {kept}."
    days = [call.destroyed_on for call in case.calls if call.row is not None]
    last = max((day for day in days if day), default=None)
    return CaseView(
        title=f"{complaint.reference}: {complaint.complainant.name}",
        sentence=sentence,
        warning="Overdue." if is_overdue(due, case.today) else "",
        is_open=complaint.is_open,
        facts=_facts(complaint, closing_words(complaint, case.today, last)),
        history=complaint.history,
        tasks=_tasks(complaint),
        acts=_acts(complaint),
        papers=_papers(complaint),
        texts=[
            (f"Note of {words.day(one.on)}, {case.names.get(one.by, one.by)}", one.words) for one in complaint.notes
        ],
    )


def row(complaint: Complaint, today: date) -> CaseRowView:
    """Return a complaint as a line of the list."""
    due = complaint.due_on
    shown = "Closed" if complaint.closed_on else f"{words.day(due)}, {time_left(due, today)}" if due else "No day"
    step = next_title(_tasks(complaint))
    urgent = is_overdue(due, today) or is_soon(due, today)
    return CaseRowView(
        complaint.reference, complaint.complainant.name, words.day(complaint.received_on), shown, step, urgent
    )


def _facts(complaint: Complaint, closing: str) -> list[Fact]:
    who = complaint.complainant
    found = [
        Fact("Kind", KINDS[complaint.kind].split(":")[0]),
        Fact("Who complains", who.name + (f", for {who.on_behalf_of}" if who.on_behalf_of else "")),
        Fact("How to reach them", who.contact or "Not known"),
        Fact("About", complaint.about),
        Fact("Received", words.day(complaint.received_on)),
        Fact("Happened or noticed", words.day(complaint.happened_on)),
        Fact("After the practice", f"The {complaint.next_body.value}"),
    ]
    return [*found, Fact("When it closes", closing)] if complaint.is_open else found


def _tasks(complaint: Complaint) -> list[Task]:
    acknowledged, answered = complaint.acknowledged_on, complaint.answered_on
    waits = "" if answered else "Waits for the answer, or for the complainant to withdraw it"
    return [
        _task(complaint, "acknowledge", DONE if acknowledged else TO_DO, _said(acknowledged)),
        _task(complaint, "answer", DONE if answered else TO_DO if acknowledged else WAITING,
              _said(answered) if acknowledged else "Waits for the acknowledgement"),
        _task(complaint, "close", DONE if not complaint.is_open else WAITING if waits else TO_DO, waits),
    ]  # fmt: skip


def _task(complaint: Complaint, act: str, state: str, say: str) -> Task:
    state = state if complaint.is_open or state == DONE else NOT_NEEDED
    leads = complaint.is_open and (state == TO_DO or act == "close")
    href = url_for("complaints.act", reference=complaint.reference, act=act) if leads else ""
    return led(Task(ACTS[act].title, state, say, href), ACTS[act])


def _said(day: date | None) -> str:
    return words.day(day) if day else ""


def _acts(complaint: Complaint) -> list[tuple[str, str]]:
    wanted = ["note", "explain_delay"] if complaint.is_open else ["reopen"]
    asked = [act for act in wanted if may_do(ACTS[act])]
    return [(ACTS[act].title, url_for("complaints.act", reference=complaint.reference, act=act)) for act in asked]


def _papers(complaint: Complaint) -> list[tuple[str, str]]:
    own = {"complaint_acknowledgement": "Acknowledgement", "complaint_delay": "Delay", "complaint_answer": "Answer"}
    data = {"data_complaint_acknowledgement": "Acknowledgement", "data_complaint_answer": "Answer"}
    kinds = own if complaint.kind is ComplaintKind.PRACTICE else data
    return [(title, url_for("letters.show", reference=complaint.reference, kind=kind)) for kind, title in kinds.items()]


PAGES = SortPages(
    name="complaints", kind=CaseKind.COMPLAINT, shape=Complaint, title="Complaints", one="complaint",
    log=LOG, acts=ACTS, view=view, row=row,
)  # fmt: skip

blueprint = routes(PAGES, "/complaints")
