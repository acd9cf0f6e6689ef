"""The people of the practice, as those who look after them see and change them."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from appliance.errors import LinekeeperError, PersonRefused
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.sessions import LiveSession
from appliance.link.messages.base import Done, Signed
from appliance.link.messages.people import (
    AddPerson,
    ChangeRole,
    DisablePerson,
    EnablePerson,
    ListPeople,
    People,
    PersonAdded,
    PersonReset,
    RenamePerson,
    ResetPassword,
    ResetSecondFactor,
)
from appliance.link.messages.setup import TotpOffer
from appliance.model.people import Person, Right
from appliance.storage.journalline import Act
from appliance.storage.people import Welcome
from appliance.storage.people.roster import as_username, checked_person

T = TypeVar("T")


class PeopleAnswers:
    """Answers to whoever looks after the others. Who is changed loses every live session before the answer goes out."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {
            ListPeople: self.everyone,
            AddPerson: self.add,
            RenamePerson: self.rename,
            ChangeRole: self.change_role,
            DisablePerson: self.disable,
            EnablePerson: self.enable,
            ResetPassword: self.reset_password,
            ResetSecondFactor: self.reset_second_factor,
        }

    def everyone(self, request: ListPeople) -> People:
        """Return everybody who can sign in, and who cannot any more."""
        self._desk.gate.with_right(request, Right.MANAGE_PEOPLE)
        return People(self._stores.people.everyone(), self._stores.people.disabled())

    def add(self, request: AddPerson) -> PersonAdded:
        """Add somebody."""
        session = self._manager(request)
        person = checked_person(Person(request.username, request.name, request.role))
        welcome = self._written(
            session,
            request,
            Act.PERSON_ADDED,
            person.username,
            lambda: self._stores.people.add(person, request.password, session.opened),
            role=person.role,
        )
        return _added(welcome)

    def rename(self, request: RenamePerson) -> Done:
        """Give somebody another name."""
        session, username = self._manager(request), self._known(request.username).username
        people = self._stores.people
        self._written(
            session,
            request,
            Act.PERSON_RENAMED,
            username,
            lambda: people.rename(username, request.name, session.opened),
        )
        self._desk.sessions.rename(self._known(username))
        return Done()

    def change_role(self, request: ChangeRole) -> Done:
        """Give somebody another role; they sign in anew to have it."""
        session, person = self._manager(request), self._known(request.username)
        self._written(
            session,
            request,
            Act.ROLE_CHANGED,
            person.username,
            lambda: self._stores.people.change_role(person.username, request.role, session.opened),
            before=person.role,
            role=request.role,
        )
        if not replace(person, role=request.role).may(Right.LISTEN_SHARED):
            self._stores.shares.withdraw_all(person.username)
        self._end_sessions(person.username)
        return Done()

    def disable(self, request: DisablePerson) -> Done:
        """Let somebody in no more."""
        session, person = self._manager(request), self._known(request.username)
        self._written(
            session,
            request,
            Act.PERSON_DISABLED,
            person.username,
            lambda: self._stores.people.disable(person.username, session.opened),
        )
        self._stores.shares.withdraw_all(person.username)
        self._end_sessions(person.username)
        return Done()

    def enable(self, request: EnablePerson) -> Done:
        """Let somebody in again."""
        session, username = self._manager(request), as_username(request.username)
        if all(person.username != username for person in self._stores.people.disabled()):
            raise PersonRefused("Nobody of that username has left.")
        people = self._stores.people
        self._written(session, request, Act.PERSON_ENABLED, username, lambda: people.enable(username, session.opened))
        return Done()

    def reset_password(self, request: ResetPassword) -> PersonReset:
        """Give somebody else a new password, and with it a new key; what was shared with them must be shared anew."""
        session, username = self._manager(request), self._other(request, request.username)
        welcome = self._written(
            session,
            request,
            Act.PASSWORD_RESET,
            username,
            lambda: self._stores.people.reset(
                username, request.password, session.opened, renew_factor=request.second_factor
            ),
            second_factor="new" if request.second_factor else "kept",
        )
        self._stores.shares.withdraw_all(username)
        self._end_sessions(username)
        added = _added(welcome) if welcome else None
        return PersonReset(added.totp if added else None, added.recovery_codes if added else ())

    def reset_second_factor(self, request: ResetSecondFactor) -> PersonAdded:
        """Give somebody else a new second factor."""
        session, username = self._manager(request), self._other(request, request.username)
        people = self._stores.people
        welcome = self._written(
            session,
            request,
            Act.FACTOR_RESET,
            username,
            lambda: people.reset_second_factor(username, session.opened),
        )
        self._end_sessions(username)
        return _added(welcome)

    def _manager(self, request: Signed) -> LiveSession:
        return self._desk.gate.freshly(request, Right.MANAGE_PEOPLE)

    def _known(self, username: str) -> Person:
        wanted = as_username(username)
        found = next((person for person in self._stores.people.everyone() if person.username == wanted), None)
        if found is None:
            raise PersonRefused("There is nobody of that username.")
        return found

    def _other(self, request: Signed, username: str) -> str:
        """Return the username of somebody other than who asks: one's own account is changed with its own pages."""
        person = self._known(username)
        if person.username == self._desk.gate.signed_in(request).person.username:
            raise PersonRefused("Change your own password and second factor on the page of your account.")
        return person.username

    def _written(
        self, session: LiveSession, request: Signed, act: Act, account: str, change: Callable[[], T], **more: str
    ) -> T:
        """Write a change down, then make it; a refusal after the journal's line is written down too."""
        who = session.person.username
        self._stores.journal.append(act, who, None, account=account, **more)
        try:
            return change()
        except LinekeeperError:
            self._stores.journal.append(Act.REFUSED, who, request=type(request).__name__, account=account)
            raise

    def _end_sessions(self, username: str) -> None:
        self._desk.end_sessions(lambda live: live.person.username == username)


def _added(welcome: Welcome) -> PersonAdded:
    return PersonAdded(TotpOffer(welcome.totp.secret, welcome.totp.uri), welcome.recovery_codes)
