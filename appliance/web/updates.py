"""The box's own programs: which version runs, what became of updates, and how one is brought.

An update is uploaded by the page's script in pieces that are small enough for what any page may send: the site keeps
none of it, and no request is long.
"""

from types import MappingProxyType

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from appliance.errors import UpdateRefused
from appliance.link.messages.updates import UNDER_WAY, AddToUpdate, AskUpdates, BeginUpdate, UpdatePart, Updates
from appliance.web.forms import PageForm
from appliance.web.parts import ask
from appliance.web.visitor import visitor

OUTCOMES = MappingProxyType({"done": "Installed", "refused": "Refused", "rolled back": "Given up"})

_MOST_DIGITS = 12

blueprint = Blueprint("updates", __name__, url_prefix="/settings/updates")


@blueprint.get("")
def show() -> str:
    """Show how updates stand; the page's script looks again while one is under way."""
    updates = ask(AskUpdates(visitor().token), Updates)
    return render_template(
        "updates.html", updates=updates, under_way=UNDER_WAY, outcomes=OUTCOMES, form=PageForm(formdata=None)
    )


@blueprint.post("/begin")
def begin() -> Response:
    """Begin an upload of ``size`` bytes; the answer says under which ``place`` its pieces are to be sent."""
    return _answered(BeginUpdate(visitor().token, _number(request.form.get("size", ""))))


@blueprint.post("/piece")
def piece() -> Response:
    """Take the piece that the body is, from ``at`` on; the answer says from where the next is to be."""
    asked = request.args
    data = request.get_data(cache=False)
    return _answered(AddToUpdate(visitor().token, asked.get("place", ""), _number(asked.get("at", "")), data))


def _answered(asked: BeginUpdate | AddToUpdate) -> Response:
    try:
        part = ask(asked, UpdatePart)
    except UpdateRefused as refusal:
        return make_response(jsonify(text=str(refusal)), 409)
    return jsonify(place=part.place, at=part.at)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
