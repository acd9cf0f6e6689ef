"""What every request passes first: is it for this host, from our own pages, and from somebody who may?"""

import logging

from flask import Flask, redirect, request, url_for
from werkzeug.exceptions import Forbidden, MisdirectedRequest
from werkzeug.wrappers import Response as AnyResponse

from appliance.casework.cases import who as words_for
from appliance.errors import NotAllowed, NotSignedIn
from appliance.link.messages.base import Done
from appliance.link.messages.sessions import NoteRefusal
from appliance.link.messages.setup import AskSetup, SetupState
from appliance.model.people import Role
from appliance.web import front
from appliance.web.access import ANYONE, SETUP
from appliance.web.parts import ask, parts
from appliance.web.visitor import recognise, visitor_or_none

log = logging.getLogger(__name__)

PASSIVE = frozenset({"lines.levels", "live.state", "live.events", "policy.report", "updates.piece"})
"""What a page asks for by itself: it keeps no session alive."""

_SAFE = frozenset({"GET", "HEAD"})


def set_up(app: Flask) -> None:
    """Have every request pass."""
    app.before_request(_own_host)
    app.before_request(_own_pages)
    app.before_request(_may)


def _own_host() -> None:
    """Refuse any other Host: a foreign name that leads here (DNS rebinding) gets nothing."""
    config = parts().config
    port = str(config.web.port)
    if request.host not in {name + tail for name in front.hosts(config) for tail in ("", f":{port}")}:
        raise MisdirectedRequest


def _own_pages() -> None:
    """Refuse a change that another site's page asks for; the form's token is asked for besides."""
    if request.method in _SAFE or request.endpoint == "policy.report":
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = site == "same-origin" if site else origin in (None, f"{request.scheme}://{request.host}")
    if not ours:
        log.warning("a change that another site's page asked for was refused")
        raise Forbidden("This was asked for by another site’s page, so nothing was done.")


def _may() -> AnyResponse | None:
    """Let through whom the matrix names for this route, and nobody else."""
    if request.endpoint is None:
        recognise(active=False)
        return None
    who = parts().access.who(request.endpoint, request.method)
    known = recognise(active=not _by_itself())
    if ANYONE in who or (known is not None and known.person.role in who):
        return None
    if known is not None and SETUP not in who:
        ask(NoteRefusal(known.token, request.endpoint), Done)
        raise NotAllowed(_who_may(who))
    return _signed_out(wants_setup=SETUP in who)


def _who_may(roles: frozenset[str]) -> str:
    named = frozenset(Role(role) for role in roles if role in set(Role))
    return f"Only {words_for(named)} may open this page." if named else "Nobody may do this here."


def _by_itself() -> bool:
    """Return whether the page asks, not the person: a script looks for news. Playing is told apart by the keeper."""
    asked_by_script = request.method in _SAFE and request.headers.get("Sec-Fetch-Dest") == "empty"
    return asked_by_script or request.endpoint in PASSIVE


def _signed_out(*, wants_setup: bool) -> AnyResponse | None:
    """Before set-up everything leads to set-up; after it, set-up leads nowhere and the rest to the sign-in page."""
    done = ask(AskSetup(), SetupState).done
    if wants_setup:
        return redirect(url_for("home.show"), 303) if done else None
    if not done and request.method in _SAFE:
        return redirect(url_for("setup.code"), 303)
    raise NotSignedIn("Sign in first.")


def practice_name() -> str:
    """Return the practice's name for the page's head; empty before set-up."""
    known = visitor_or_none()
    return known.practice if known else ask(AskSetup(), SetupState).practice
