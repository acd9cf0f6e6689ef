"""The first page."""

from flask import Blueprint, render_template

from appliance.link.messages.backup import AskBackup, BackupState
from appliance.link.messages.calls import CallPage, CallQuery, ListCalls
from appliance.link.messages.cases import Agenda, AskAgenda
from appliance.link.messages.lines import AskHome, Home
from appliance.link.messages.shares import ListShares, Shares
from appliance.model.people import Right
from appliance.web.calls import SearchForm
from appliance.web.parts import ask, today
from appliance.web.visitor import visitor

_LATEST = 3

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def show() -> str:
    """Show how the lines stand, what there is to do, and the figures, as far as the role goes."""
    who = visitor()
    if not who.person.may(Right.LIST_CALLS):
        shared = len(ask(ListShares(who.token), Shares).shares) if who.person.may(Right.LISTEN_SHARED) else 0
        return render_template("home.html", figures=None, shared=shared)
    figures = ask(AskHome(who.token), Home)
    latest = ask(ListCalls(who.token, CallQuery(), per_page=_LATEST), CallPage).calls
    return render_template(
        "home.html",
        figures=figures, agenda=ask(AskAgenda(who.token), Agenda), latest=latest, today=today(),
        search=SearchForm.showing(CallQuery()), backup_at=ask(AskBackup(who.token), BackupState).last_at,
    )  # fmt: skip
