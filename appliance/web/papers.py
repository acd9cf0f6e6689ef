"""The papers of the practice: drafts filled with what the box knows, to be confirmed and printed."""

from flask import Blueprint, Response, render_template, url_for
from werkzeug.exceptions import NotFound

from appliance.casework.announcements import PlaceState, Register
from appliance.casework.announcements import rows as places
from appliance.casework.duewords import day_month
from appliance.casework.papers.paper import TITLES, TO_CONFIRM, PaperKind, Sheet, paper
from appliance.casework.wordings import Wordings
from appliance.codec import from_json
from appliance.link.messages.cases import CaseKind
from appliance.link.messages.lines import AskLive, Live
from appliance.web.casework import case_of
from appliance.web.letters import practice_values
from appliance.web.parts import ask, today
from appliance.web.printing import sheet_page, sheet_pdf
from appliance.web.visitor import visitor
from appliance.web.words import counted

blueprint = Blueprint("papers", __name__, url_prefix="/papers")


@blueprint.get("")
def show() -> str:
    """List the papers."""
    return render_template("papers.html", titles=TITLES, to_confirm=TO_CONFIRM)


@blueprint.get("/<kind>")
def one(kind: str) -> str:
    """Show one paper."""
    which = _kind(kind)
    return sheet_page(_sheet(which), back=url_for("papers.show"), pdf_href=url_for("papers.one_pdf", kind=which))


@blueprint.get("/<kind>/pdf")
def one_pdf(kind: str) -> Response:
    """Send one paper as PDF."""
    which = _kind(kind)
    return sheet_pdf(_sheet(which), str(which).replace("_", "-"))


def _sheet(which: PaperKind) -> Sheet:
    known = from_json(case_of(CaseKind.LETTERS).body, Wordings)
    register = from_json(case_of(CaseKind.ANNOUNCEMENTS).body, Register)
    wrong = sum(row.state is not PlaceState.GOOD for row in places(register, today()))
    lines = len(ask(AskLive(visitor().token), Live).lines)
    values = {
        **practice_values(known),
        "today": day_month(today()),
        "lines": counted(lines, "line", "lines"),
        "announcements": "all checked" if not wrong else f"{wrong} of 3 to check or put right now",
    }
    return paper(which, values)


def _kind(name: str) -> PaperKind:
    if name not in set(PaperKind):
        raise NotFound
    return PaperKind(name)
