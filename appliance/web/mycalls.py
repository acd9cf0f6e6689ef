"""The calls that are shared with a member of staff, and no others."""

from flask import Blueprint, render_template

from appliance.link.messages.calls import CallPage, CallQuery, ListCalls
from appliance.link.messages.shares import ListShares, Shares
from appliance.web.parts import ask
from appliance.web.visitor import visitor

_MOST = 100

blueprint = Blueprint("mycalls", __name__)


@blueprint.get("/my-calls")
def show() -> str:
    """List them, newest first, with who shared each and until when."""
    found = ask(ListCalls(visitor().token, CallQuery(), per_page=_MOST), CallPage).calls
    shares = {share.call_id: share for share in ask(ListShares(visitor().token), Shares).shares}
    shown = [(row, shares[row.call_id]) for row in found if row.call_id in shares]
    return render_template("my_calls.html", shown=shown)
