"""The box's health: the figures of its parts, and its alarms from start to end."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from appliance.clock import ClockQuality
from appliance.errors import NoSuchAlarm
from appliance.link.messages.base import Done
from appliance.link.messages.health import AcknowledgeAlarm, AskHealth, Health
from appliance.web.parts import ask
from appliance.web.visitor import visitor

CLOCKS = {
    ClockQuality.SYNCHRONISED: "Set by the network",
    ClockQuality.RTC: "By the box’s own battery clock",
    ClockQuality.UNSURE: "Not sure: calls are kept longer rather than shorter until it is",
}

blueprint = Blueprint("health", __name__)


@blueprint.get("/settings/health")
def show() -> str:
    """Show how everything stands."""
    told = ask(AskHealth(visitor().token), Health)
    ended = [alarm for alarm in told.alarms if not alarm.stands]
    standing = [alarm for alarm in told.alarms if alarm.stands]
    return render_template("health.html", health=told.snapshot, standing_alarms=standing, ended=ended, clocks=CLOCKS)


@blueprint.post("/attention/<int:number>/seen")
def acknowledge(number: int) -> Response:
    """Write down that somebody has seen to an alarm, and go back to the list of what is wrong."""
    try:
        ask(AcknowledgeAlarm(visitor().token, number), Done)
    except NoSuchAlarm as gone:
        raise NotFound from gone
    flash("Noted that you have seen to it. It stays listed until its reason has gone.")
    return redirect(url_for("attention.show"), 303)
