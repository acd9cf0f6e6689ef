"""Abusive and nuisance calls: flagged by whoever took them, held, and seen to."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from appliance.casework.cases import DECIDERS
from appliance.casework.incidents import Incident, IncidentKind
from appliance.codec import to_json
from appliance.link.messages.cases import Case, CaseDone, CaseKind, LogCase
from appliance.model.calls import checked_call_id
from appliance.model.people import Role
from appliance.web import words
from appliance.web.case_view import DONE, TO_DO, WAITING, CaseRowView, CaseView, Fact, Task, next_title
from appliance.web.casework import REFUSALS, ActPage, SortPages, form_page, led, routes
from appliance.web.casework_fields import ActForm, DayBoxes, choice, options, tick
from appliance.web.casework_fields import words as area
from appliance.web.parts import ask, today
from appliance.web.requests_forms import HOLDS_AFTER
from appliance.web.visitor import visitor

KINDS = {
    IncidentKind.ABUSE: "Abuse",
    IncidentKind.THREAT: "Threat",
    IncidentKind.DISCRIMINATION: "Discrimination",
    IncidentKind.NUISANCE: "Nuisance call",
}


class FlagForm(ActForm):
    """What happened in a call."""

    kind = choice("What sort of call was it?", options(KINDS), "Select what sort of call it was")
    happened_on = DayBoxes("Day of the call")
    note = area("What happened?", "Enter what happened in the call")
    hold = tick("Keep the recording until this is dealt with")


class SupportForm(ActForm):
    """What was offered to the member of staff."""

    words = area("Which support was offered?", "Enter which support was offered", "Such as a talk, a break, time off")


class HoldForm(ActForm):
    """Nothing but the button."""


class CloseForm(ActForm):
    """What was done about it."""

    outcome = area(
        "What was done about the call?", "Enter what was done", "A warning letter, the police, nothing and why"
    )
    holds_after = choice("What becomes of the hold?", options(HOLDS_AFTER), "Select what becomes of the hold")


ACTS = {
    "support": ActPage(
        "Support for the member of staff", "Ask how they are before you do anything else.",
        SupportForm, "Save", "The support is noted.",
    ),
    "hold": ActPage(
        "Hold the recording", "It is kept until this is closed.", HoldForm, "Hold it", "The recording is held."
    ),
    "close": ActPage(
        "Close", "Once support was offered.", CloseForm, "Close", "It is closed.", fresh=True, grave=True,
        who=DECIDERS, what="close an incident", ends=True,
    ),
}  # fmt: skip

FLAG = ActPage(
    "Flag an abusive or nuisance call", "Whoever took the call may do this. Senior staff see it and get in touch.",
    FlagForm, "Flag the call", "",
)  # fmt: skip


def view(one: Incident, case: Case) -> CaseView:
    """Return how an incident looks."""
    tasks = _tasks(one)
    flagged = one.history[0]
    acts = [("Hold the recording", url_for("incidents.act", reference=one.reference, act="hold"))]
    return CaseView(
        title=f"{one.reference}: {KINDS[one.kind].lower()}",
        sentence=_sentence(one, tasks),
        is_open=one.is_open,
        facts=[
            Fact("What happened", one.note),
            Fact("Day of the call", words.day(one.received_on)),
            Fact("Flagged by", case.names.get(flagged.by, flagged.by)),
        ],
        history=one.history,
        tasks=tasks,
        acts=acts if one.is_open and not one.calls else (),
        texts=[(name, text) for name, text in (("Support", one.support), ("Outcome", one.outcome)) if text],
    )


def row(one: Incident, _today: date) -> CaseRowView:
    """Return an incident as a line of the list."""
    step = next_title(_tasks(one), "Closed")
    held = "Held" if one.calls and one.is_open else "Not held"
    return CaseRowView(one.reference, KINDS[one.kind], words.day(one.received_on), held, step)


def _sentence(one: Incident, tasks: Sequence[Task]) -> str:
    return f"Closed on {words.day(one.closed_on)}." if one.closed_on else f"Next: {next_title(tasks).lower()}."


def _tasks(one: Incident) -> list[Task]:
    supported = bool(one.support)
    return [
        _task(one, "support", DONE if supported else TO_DO),
        _task(one, "close", DONE if not one.is_open else TO_DO if supported else WAITING),
    ]


def _task(one: Incident, act: str, state: str) -> Task:
    leads = one.is_open and state != WAITING
    href = url_for("incidents.act", reference=one.reference, act=act) if leads else ""
    return led(Task(ACTS[act].title, state, "", href), ACTS[act])


PAGES = SortPages(
    name="incidents", kind=CaseKind.INCIDENT, shape=Incident, title="Abusive calls", one="abusive call",
    log=FLAG, acts=ACTS, view=view, row=row, columns=("Kind", "Day of the call", "Recording", "Next step"),
)  # fmt: skip

blueprint: Blueprint = routes(PAGES, "/incidents", with_log=False)


@blueprint.route("/flag/<call_id>", methods=["GET", "POST"])
def flag(call_id: str) -> Response | str | tuple[str, int]:
    """Flag one call."""
    wanted = checked_call_id(call_id)
    form = FlagForm(data={"happened_on": _day_of(wanted), "hold": True})
    back = url_for("call.show", call_id=wanted)
    if request.method != "POST" or not form.validate():
        return form_page(PAGES, FLAG, form, back=back)
    given: dict[str, Any] = {**form.told(), "call_id": wanted}
    try:
        done = ask(LogCase(visitor().token, CaseKind.INCIDENT, to_json(given)), CaseDone)
    except REFUSALS as wrong:
        return form_page(PAGES, FLAG, form, back=back, wrong=wrong)
    flash(f"{done.reference} is flagged. Senior staff see it now.")
    if visitor().person.role is Role.STAFF:
        return redirect(url_for("home.show"), 303)
    return redirect(url_for("incidents.case", reference=done.reference), 303)


def _day_of(call_id: str) -> date:
    return min(date.fromisoformat(call_id[:10]), today())
