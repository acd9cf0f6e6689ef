"""Signing in and out."""

from collections.abc import Callable
from datetime import timedelta

from appliance.errors import JournalRefused, SignInRefused, SignInThrottled
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.sessions import LiveSession, Origin
from appliance.link.messages.base import Done, Signed
from appliance.link.messages.sessions import (
    EndOtherSessions,
    EndSession,
    ListSessions,
    LiveSessions,
    ProvePassword,
    Session,
    SessionRow,
    SignedIn,
    SignIn,
    SignOut,
    WhoAmI,
)
from appliance.model.people import Person, Right
from appliance.storage.journalline import BOX, Act
from appliance.storage.people import OpenedPerson

NOBODY = "nobody known"
"""Stands in the journal for a name that nobody has: people type passwords into the wrong box."""

LONGEST_BROWSER = 100
"""Characters of what a browser calls itself."""


class SessionAnswers:
    """Answers about who is signed in."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {
            SignIn: self.sign_in,
            SignOut: self.sign_out,
            WhoAmI: self.who_am_i,
            ProvePassword: self.prove,
            ListSessions: self.every,
            EndSession: self.end,
            EndOtherSessions: self.end_others,
        }

    def sign_in(self, request: SignIn) -> SignedIn:
        """Let somebody in."""
        try:
            opened = self._stores.people.sign_in(request.username, request.password, request.code, request.address)
        except SignInRefused as refusal:
            self._note_refusal(request.username, request.address, refusal)
            raise
        self._note(opened, request.address)
        origin = Origin(request.address, request.browser[:LONGEST_BROWSER])
        return SignedIn(self._desk.sessions.open(opened, origin), opened.person)

    def sign_out(self, request: SignOut) -> Done:
        """End a session; that its end could not be written down does not keep it open."""
        session = self._desk.sessions.close(request.token)
        self._desk.tidy()
        self._stores.journal.append(Act.SIGNED_OUT, session.person.username)
        return Done()

    def who_am_i(self, request: WhoAmI) -> Session:
        """Return whose session it is."""
        session = self._desk.gate.signed_in(request, request.active)
        return self._shown(session)

    def prove(self, request: ProvePassword) -> Done:
        """Check the password again."""
        session = self._desk.gate.signed_in(request)
        try:
            self._stores.people.prove(session.person.username, request.password)
        except SignInRefused as refusal:
            self._note_refusal(session.person.username, "", refusal)
            raise
        self._desk.sessions.prove(request.token)
        return Done()

    def every(self, request: ListSessions) -> LiveSessions:
        """Return one's own sessions, or everybody's to whoever looks after them."""
        asking = self._asking(request, everybody=request.everybody)
        return LiveSessions(
            tuple(
                self._row(session, asking)
                for session in self._desk.sessions.live()
                if request.everybody or session.person.username == asking.person.username
            )
        )

    def end(self, request: EndSession) -> Done:
        """End one session; another's only by whoever looks after people. One that has ended is no error."""
        session = self._desk.gate.signed_in(request)
        found = [live for live in self._desk.sessions.live() if live.number == request.number]
        if any(live.person.username != session.person.username for live in found):
            session = self._desk.gate.with_right(request, Right.MANAGE_PEOPLE)
        self._end(session, lambda live: live in found)
        return Done()

    def end_others(self, request: EndOtherSessions) -> Done:
        """End all one's sessions but this one, or everybody's."""
        session = self._asking(request, everybody=request.everybody)
        who = session.person.username
        self._end(session, lambda live: live is not session and (request.everybody or live.person.username == who))
        return Done()

    def _asking(self, request: Signed, *, everybody: bool) -> LiveSession:
        gate = self._desk.gate
        return gate.with_right(request, Right.MANAGE_PEOPLE) if everybody else gate.signed_in(request)

    def _end(self, by: LiveSession, which: Callable[[LiveSession], bool]) -> None:
        """End sessions; that this could not be written down keeps none of them open."""
        who = by.person.username
        for session in self._desk.end_sessions(which):
            self._stores.journal.append(Act.SESSION_ENDED, who, account=session.person.username)

    def _row(self, session: LiveSession, asking: LiveSession) -> SessionRow:
        idle = timedelta(seconds=self._desk.clock.monotonic() - session.active_s)
        return SessionRow(
            number=session.number,
            person=session.person,
            address=session.origin.address,
            browser=session.origin.browser,
            since=session.since,
            active_at=self._desk.clock.now().at - idle,
            this=session is asking,
        )

    def _shown(self, session: LiveSession) -> Session:
        fresh = session.fresh(self._desk.clock.monotonic())
        return Session(session.person, self._stores.people.practice(), session.since, fresh)

    def _note(self, opened: OpenedPerson, address: str) -> None:
        try:
            self._stores.journal.append(Act.SIGNED_IN, opened.person.username, address=address)
        except JournalRefused:
            opened.forget()
            raise

    def _note_refusal(self, username: str, address: str, refusal: SignInRefused) -> None:
        if isinstance(refusal, SignInThrottled):
            return  # the tries that led to it are written down
        known = (person.username for person in self._stores.people.everyone() if _is(person, username))
        who = next(known, NOBODY)
        self._stores.journal.append(Act.SIGN_IN_REFUSED, BOX, account=who, address=address)


def _is(person: Person, typed: str) -> bool:
    return person.username == typed.strip().lower()
