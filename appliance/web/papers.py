"""The papers of the practice: drafts filled with what the box knows, to be confirmed and printed."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from appliance.casework.announcements import PlaceState, Register
from appliance.casework.announcements import rows as places
from appliance.casework.duewords import day_month
from appliance.casework.papers.paper import TITLES, TO_CONFIRM, PaperKind, Sheet, paper
from appliance.casework.wordings import Wordings
from appliance.codec import from_json, to_json
from appliance.link.messages.cases import CaseDone, CaseKind, DoCase
from appliance.link.messages.lines import AskLive, Live
from appliance.web.casework import case_of
from appliance.web.letter_values import practice_values
from appliance.web.parts import ask, parts, today
from appliance.web.printing import Confirming, sheet_page, sheet_pdf
from appliance.web.visitor import visitor
from appliance.web.words import counted

blueprint = Blueprint("papers", __name__, url_prefix="/papers")


@blueprint.get("")
def show() -> str:
    """List the papers."""
    confirmed = from_json(case_of(CaseKind.LETTERS).body, Wordings).papers
    return render_template("papers.html", titles=TITLES, to_confirm=TO_CONFIRM, confirmed=confirmed)


@blueprint.get("/<kind>")
def one(kind: str) -> str:
    """Show one paper."""
    which, back = _kind(kind), url_for("papers.show")
    pdf_href = url_for("papers.one_pdf", kind=which)
    return sheet_page(_sheet(which), back=back, pdf_href=pdf_href, confirming=_confirming(which))


@blueprint.post("/<kind>/confirm")
def confirm(kind: str) -> AnyResponse:
    """Note that the data protection officer has confirmed a paper, or that it is a draft again."""
    which, confirmed = _kind(kind), request.form.get("confirmed") == "yes"
    given = to_json({"kind": which, "confirmed": confirmed})
    ask(DoCase(visitor().token, CaseKind.LETTERS, "confirm_paper", given), CaseDone)
    flash("Noted: your data protection officer has confirmed this paper." if confirmed else "It is a draft again.")
    return redirect(url_for("papers.one", kind=which), 303)


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
    return paper(which, values, confirmed=which in known.papers)


def _confirming(which: PaperKind) -> Confirming | None:
    if which not in TO_CONFIRM:
        return None
    may = visitor().person.role in parts().access.who("papers.confirm", "POST")
    confirmed_on = from_json(case_of(CaseKind.LETTERS).body, Wordings).papers.get(which)
    return Confirming(confirmed_on, url_for("papers.confirm", kind=which) if may else "")


def _kind(name: str) -> PaperKind:
    if name not in set(PaperKind):
        raise NotFound
    return PaperKind(name)
