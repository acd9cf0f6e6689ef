"""Who is signed in: sessions live here and nowhere else, beside the keys they open with.

See docs/decisions/0001-sessions-live-in-the-keeper.md. Of a token only the SHA-256 is kept, so that not even this
process's memory gives one away that would be taken.
"""

import hashlib
import itertools
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from appliance.clock import Clock
from appliance.errors import NotSignedIn
from appliance.model.calls import CallId
from appliance.model.people import Person, Purpose, Right
from appliance.storage.people import OpenedPerson

IDLE_S = 15 * 60
"""Without activity a session ends; polling is none."""

LONGEST_S = 8 * 3600
"""However active, a session ends: a working day."""

FRESH_S = 10 * 60
"""How long a password given counts as given just now."""

_TOKEN = 32


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody signed in: the browser's address, and what it calls itself."""

    address: str = ""
    browser: str = ""


NOWHERE = Origin()


@dataclass(slots=True, eq=False, weakref_slot=True)
class LiveSession:
    """One person at one browser. ``number`` names it to people; times in seconds are the monotonic clock's."""

    number: int
    opened: OpenedPerson
    origin: Origin
    since: datetime
    began_s: float
    active_s: float
    proved_s: float
    purposes: dict[CallId, Purpose] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        """Whose session it is."""
        return self.opened.person

    def over(self, now_s: float) -> bool:
        """Return whether it has ended by idleness or age."""
        return now_s - self.active_s >= IDLE_S or now_s - self.began_s >= LONGEST_S

    def fresh(self, now_s: float) -> bool:
        """Return whether the password was given in the last ten minutes."""
        return now_s - self.proved_s < FRESH_S


class Sessions:
    """All live sessions. Safe to use from several threads."""

    def __init__(self, clock: Clock) -> None:
        """Nobody is signed in."""
        self._clock = clock
        self._lock = threading.Lock()
        self._live: dict[bytes, LiveSession] = {}
        self._numbers = itertools.count(1)

    def open(self, opened: OpenedPerson, origin: Origin = NOWHERE) -> bytes:
        """Begin a session; return its token."""
        token, now_s = secrets.token_bytes(_TOKEN), self._clock.monotonic()
        with self._lock:
            number = next(self._numbers)
            session = LiveSession(number, opened, origin, self._clock.now().at, now_s, now_s, now_s)
            self._live[_kept(token)] = session
        return token

    def find(self, token: bytes, active: bool = True) -> LiveSession:
        """Return the session of a token; ``active`` keeps it from idling out.

        Raises:
            NotSignedIn: there is none, or not any more.
        """
        now_s = self._clock.monotonic()
        with self._lock:
            session = self._live.get(_kept(token))
            if session is None or session.over(now_s):
                raise NotSignedIn("You are signed out. Sign in again; nothing was lost.")
            if active:
                session.active_s = now_s
            return session

    def prove(self, token: bytes) -> None:
        """The password was given again just now."""
        self.find(token).proved_s = self._clock.monotonic()

    def close(self, token: bytes) -> LiveSession:
        """End a session; its key leaves memory.

        Raises:
            NotSignedIn: there is none.
        """
        with self._lock:
            session = self._live.pop(_kept(token), None)
        if session is None:
            raise NotSignedIn("You are signed out already.")
        session.opened.forget()
        return session

    def expire(self) -> list[LiveSession]:
        """End every session whose time is over, and return them."""
        now_s = self._clock.monotonic()
        return self.end(lambda session: session.over(now_s))

    def live(self) -> list[LiveSession]:
        """Return the sessions whose time is not over, newest first."""
        now_s = self._clock.monotonic()
        with self._lock:
            found = [session for session in self._live.values() if not session.over(now_s)]
        return sorted(found, key=lambda session: session.number, reverse=True)

    def end(self, which: Callable[[LiveSession], bool]) -> list[LiveSession]:
        """End the sessions that ``which`` says, and return them; their keys leave memory."""
        with self._lock:
            ended = {key: session for key, session in self._live.items() if which(session)}
            self._live = {key: session for key, session in self._live.items() if key not in ended}
        for session in ended.values():
            session.opened.forget()
        return list(ended.values())

    def end_all(self) -> list[LiveSession]:
        """End every session: the keeper stops."""
        return self.end(lambda _: True)

    def rename(self, person: Person) -> None:
        """Somebody has another name now; their sessions go on."""
        with self._lock:
            for session in self._live.values():
                if session.person.username == person.username:
                    session.opened = replace(session.opened, person=person)

    def entitled(self) -> LiveSession | None:
        """Return a session of somebody who may list calls, if there is one whose time is not over."""
        now_s = self._clock.monotonic()
        with self._lock:
            live = (session for session in self._live.values() if not session.over(now_s))
            return next((session for session in live if session.person.may(Right.LIST_CALLS)), None)

    def count(self) -> int:
        """Return how many there are."""
        with self._lock:
            return len(self._live)


def _kept(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
