"""What retention will delete next, and what waits for destruction: the last chance to place a hold."""

from flask import Blueprint, render_template

from appliance.link.messages.settings import ExpiringPage, ListExpiring, ListTrash, TrashPage
from appliance.web.parts import ask
from appliance.web.records import page_asked, pages_of
from appliance.web.visitor import visitor

_DAYS = 30
_PER_PAGE = 25
_MOST_WAITING = 100

blueprint = Blueprint("expiring", __name__)


@blueprint.get("/calls/expiring")
def show() -> str:
    """Show both."""
    page, token = page_asked(), visitor().token
    found = ask(ListExpiring(token, _DAYS, page, _PER_PAGE), ExpiringPage)
    trash = ask(ListTrash(token, 1, _MOST_WAITING), TrashPage)
    return render_template(
        "expiring.html", found=found, page=page, pages=pages_of(found.total, _PER_PAGE, page), trash=trash, days=_DAYS
    )  # fmt: skip
