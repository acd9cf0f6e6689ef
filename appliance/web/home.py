"""The first page."""

from flask import Blueprint, render_template

from appliance.link.messages import AskHome, CallQuery, Home
from appliance.model.people import Right
from appliance.web.calls import SearchForm
from appliance.web.parts import ask
from appliance.web.visitor import visitor

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def show() -> str:
    """Show how the lines stand, what there is to do, and the figures, as far as the role goes."""
    who = visitor()
    if not who.person.may(Right.LIST_CALLS):
        return render_template("home.html", figures=None)
    figures = ask(AskHome(who.token), Home)
    return render_template("home.html", figures=figures, search=SearchForm.showing(CallQuery(), ()))
