"""Who may sign in."""

from appliance.link.messages.base import Message, Signed
from appliance.link.messages.setup import TotpOffer
from appliance.model.people import Person, Role


class ListPeople(Signed, frozen=True):
    """-> ``People``. Needs MANAGE_PEOPLE."""


class People(Message, frozen=True):
    """Everybody who can sign in."""

    people: tuple[Person, ...]


class AddPerson(Signed, frozen=True):
    """Add somebody, with a first password -> ``PersonAdded``. Needs MANAGE_PEOPLE and a fresh sign-in."""

    username: str
    name: str
    role: Role
    password: str


class PersonAdded(Message, frozen=True):
    """What the new person needs, shown once."""

    totp: TotpOffer
    recovery_codes: tuple[str, ...]


Request = ListPeople | AddPerson

Reply = People | PersonAdded
