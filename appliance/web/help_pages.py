"""Help: a few sentences for each page, shown below it and all together. The words are in ``help.toml``."""

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, render_template, request

from appliance.model.people import Right
from appliance.web.visitor import visitor

_WORDS = Path(__file__).with_name("help.toml")

blueprint = Blueprint("help_pages", __name__)


@dataclass(frozen=True, slots=True)
class Topic:
    """One page's help. ``pages`` are endpoints, or whole blueprints, that it is shown below."""

    name: str
    title: str
    pages: frozenset[str]
    right: Right
    texts: tuple[str, ...]


@blueprint.get("/help")
def show() -> str:
    """Show all help that the visitor's role has a use for."""
    person = visitor().person
    return render_template("help.html", topics=[topic for topic in topics() if person.may(topic.right)])


def set_up(app: Flask) -> None:
    """Let every page show its own."""
    app.jinja_env.globals["help_for_page"] = help_for_page


def help_for_page() -> Topic | None:
    """Return the help of the page that is asked for; None where there is none."""
    asked, person = {request.endpoint, request.blueprint}, visitor().person
    return next((topic for topic in topics() if asked & topic.pages and person.may(topic.right)), None)


@functools.cache
def topics() -> tuple[Topic, ...]:
    """Return all topics, in order."""
    raw = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    return tuple(
        Topic(one["name"], one["title"], frozenset(one["pages"]), Right(one["right"]), tuple(one["text"].splitlines()))
        for one in raw["topic"]
    )
