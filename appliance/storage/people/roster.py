"""Who can sign in, as it rests in the vault (``people.json``): names, roles, key slots and sealed second factors."""

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from appliance.errors import PersonRefused
from appliance.files import REAL_DISK, Disk
from appliance.model.people import RIGHTS, Person, Right, Role
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.people.slots import Hardness, Slot
from appliance.storage.sealing import SealTo

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_LONGEST_NAME = 100


class Entry(msgspec.Struct, frozen=True):
    """One person. ``public`` is their key; ``factor`` their second factor, sealed for several readers.

    ``last_step`` is the last one-time password's step, ``disabled`` when they cannot sign in any more.
    """

    username: str
    name: str
    role: Role
    public: bytes
    slot: Slot
    factor: dict[str, bytes]
    last_step: int = -1
    disabled: bool = False

    @property
    def person(self) -> Person:
        """The person as everybody else knows them."""
        return Person(self.username, self.name, self.role)

    @property
    def seal_to(self) -> SealTo:
        """Their public key."""
        return SealTo(self.public)

    @property
    def entitled(self) -> bool:
        """Whether recordings are granted to them."""
        return not self.disabled and Right.LISTEN in RIGHTS[self.role]

    @property
    def manager(self) -> bool:
        """Whether they look after the others."""
        return not self.disabled and Right.MANAGE_PEOPLE in RIGHTS[self.role]


class Roster(msgspec.Struct, frozen=True):
    """Everybody, and what they have in common.

    ``recovery`` is the public half of the key on the recovery sheet. ``revoked`` names keys whose grants must go and
    perhaps are not gone yet: a power cut may come between.
    """

    practice: str
    recovery: bytes
    hardness: Hardness
    people: tuple[Entry, ...]
    revoked: tuple[str, ...] = ()

    def find(self, username: str) -> Entry | None:
        """Return somebody by name, disabled or not."""
        return next((entry for entry in self.people if entry.username == username), None)

    def having(self, entry: Entry) -> "Roster":
        """Return the roster with ``entry`` added, or in the place of the same person's old one."""
        if self.find(entry.username) is None:
            return msgspec.structs.replace(self, people=(*self.people, entry))
        people = tuple(entry if old.username == entry.username else old for old in self.people)
        return msgspec.structs.replace(self, people=people)

    def revoking(self, kids: Iterable[str]) -> "Roster":
        """Return the roster with the grants of ``kids`` to be taken away."""
        return msgspec.structs.replace(self, revoked=tuple(kids))

    @property
    def managers(self) -> tuple[Entry, ...]:
        """Who looks after the others."""
        return tuple(entry for entry in self.people if entry.manager)

    def readers_of_factor(self, entry: Entry) -> tuple[SealTo, ...]:
        """Whom a person's second factor is sealed to: themselves, every manager and the recovery sheet."""
        keys = (entry.seal_to, SealTo(self.recovery), *(manager.seal_to for manager in self.managers))
        return tuple({key.kid: key for key in keys}.values())

    def recipients(self) -> tuple[SealTo, ...]:
        """Whom recording keys are granted to: the recovery sheet and everybody entitled."""
        return (SealTo(self.recovery), *(entry.seal_to for entry in self.people if entry.entitled))


def read_roster(path: Path) -> Roster | None:
    """Read everybody; None before set-up.

    Raises:
        SealBroken: the file is damaged.
    """
    return read_checked(path, Roster)


def write_roster(path: Path, roster: Roster, disk: Disk = REAL_DISK) -> None:
    """Keep everybody; durable when this returns.

    Raises:
        OSError: the disk failed; nothing changed.
    """
    write_checked(path, roster, disk)


def checked_person(person: Person) -> Person:
    """Return the person with tidy names.

    Raises:
        PersonRefused: a name has not the form of one.
    """
    username, name = as_username(person.username), person.name.strip()
    if not _USERNAME.fullmatch(username):
        raise PersonRefused("A username is 2 to 32 letters (a to z), digits, dots, hyphens or underscores.")
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise PersonRefused(f"Give the person's name, in at most {_LONGEST_NAME} characters.")
    return Person(username, name, person.role)


def as_username(text: str) -> str:
    """Return what somebody typed as the username it would be."""
    return text.strip().lower()
