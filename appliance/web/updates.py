"""The box's own programs: which version runs, what became of updates, and how one is brought."""

from types import MappingProxyType

from flask import Blueprint, render_template

from appliance.link.messages.updates import AskUpdates, Updates
from appliance.web.parts import ask
from appliance.web.visitor import visitor

UNDER_WAY = frozenset({"checking", "waiting", "installing", "installed", "restarting"})

OUTCOMES = MappingProxyType({"done": "Installed", "refused": "Refused", "rolled back": "Given up"})

blueprint = Blueprint("updates", __name__, url_prefix="/settings/updates")


@blueprint.get("")
def show() -> str:
    """Show how updates stand; the page's script looks again while one is under way."""
    updates = ask(AskUpdates(visitor().token), Updates)
    return render_template("updates.html", updates=updates, under_way=UNDER_WAY, outcomes=OUTCOMES)
