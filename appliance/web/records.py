"""The journal: who did what, and whether it is whole."""

import math

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from appliance.link.messages.records import JournalPage, ReadJournal
from appliance.web.parts import ask
from appliance.web.visitor import visitor

PER_PAGE = 50
_MOST_PAGES = 1_000_000

blueprint = Blueprint("records", __name__)


@blueprint.get("/records")
def journal() -> str:
    """Show one page of the journal, newest first."""
    number = request.args.get("page", "1")
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= _MOST_PAGES):
        raise NotFound
    page = int(number[:9])
    found = ask(ReadJournal(visitor().token, page, PER_PAGE), JournalPage)
    pages = max(1, math.ceil(found.total / PER_PAGE))
    if page > pages:
        raise NotFound
    return render_template("records.html", found=found, page=page, pages=pages)
