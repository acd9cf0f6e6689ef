"""The journal: who did what, and whether it is whole."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from flask import Blueprint, abort, render_template, request
from werkzeug.exceptions import NotFound
from wtforms import IntegerField, StringField
from wtforms.validators import NumberRange, Regexp

from appliance.link.messages.records import (
    AnchorCompared,
    AskAnchor,
    CompareAnchor,
    JournalAnchor,
    JournalPage,
    Kind,
    ReadJournal,
)
from appliance.model.calls import CallId, checked_call_id
from appliance.web.forms import PageForm, needed
from appliance.web.parts import ask
from appliance.web.visitor import visitor

PER_PAGE = 50
_MOST_PAGES = 1_000_000

TABS: Mapping[str, str] = MappingProxyType(
    {
        "": "Everything",
        Kind.LISTENING: "Listening",
        Kind.DELETIONS: "Deletions",
        Kind.HOLDS: "Holds",
        Kind.DISCLOSURES: "Disclosures",
        Kind.SETTINGS: "Settings",
        Kind.PEOPLE: "People",
        Kind.SIGN_INS: "Sign-ins",
    }
)
"""The tabs by the last part of their address."""

blueprint = Blueprint("records", __name__, url_prefix="/records")


class AnchorForm(PageForm):
    """What an earlier print says."""

    number = IntegerField("Entry", [needed("Enter the entry’s number"), NumberRange(0, 10**9, "Enter a number from 0")])
    sum = StringField(
        "Sum",
        [needed("Enter the sum"), Regexp(r"\A[0-9A-Fa-f\s]{64,90}\Z", message="It has 64 digits and letters a to f")],
    )


@blueprint.get("")
def journal() -> str:
    """Show one page of the journal, newest first."""
    return _page(None)


@blueprint.get("/<kind>")
def of_kind(kind: str) -> str:
    """Show one page of one kind of entries."""
    if kind not in set(Kind):
        raise NotFound
    return _page(Kind(kind))


@blueprint.get("/call/<call_id>")
def of_call(call_id: str) -> str:
    """Show what was done with one call."""
    return _page(None, checked_call_id(call_id))


@blueprint.route("/print", methods=["GET", "POST"])
def anchor() -> str | tuple[str, int]:
    """Show what to print, and compare an earlier print with the journal."""
    form = AnchorForm()
    agrees: bool | None = None
    if request.method == "POST" and form.validate():
        typed = "".join(form.sum.data.split()).lower()
        agrees = ask(CompareAnchor(visitor().token, form.number.data, typed), AnchorCompared).agrees
    proof = ask(AskAnchor(visitor().token), JournalAnchor)
    page = render_template("records_print.html", proof=proof, form=form, mistakes=form.mistakes(), agrees=agrees)
    return (page, 422) if form.errors else page


def page_asked() -> int:
    """Return the page of a list that the address asks for.

    Raises:
        NotFound: it is no number of a page.
    """
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _MOST_PAGES):
        abort(404)
    return int(text[:9])


def pages_of(total: int, per_page: int, page: int) -> int:
    """Return how many pages ``total`` makes.

    Raises:
        NotFound: ``page`` is none of them.
    """
    pages = max(1, math.ceil(total / per_page))
    if page > pages:
        raise NotFound
    return pages


def _page(kind: Kind | None, call_id: CallId | None = None) -> str:
    page = page_asked()
    found = ask(ReadJournal(visitor().token, page, PER_PAGE, kind, call_id), JournalPage)
    return render_template(
        "records.html", found=found, page=page, pages=pages_of(found.total, PER_PAGE, page), tabs=TABS,
        kind=kind or "", of_call=call_id,
    )  # fmt: skip
