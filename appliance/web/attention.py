"""What is wrong and what to do about it; who has seen to it; and the two answers that only the manager may give."""

from datetime import date
from types import MappingProxyType

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import NumberRange

from appliance.link.messages.base import Done
from appliance.link.messages.health import AskHealth, Health
from appliance.link.messages.holds import AllowDeletions, ConfirmClock
from appliance.link.messages.lines import AskLive, Live
from appliance.web import live
from appliance.web.forms import PageForm, needed
from appliance.web.parts import ask, today
from appliance.web.visitor import fresh_visitor, visitor

ABOUT_THE_CLOCK = frozenset({"clock-ahead", "clock-back"})
ABOUT_DELETIONS = "deletions"
"""Keys of the alarms that wait for an answer (``ConfirmClock``, ``AllowDeletions``)."""

_MOST = 1_000_000

_ADVICE = MappingProxyType(
    {
        "clock": "Check that the box’s network cable is plugged in at both ends: it gets the time from there.",
        "disk": "Recording goes on until the disk is full. Call support about a larger one.",
        "spool": "Keep the box on.",
    }
)
"""What staff can do themselves, by the alarm's key; most alarms' own text says it."""

blueprint = Blueprint("attention", __name__, url_prefix="/attention")


class DeletionsForm(PageForm):
    """How many recordings may go: typed, so that nobody lets go of more than they have read."""

    count = IntegerField(
        "How many recordings may be deleted?",
        [needed("Enter how many may be deleted"), NumberRange(1, _MOST, "Enter a number from 1")],
    )


@blueprint.get("")
def show() -> str:
    """List what is wrong."""
    return _page(DeletionsForm(formdata=None))


@blueprint.post("/clock")
def confirm_clock() -> Response:
    """Take the manager's word for the date that the page showed."""
    ask(ConfirmClock(fresh_visitor().token, _shown(request.form.get("today", ""))), Done)
    flash("The date is confirmed. Recordings are kept and deleted by it again.")
    return redirect(url_for("attention.show"), 303)


@blueprint.post("/deletions")
def allow_deletions() -> Response | tuple[str, int]:
    """Let the next sweep delete so many."""
    form = DeletionsForm()
    if not form.validate():
        return _page(form), 422
    ask(AllowDeletions(fresh_visitor().token, form.count.data), Done)
    flash("Agreed. They are deleted within the hour; calls on hold stay.")
    return redirect(url_for("attention.show"), 303)


def _page(form: DeletionsForm) -> str:
    now = ask(AskLive(visitor().token), Live)
    told = ask(AskHealth(visitor().token), Health)
    return render_template(
        "attention.html",
        form=form,
        mistakes=form.mistakes(),
        alarms=[alarm for alarm in told.alarms if alarm.stands],
        contact_problem=live.contact_problem(now),
        advice=_ADVICE,
        clock_keys=ABOUT_THE_CLOCK,
        deletions_key=ABOUT_DELETIONS,
        today=today(),
    )


def _shown(text: str) -> date:
    """Return the date that the page showed; the keeper refuses any but its own today."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
