"""The register of how callers are told that calls are recorded: message, leaflet, website, each looked at quarterly.

Beside it stands what the recorder itself plays on each line, as it says: nobody needs to look there.
"""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.casework.announcements import PLACE_WORDS, Register, rows
from appliance.codec import from_json, to_json
from appliance.link.messages.announcing import Announcing, AnnouncingLine, AskAnnouncing
from appliance.link.messages.cases import CaseDone, CaseKind, DoCase
from appliance.web import words
from appliance.web.casework import REFUSALS, case_of
from appliance.web.casework_fields import ActForm, DayBoxes, choice, line, options, yes_no
from appliance.web.casework_fields import words as area
from appliance.web.parts import ask, today
from appliance.web.visitor import visitor

_TO_WHOM = {"incoming": "each caller, once a call is answered", "every": "everybody, at the beginning of each call"}

blueprint = Blueprint("announcements", __name__, url_prefix="/announcements")


class CheckForm(ActForm):
    """One look at one place."""

    place = choice("What did you look at?", options(PLACE_WORDS), "Select what you looked at")
    where = line("Which one exactly?", "Enter what you looked at",
                 "The number you called, the leaflet’s date, the page’s address")  # fmt: skip
    says_recorded = yes_no("Does it say that calls are recorded?", "Select whether it says so")
    says_purpose = yes_no("Does it say what for?", "Select whether it says what for")
    checked_on = DayBoxes("Day you looked")
    note = area("If something is wrong: what, and who puts it right?", most=500)


@blueprint.get("")
def show() -> str:
    """Show how each place stands, and every check."""
    case = case_of(CaseKind.ANNOUNCEMENTS)
    register = from_json(case.body, Register)
    announcing = ask(AskAnnouncing(visitor().token), Announcing)
    return render_template(
        "announcements.html", rows=rows(register, case.today), checks=register.checks[::-1], named=PLACE_WORDS,
        names=case.names, lines=[(line, told_on(line)) for line in announcing.lines],
        message=announcing.words if any(_plays_shipped(line) for line in announcing.lines) else "",
    )  # fmt: skip


def told_on(line: AnnouncingLine) -> str:
    """Return what a line's callers are told by the recorder, and when one last was."""
    if line.announce == "never":
        said = ["Plays no message"]
    else:
        message = "the practice’s own message" if line.own else "the message below"
        at = f"last heard to its end {words.day_time(line.played_at)}" if line.played_at else "not heard yet"
        since = "" if line.played_at else " since the recorder started"
        said = [f"Plays {message} to {_TO_WHOM[line.announce]}", at + since]
    if line.beep_every_s:
        said.append(f"a beep every {line.beep_every_s} seconds")
    return "; ".join(said) + "."


def _plays_shipped(line: AnnouncingLine) -> bool:
    return line.announce != "never" and not line.own


@blueprint.route("/check", methods=["GET", "POST"])
def check() -> Response | str | tuple[str, int]:
    """Write a check down."""
    case, wrong = case_of(CaseKind.ANNOUNCEMENTS), None
    form = CheckForm(data={"checked_on": today(), "place": request.args.get("place", "")})
    if request.method == "POST" and form.validate():
        try:
            ask(DoCase(visitor().token, case.reference, "check", to_json(form.told()), case.version), CaseDone)
        except REFUSALS as refused:
            wrong = refused
        else:
            flash("The check is written down.")
            return redirect(url_for("announcements.show"), 303)
    mistakes = [{"text": str(wrong)}] if wrong else form.mistakes()
    body = render_template(
        "plain_form.html", form=form, mistakes=mistakes, title="Check what callers are told", button="Save the check",
        lead="Call the practice from outside, take a leaflet, open the website: then write down what you found.",
        back=url_for("announcements.show"),
    )  # fmt: skip
    return (body, 422) if mistakes else body
