"""Signing in and out."""

from appliance.errors import JournalRefused, SignInRefused, SignInThrottled
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.sessions import LiveSession
from appliance.link.messages.base import Done
from appliance.link.messages.sessions import ProvePassword, Session, SignedIn, SignIn, SignOut, WhoAmI
from appliance.model.people import Person
from appliance.storage.journalline import BOX, Act
from appliance.storage.people import OpenedPerson

NOBODY = "nobody known"
"""Stands in the journal for a name that nobody has: people type passwords into the wrong box."""


class SessionAnswers:
    """Answers about who is signed in."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {SignIn: self.sign_in, SignOut: self.sign_out, WhoAmI: self.who_am_i, ProvePassword: self.prove}

    def sign_in(self, request: SignIn) -> SignedIn:
        """Let somebody in."""
        try:
            opened = self._stores.people.sign_in(request.username, request.password, request.code, request.address)
        except SignInRefused as refusal:
            self._note_refusal(request.username, request.address, refusal)
            raise
        self._note(opened, request.address)
        return SignedIn(self._desk.sessions.open(opened), opened.person)

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
