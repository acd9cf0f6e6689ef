"""The manager's first steps after signing in: hear the lines, know how long calls are kept, trust the site.

They can be gone through at any time and in any order; recording waits for none of them.
"""

from flask import Blueprint, render_template

from appliance.casework.policy.duties import Duty
from appliance.link.messages.calls import CallPage, CallQuery, ListCalls
from appliance.link.messages.lines import AskLive, Live
from appliance.link.messages.network import AskNetwork, Network
from appliance.link.messages.settings import AskSettings, Settings
from appliance.web import front, words
from appliance.web.lines import sounds
from appliance.web.parts import ask, parts
from appliance.web.quoting import quoted
from appliance.web.visitor import visitor

_NEWEST = 3

blueprint = Blueprint("firststeps", __name__, url_prefix="/first-steps")


@blueprint.get("/lines")
def lines() -> str:
    """Show the lines' meters and the newest calls, for the first test call."""
    token = visitor().token
    newest = ask(ListCalls(token, CallQuery(), per_page=_NEWEST), CallPage).calls
    return render_template("first_lines.html", sounds=sounds(ask(AskLive(token), Live)), newest=newest)


@blueprint.get("/keeping")
def keeping() -> str:
    """Tell how long calls are kept and what happens then."""
    settings = ask(AskSettings(visitor().token), Settings)
    return render_template("first_keeping.html", settings=settings, policy=quoted(Duty.RETENTION))


@blueprint.get("/trust")
def trust() -> str:
    """Help the practice's computers to trust the site."""
    network = ask(AskNetwork(visitor().token), Network)
    return render_template("first_trust.html", network=network, address=front.address(parts().config))


@blueprint.get("/lamps")
def lamps() -> str:
    """Show the card that hangs beside the box, to print."""
    return render_template("lamps.html", lamps=words.LAMPS)
