"""What a person needs to be in the roster: a key pair in a slot, a second factor sealed to those who must read it."""

from dataclasses import dataclass

import msgspec

from appliance.errors import PersonRefused
from appliance.model.people import Person
from appliance.storage.people.passwords import check_password
from appliance.storage.people.roster import Entry, Roster, checked_person
from appliance.storage.people.secondfactor import (
    SecondFactor,
    new_codes,
    open_factor,
    seal_factor,
    second_factor,
)
from appliance.storage.people.slots import Stretch, new_slot
from appliance.storage.people.totp import TotpSecret
from appliance.storage.unsealing import PrivateKey


@dataclass(frozen=True, slots=True)
class Welcome:
    """A new second factor, shown once: to scan, and codes to keep for the day the phone is lost."""

    totp: TotpSecret
    recovery_codes: tuple[str, ...]


def welcome(totp: TotpSecret) -> tuple[Welcome, SecondFactor]:
    """Make recovery codes to go with ``totp``; return what is shown, and what is kept."""
    codes = new_codes()
    return Welcome(totp, codes), second_factor(totp.secret, codes)


def checked_newcomer(roster: Roster, person: Person, password: str) -> Person:
    """Return the person with tidy names.

    Raises:
        PersonRefused: a name is taken or ill-formed, or (PasswordTooWeak) the password is.
    """
    person = checked_person(person)
    if roster.find(person.username) is not None:
        raise PersonRefused("Somebody has that username already. Choose another.")
    check_password(password, (roster.practice, person.username, person.name))
    return person


def joined(roster: Roster, person: Person, password: str, factor: SecondFactor, stretch: Stretch) -> Entry:
    """Return the entry of a new person, with a key pair of their own."""
    key = PrivateKey.generate()
    slot = new_slot(password, key, roster.hardness, stretch)
    entry = Entry(person.username, person.name, person.role, key.seal_to.public, slot, {})
    key.forget()
    return with_factor(roster, entry, factor)


def rekeyed(roster: Roster, entry: Entry, password: str, factor: SecondFactor, stretch: Stretch) -> Entry:
    """Return the entry of somebody with another key pair under another password."""
    fresh = joined(roster, entry.person, password, factor, stretch)
    return msgspec.structs.replace(fresh, last_step=entry.last_step)


def with_factor(roster: Roster, entry: Entry, factor: SecondFactor) -> Entry:
    """Return the entry with another second factor."""
    sealed = seal_factor(factor, entry.username, roster.readers_of_factor(entry))
    return msgspec.structs.replace(entry, factor=sealed)


def resealed_factors(roster: Roster, by: PrivateKey) -> Roster:
    """Return the roster with everybody's second factor sealed to exactly those who must read it now.

    ``by`` is the key of a reader. Where it opens nothing, what is sealed stays as it is.
    """
    for entry in roster.people:
        readers = {key.kid for key in roster.readers_of_factor(entry)}
        factor = open_factor(entry.factor, entry.username, by) if readers != set(entry.factor) else None
        if factor is not None:
            roster = roster.having(with_factor(roster, entry, factor))
    return roster
