"""The way to everything that is set up once and looked at now and then."""

from dataclasses import dataclass

from flask import Blueprint, render_template

from appliance.model.people import Right
from appliance.web.visitor import visitor

blueprint = Blueprint("settings", __name__)


@dataclass(frozen=True, slots=True)
class Part:
    """One page of the settings."""

    text: str
    href: str
    hint: str
    right: Right


_PARTS = (
    Part(
        "Keeping recordings",
        "/settings/retention",
        "How long, what happens then, and a change that needs two people",
        Right.RELEASE_HOLD,
    ),
    Part("Lines", "/lines", "What each line sounds like, and what is wrong with its wiring", Right.SEE_LINES),
    Part("People", "/people", "Who may sign in, and what each may do", Right.MANAGE_PEOPLE),
    Part("Practice", "/settings/practice", "Its name and address on pages, letters and papers", Right.CHANGE_SETTINGS),
    Part("Health", "/settings/health", "Disk, clock, temperature, and what was wrong lately", Right.SEE_HEALTH),
    Part("Backup", "/settings/backup", "When the last copy was made, and making one now", Right.SEE_HEALTH),
    Part("Updates", "/settings/updates", "Which version runs, and bringing a newer one", Right.SEE_HEALTH),
    Part(
        "Network and certificate",
        "/settings/network",
        "The site’s address, and how computers come to trust it",
        Right.SEE_HEALTH,
    ),
    Part(
        "First steps", "/first-steps/lines", "Test call, keeping, computers, card of the lamps", Right.CHANGE_SETTINGS
    ),
)


@blueprint.get("/settings")
def show() -> str:
    """List the pages that the visitor's role may see."""
    person = visitor().person
    return render_template("settings.html", settings_parts=[part for part in _PARTS if person.may(part.right)])
