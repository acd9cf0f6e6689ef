"""The people of the practice."""

from appliance.errors import LinekeeperError
from appliance.keeper.desk import Desk, Handlers
from appliance.link.messages.people import AddPerson, ListPeople, People, PersonAdded
from appliance.link.messages.setup import TotpOffer
from appliance.model.people import Person, Right
from appliance.storage.journalline import Act
from appliance.storage.people.roster import checked_person


class PeopleAnswers:
    """Answers to whoever looks after the others."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {ListPeople: self.everyone, AddPerson: self.add}

    def everyone(self, request: ListPeople) -> People:
        """Return everybody who can sign in."""
        self._desk.gate.with_right(request, Right.MANAGE_PEOPLE)
        return People(self._stores.people.everyone())

    def add(self, request: AddPerson) -> PersonAdded:
        """Add somebody; a refusal after the journal's line is written down too."""
        session = self._desk.gate.freshly(request, Right.MANAGE_PEOPLE)
        person = checked_person(Person(request.username, request.name, request.role))
        who, account = session.person.username, person.username
        self._stores.journal.append(Act.PERSON_ADDED, who, account=account, role=person.role)
        try:
            welcome = self._stores.people.add(person, request.password, session.opened)
        except LinekeeperError:
            self._stores.journal.append(Act.REFUSED, who, request=type(request).__name__, account=account)
            raise
        return PersonAdded(TotpOffer(welcome.totp.secret, welcome.totp.uri), welcome.recovery_codes)
