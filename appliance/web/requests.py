"""Access requests: the list, the log, and one request with its list of tasks."""

from datetime import date

from flask import url_for

from appliance.casework.access_requests.record import (
    AccessRequest,
    Appointment,
    Clarification,
    Copy,
    Outcome,
    Search,
)
from appliance.casework.access_requests.steps import Step, StepState, steps
from appliance.casework.cases import DECIDERS
from appliance.casework.deadlines import access_due
from appliance.casework.duewords import access_sentence, day_month, is_overdue, is_soon, time_left
from appliance.link.messages.cases import Case, CaseKind
from appliance.web import copies, requests_steps, words
from appliance.web import requests_forms as forms
from appliance.web.case_view import DONE, NOT_NEEDED, TO_DO, WAITING, CaseRowView, CaseView, Fact, Task, next_title
from appliance.web.casework import ActPage, SortPages, led, may_do, routes

_STATES = {
    StepState.DONE: DONE,
    StepState.OPEN: TO_DO,
    StepState.WAITING: WAITING,
    StepState.NOT_NEEDED: NOT_NEEDED,
}
_PAGE_OF_STEP = {
    "identity": "check_identity",
    "find": "find",
    "assess": "assess",
    "authorise": "authorise",
    "listen": "invite",
    "redact": "redact",
    "copy": "copy",
    "close": "close",
}

ACTS = {
    "ask_identity": ActPage(
        "Ask for proof of identity",
        "Note that you asked today. The month then begins on the day the proof arrives. Print the letter afterwards.",
        forms.NothingAsked, "I have asked today", "Noted: proof of identity was asked for.",
    ),
    "check_identity": ActPage(
        "Check identity", "Look at the proof, write down what it was, and give it back. No copy is kept.",
        forms.IdentityForm, "Save the check", "The identity is checked.",
    ),
    "ask_clarification": ActPage(
        "Ask what they mean", "Only if you cannot find the calls without it.",
        forms.QuestionForm, "Save the question", "The question is noted; the clock stands still.",
    ),
    "answer_clarification": ActPage(
        "Their answer came", "The clock goes on from that day.",
        forms.AnswerForm, "Save the answer’s day", "The clock goes on.",
    ),
    "extend": ActPage(
        "Take two more months",
        "Only for a complex request or one of several, and only if the requester is told within the first month.",
        forms.ExtendForm, "Extend", "The request has two more months.",
        who=DECIDERS, what="extend an access request",
    ),
    "find": ActPage(
        "Find calls", "What this finds is put on hold at once, and the search is kept as proof, also if it finds none.",
        forms.FindForm, "Search and hold", "",
    ),
    "assess": ActPage(
        "Assess what can be released",
        "Listen to each call first. Say what is to happen with it, and answer the questions below.",
        forms.NothingAsked, "Save the assessment", "The assessment is saved.",
    ),
    "authorise": ActPage(
        "Authorise",
        "A partner or the practice manager decides; whoever logged it only if nobody else can, and says why.",
        forms.AuthoriseForm, "Save the decision", "The decision is saved.", fresh=True,
        who=DECIDERS, what="authorise an access request",
    ),
    "invite": ActPage(
        "Listening appointment",
        "Hearing a recording does not take the place of a copy: offer both. Then use “Play for the appointment”, where "
        "what is cut is silent; on the call’s own page it is not.",
        forms.InviteForm, "Save the appointment", "The appointment is saved. Print its letter.",
    ),
    "record_appointment": ActPage(
        "How the appointment went", "Say who was in the room, and that it was private.",
        forms.AppointmentForm, "Save", "Saved.",
    ),
    "redact": ActPage(
        "Cut parts out of the copy", "The recording itself stays as it is.",
        forms.NothingAsked, "Save the cuts", "The cuts are saved.",
    ),
    "decline_copy": ActPage(
        "The requester wants no copy", "Only if you offered one and they said no.",
        forms.DeclineForm, "Save", "Saved: a copy was offered and declined.",
    ),
    "close": ActPage(
        "Close the request", "The requester has been told the outcome, and of their right to complain.",
        forms.CloseForm, "Close the request", "The request is closed.", fresh=True, grave=True,
        who=DECIDERS, what="close an access request", ends=True,
    ),
}  # fmt: skip

LOG = ActPage(
    "Log a request for recordings",
    "A request counts from the day it reached anybody at the practice, in any words, spoken or written.",
    forms.LogForm, "Log the request", "",
)  # fmt: skip


def view(request: AccessRequest, case: Case) -> CaseView:
    """Return how a request looks."""
    due = access_due(request.clock, case.today)
    left = f" ({time_left(due, case.today).lower()})" if due and request.clock.paused_since is None else ""
    closed = f"Closed on {words.day(request.closed_on)}." if request.closed_on else ""
    return CaseView(
        title=f"{request.reference}: {request.requester.name}",
        sentence=closed or f"{access_sentence(request.clock, case.today)}{left}.",
        warning="Overdue: answer it now." if request.is_open and is_overdue(due, case.today) else "",
        is_open=request.is_open,
        facts=_facts(request, case),
        history=request.history,
        tasks=[_task(step, request) for step in steps(request)],
        acts=_acts(request) if request.is_open else (),
        papers=_papers(request),
        texts=_texts(request, case),
    )


def row(request: AccessRequest, today: date) -> CaseRowView:
    """Return a request as a line of the list."""
    due = access_due(request.clock, today)
    if not request.is_open:
        return CaseRowView(
            request.reference, request.requester.name, words.day(request.received_on), "Closed",
            forms.ENDINGS[request.ending].split(":")[0] if request.ending else "",
        )  # fmt: skip
    step = next_title([_task(step, request) for step in steps(request)], "Close the request")
    shown = "Waits for proof of identity" if due is None else f"{words.day(due)}, {time_left(due, today)}"
    urgent = is_overdue(due, today) or is_soon(due, today)
    return CaseRowView(request.reference, request.requester.name, words.day(request.received_on), shown, step, urgent)


def _facts(request: AccessRequest, case: Case) -> list[Fact]:
    who, ask = request.requester, request.ask
    found = [Fact("Who asks", who.name), Fact("How to reach them", who.contact)]
    if who.on_behalf_of:
        found.append(Fact("For", f"{who.on_behalf_of}{f' ({who.authority})' if who.authority else ''}"))
    found += [
        Fact("Received", f"{words.day(request.received_on)}: {forms.WAYS[ask.way].lower()}"),
        Fact("They want", forms.WANTS[ask.wanted]),
        Fact("What to look for", ask.looking_for or "Not said"),
        Fact("Logged by", case.names.get(request.logged_by, request.logged_by)),
    ]
    return found


def _texts(request: AccessRequest, case: Case) -> list[tuple[str, str]]:
    """Return what was written down in the steps, with its heading."""
    found: list[tuple[str, str]] = []
    if request.identity:
        found.append(("Identity", f"{request.identity.seen}, seen on {words.day(request.identity.received_on)}"))
    found += [("Question", _question(one, case)) for one in request.clarifications]
    found += [("Search", _search(one, case)) for one in request.searches]
    if request.assessment:
        made = request.assessment
        harm = f"{made.serious_harm} ({made.clinician})" if made.clinician else made.serious_harm
        found += [("Other people", made.third_parties), ("Serious harm", harm), ("Legal advice", made.privilege)]
    if request.authorisation:
        decision = request.authorisation
        who = case.names.get(decision.by, decision.by)
        what = "Answer as assessed" if decision.granted else "Refused"
        found.append(("Decision", f"{what}, by {who}. {decision.why}"))
    found += [("Appointment", _appointment(one)) for one in request.appointments]
    found += [("Copy", _copy(one)) for one in request.copies]
    return [(heading, text) for heading, text in found if text.strip()]


def _question(one: Clarification, case: Case) -> str:
    answered = f"answered {day_month(one.answered_on, case.today)}" if one.answered_on else "no answer yet"
    return f"{one.question} (asked {day_month(one.asked_on, case.today)}, {answered})"


def _search(one: Search, case: Case) -> str:
    found, who = words.counted(len(one.found), "call", "calls"), case.names.get(one.by, one.by)
    return f"{one.looked_for}: {found} found by {who} on {words.day(one.on)}"


def _appointment(one: Appointment) -> str:
    present = f"; present: {', '.join(one.present)}" if one.present else ""
    return f"{words.day_time(one.at)}, {one.room}: {forms.OUTCOMES.get(one.outcome, 'Planned').lower()}{present}"


def _copy(one: Copy) -> str:
    sums = ", ".join(call.sha256 for call in one.calls)
    calls, day = words.counted(len(one.calls), "call", "calls"), words.day(one.on)
    return f"{calls} to {one.to}, {one.means}; passphrase by {one.passphrase_by}; {day}. SHA-256 of the sound: {sums}"


def _task(step: Step, request: AccessRequest) -> Task:
    reachable = request.is_open and step.state is not StepState.WAITING
    done = step.state is StepState.DONE and step.key in ("identity", "close")
    page = _PAGE_OF_STEP[step.key]
    if step.key == "listen" and any(one.outcome is Outcome.PLANNED for one in request.appointments):
        page = "record_appointment"
    if step.key == "redact" and not request.to_redact:
        reachable = False
    href = url_for("requests.act", reference=request.reference, act=page) if reachable and not done else ""
    state = _STATES[step.state] if request.is_open or step.state is StepState.DONE else NOT_NEEDED
    task = Task(step.title, state, step.words if state != NOT_NEEDED or request.is_open else "", href)
    return led(task, ACTS[page]) if page in ACTS else task


def _acts(request: AccessRequest) -> list[tuple[str, str]]:
    wanted, more = [], list[tuple[str, str]]()
    if any(one.outcome is Outcome.PLANNED for one in request.appointments):
        more.append(("Play for the appointment", url_for("hearings.show", reference=request.reference)))
    if request.identity is None and request.identity_asked_on is None:
        wanted.append("ask_identity")
    wanted.append("ask_clarification" if request.clock.paused_since is None else "answer_clarification")
    if request.extension is None:
        wanted.append("extend")
    if request.authorisation and request.copy_declined_on is None:
        wanted.append("decline_copy")
    asked = [act for act in wanted if may_do(ACTS[act])]
    return more + [(ACTS[act].title, url_for("requests.act", reference=request.reference, act=act)) for act in asked]


def _papers(request: AccessRequest) -> list[tuple[str, str]]:
    kinds = {"acknowledgement": "Acknowledgement", "identity": "Asking for proof of identity"}
    if request.clarifications:
        kinds["clarification"] = "Question"
    if request.clock.paused_since is None:
        kinds["extension"] = "More time"
    if request.appointments:
        kinds["appointment"] = "Appointment"
    if request.copies:
        kinds["cover"] = "Cover letter of a copy"
    if request.searches:
        kinds["nothing_found"] = "Nothing found"
    kinds["refusal"] = "Refusal"
    return [(title, url_for("letters.show", reference=request.reference, kind=kind)) for kind, title in kinds.items()]


PAGES = SortPages(
    name="requests", kind=CaseKind.ACCESS, shape=AccessRequest, title="Requests for recordings", one="request",
    log=LOG, acts=ACTS, view=view, row=row,
    special={
        "find": requests_steps.find, "assess": requests_steps.assess, "redact": requests_steps.redact,
        "copy": copies.ask_for,
    },
)  # fmt: skip

blueprint = routes(PAGES, "/requests")


@blueprint.route("/<reference>/cut/<call_id>", methods=["GET", "POST"])
def cut(reference: str, call_id: str) -> requests_steps.Answer:
    """Mark what is cut out of the copy of one call."""
    return requests_steps.cut(PAGES, reference, call_id)
