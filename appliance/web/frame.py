"""What stands around every page: the head with the practice and the person, the navigation, the lines' state."""

from dataclasses import dataclass

from flask import Flask, g, request

from appliance.link.messages.lines import AskLive, Live
from appliance.model.people import Right
from appliance.web import live
from appliance.web.gate import practice_name
from appliance.web.parts import ask
from appliance.web.visitor import visitor, visitor_or_none


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation."""

    text: str
    href: str
    current: bool


_SETTINGS = (
    "settings", "lines", "people", "person", "health", "backup", "updates", "network", "attention", "retention",
    "practice", "firststeps",
)  # fmt: skip

_CASES = ("requests", "complaints", "police", "incidents", "copies", "casecalls", "hearings")

_PLACES: tuple[tuple[str, str, tuple[str, ...], Right], ...] = (
    ("Home", "/", ("home",), Right.SEE_LINES),
    ("Calls", "/calls", ("calls", "call", "holds", "labels", "shares", "expiring"), Right.LIST_CALLS),
    ("Requests", "/requests", _CASES, Right.LIST_CALLS),
    ("Training", "/training", ("training",), Right.LISTEN_SHARED),
    ("Papers", "/papers", ("papers", "letters", "announcements", "policy_page", "reports"), Right.LIST_CALLS),
    ("Records", "/records", ("records",), Right.READ_JOURNAL),
    ("Settings", "/settings", _SETTINGS, Right.SEE_HEALTH),
)


_MY_CALLS = ("My calls", "/my-calls", ("mycalls", "call"), Right.LISTEN_SHARED)
"""For those who hear only what is shared with them; the others find it among all calls."""


def set_up(app: Flask) -> None:
    """Give the templates what the frame shows."""
    app.jinja_env.globals.update(
        visitor=visitor_or_none, practice_name=practice_name, places=places, standing=standing, may=may
    )  # fmt: skip


def places() -> list[Place]:
    """Return where the visitor's role leads."""
    person = visitor().person
    own = person.may(Right.LISTEN_SHARED) and not person.may(Right.LISTEN)
    shown = (_PLACES[0], _MY_CALLS, *_PLACES[1:]) if own else _PLACES
    return [
        Place(text, href, request.blueprint in blueprints)
        for text, href, blueprints, right in shown
        if person.may(right)
    ]


def standing() -> live.Standing:
    """Return how the lines stand now."""
    return live.described(lines_now())


def lines_now() -> Live:
    """Return the lines' state, asked for once for each page."""
    if "lines_now" not in g:
        g.lines_now = ask(AskLive(visitor().token), Live)
    found: Live = g.lines_now
    return found


def may(right: str) -> bool:
    """Return whether the visitor has a right of ``appliance.model.people``, by its name."""
    return visitor().person.may(Right(right))
