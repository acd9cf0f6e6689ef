"""From one call to a case: add it to one that is open, or begin one with it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from appliance.codec import from_json, to_json
from appliance.link.messages.call import Call, GetCall
from appliance.link.messages.cases import CaseDone, CaseKind, CaseList, DoCase, ListCases
from appliance.model.calls import CallId, checked_call_id
from appliance.web import complaints, police, requests, words
from appliance.web.casework import REFUSALS, SortPages, log
from appliance.web.parts import ask
from appliance.web.visitor import visitor

_SORTS: dict[str, SortPages] = {
    "requests": requests.PAGES,
    "complaints": complaints.PAGES,
    "police": police.PAGES,
}
_MOST = 100

blueprint = Blueprint("casecalls", __name__, url_prefix="/calls/<call_id>")


@blueprint.get("/case")
def choose(call_id: str) -> str:
    """Show the open cases that the call can be added to."""
    call = ask(GetCall(visitor().token, checked_call_id(call_id)), Call)
    return _page(call, [])


@blueprint.post("/case")
def add(call_id: str) -> Response | tuple[str, int]:
    """Add the call to a case."""
    wanted, reference = checked_call_id(call_id), request.form.get("reference", "")
    call = ask(GetCall(visitor().token, wanted), Call)
    name = next((name for name, pages in _SORTS.items() if reference in _open(pages.kind)), "")
    if not name:
        raise BadRequest
    act, given = _adding(name, wanted, call)
    try:
        ask(DoCase(visitor().token, reference, act, to_json(given)), CaseDone)
    except REFUSALS as wrong:
        return _page(call, [{"text": str(wrong)}]), 409
    flash(f"The call is added to {reference} and on hold.")
    return redirect(url_for(f"{name}.case", reference=reference), 303)


@blueprint.route("/complaint", methods=["GET", "POST"])
def complain(call_id: str) -> Response | str | tuple[str, int]:
    """Log a complaint about the call."""
    return log(complaints.PAGES, checked_call_id(call_id))


@blueprint.route("/police", methods=["GET", "POST"])
def disclose(call_id: str) -> Response | str | tuple[str, int]:
    """Enter a request of a body for the call."""
    return log(police.PAGES, checked_call_id(call_id))


def _page(call: Call, mistakes: list[dict[str, str]]) -> str:
    shown = {pages.title: _open(pages.kind) for pages in _SORTS.values()}
    return render_template("case_choose.html", call=call, row=call.row, shown=shown, mistakes=mistakes)


def _open(kind: CaseKind) -> dict[str, str]:
    """Return the open cases of a kind: their references, and who they are about."""
    pages = next(one for one in _SORTS.values() if one.kind is kind)
    found = ask(ListCases(visitor().token, kind, 1, _MOST), CaseList)
    records: list[Any] = [from_json(body, pages.shape) for body in found.bodies]
    return {one.reference: pages.row(one, found.today).who for one in records if one.is_open}


def _adding(name: str, call_id: CallId, call: Call) -> tuple[str, dict[str, Any]]:
    if name == "requests":
        looked = f"The call of {words.day_time(call.row.started_at)}, chosen by hand"
        return "record_search", {"looked_for": looked, "found": [call_id]}
    return "add_calls", {"calls": [call_id]}
