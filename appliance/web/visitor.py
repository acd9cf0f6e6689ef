"""Who is looking: the session's token in its cookie, and what the keeper says of it. The site keeps no session."""

import base64
import binascii
from dataclasses import dataclass

from flask import g, request
from werkzeug.wrappers import Response

from appliance.errors import FreshSignInNeeded, NotSignedIn
from appliance.link.messages.sessions import Session, WhoAmI
from appliance.model.people import Person
from appliance.web.parts import ask

COOKIE = "__Host-session"
"""Browsers take a ``__Host-`` cookie only over TLS or from loopback, for the whole site and no other host."""

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in. ``fresh`` while the password was given in the last 10 minutes."""

    token: bytes
    person: Person
    practice: str
    fresh: bool


def recognise(*, active: bool) -> Visitor | None:
    """Ask the keeper who sends this request, and remember it for the request; None for nobody.

    ``active`` is False for what a page does by itself, which must not keep a session alive.
    """
    g.visitor = _asked(active=active)
    return visitor_or_none()


def visitor_or_none() -> Visitor | None:
    """Return who sends this request, None for nobody."""
    known: Visitor | None = g.get("visitor")
    return known


def visitor() -> Visitor:
    """Return who sends this request.

    Raises:
        NotSignedIn: nobody who is signed in.
    """
    known = visitor_or_none()
    if known is None:
        raise NotSignedIn("Sign in first.")
    return known


def fresh_visitor() -> Visitor:
    """Return who sends this request, for an act that asks for the password again where it was not given lately.

    Raises:
        FreshSignInNeeded: it was not. The answer to that leads to the question and back.
    """
    known = visitor()
    if not known.fresh:
        raise FreshSignInNeeded("Give your password again to do this.")
    return known


def token_sent() -> bytes | None:
    """Return the token that the browser sent; None for none, or for what cannot be one."""
    try:
        token = base64.b64decode(request.cookies.get(COOKIE, ""), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return token if len(token) == TOKEN_BYTES else None


def set_cookie(response: Response, token: bytes) -> None:
    """Give the browser its session; it forgets it when it is closed."""
    text = base64.urlsafe_b64encode(token).decode("ascii")
    response.set_cookie(COOKIE, text, path="/", secure=True, httponly=True, samesite="Strict")


def clear_cookie(response: Response) -> None:
    """Make the browser forget its session."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")


def _asked(*, active: bool) -> Visitor | None:
    token = token_sent()
    if token is None:
        return None
    try:
        session = ask(WhoAmI(token, active=active), Session)
    except NotSignedIn:
        return None
    return Visitor(token, session.person, session.practice, session.fresh)
