"""Signing in and out."""

from datetime import datetime

import msgspec

from appliance.link.messages.base import Message, Signed
from appliance.model.people import Person


class SignIn(Message, frozen=True):
    """-> ``SignedIn``, or SignInRefused / SignInThrottled. ``code`` is six digits or a recovery code.

    ``browser`` is shown where sessions are listed ("Firefox on Windows"), and kept nowhere.
    """

    username: str
    password: str
    code: str
    address: str
    browser: str = ""


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


class ListSessions(Signed, frozen=True):
    """-> ``LiveSessions``: one's own, or ``everybody``'s, which needs MANAGE_PEOPLE."""

    everybody: bool = False


class SessionRow(msgspec.Struct, frozen=True):
    """A live session. ``number`` names it; ``this`` is the one that asks."""

    number: int
    person: Person
    address: str
    browser: str
    since: datetime
    active_at: datetime
    this: bool


class LiveSessions(Message, frozen=True):
    """Newest first."""

    sessions: tuple[SessionRow, ...]


class EndSession(Signed, frozen=True):
    """End a session of one's own, or with MANAGE_PEOPLE anybody's -> ``Done``; also when it has ended already."""

    number: int


class EndOtherSessions(Signed, frozen=True):
    """End one's own sessions but the one that asks -> ``Done``. ``everybody``: all others', with MANAGE_PEOPLE."""

    everybody: bool = False


class NoteRefusal(Signed, frozen=True):
    """The site refused somebody a page that their role may not use -> ``Done``. It is written down.

    ``page`` is the page's name in the site's matrix of roles; the same one is written down once a minute at most.
    """

    page: str


Request = NoteRefusal | SignIn | SignOut | WhoAmI | ProvePassword | ListSessions | EndSession | EndOtherSessions

Reply = SignedIn | Session | LiveSessions
