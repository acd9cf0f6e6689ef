"""Signing in and out."""

from datetime import datetime

from appliance.link.messages.base import Message, Signed
from appliance.model.people import Person


class SignIn(Message, frozen=True):
    """-> ``SignedIn``, or SignInRefused / SignInThrottled. ``code`` is six digits or a recovery code."""

    username: str
    password: str
    code: str
    address: str


class SignedIn(Message, frozen=True):
    """A new session."""

    token: bytes
    person: Person


class SignOut(Signed, frozen=True):
    """End the session -> ``Done``. Its keys leave memory."""


class WhoAmI(Signed, frozen=True):
    """Who is this session? -> ``Session`` or NotSignedIn. ``active`` is False for polling, which must not extend it."""

    active: bool = True


class Session(Message, frozen=True):
    """A live session. ``fresh`` while the password was given in the last 10 minutes."""

    person: Person
    practice: str
    since: datetime
    fresh: bool


class ProvePassword(Signed, frozen=True):
    """Give the password again before an act that asks for it -> ``Done`` or SignInRefused / SignInThrottled."""

    password: str


Request = SignIn | SignOut | WhoAmI | ProvePassword

Reply = SignedIn | Session
