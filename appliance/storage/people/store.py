"""The people of the practice: found, added, changed, and let in; and what of the keys follows them."""

from pathlib import Path

import msgspec

from appliance.clock import Clock
from appliance.errors import NotAllowed, PersonRefused, SheetMistyped
from appliance.files import REAL_DISK, Disk
from appliance.model.people import Person, Role
from appliance.storage.keyring import Keyring
from appliance.storage.people.changes import Changes
from appliance.storage.people.door import Door
from appliance.storage.people.founding import Applicant, Founding, checked_practice, found
from appliance.storage.people.joining import (
    Welcome,
    checked_newcomer,
    joined,
    rekeyed,
    welcome,
    with_factor,
)
from appliance.storage.people.opened import OpenedPerson
from appliance.storage.people.ownaccount import OwnAccount
from appliance.storage.people.passwords import check_password
from appliance.storage.people.register import Register
from appliance.storage.people.roster import Entry, Roster, as_username, checked_person
from appliance.storage.people.secondfactor import SecondFactor, open_factor
from appliance.storage.people.slots import Hardness, Stretch, argon2id, calibrate
from appliance.storage.people.throttle import Throttle
from appliance.storage.people.totp import new_totp
from appliance.storage.recovery import parse_sheet
from appliance.storage.sealing import SealTo
from appliance.storage.unsealing import PrivateKey


class People:
    """Everybody who can sign in. Safe to call from several threads."""

    def __init__(
        self,
        vault: Path,
        keyring: Keyring,
        clock: Clock,
        disk: Disk = REAL_DISK,
        hardness: Hardness | None = None,
        stretch: Stretch = argon2id,
    ) -> None:
        """Read them from ``vault`` and finish what a power cut left undone.

        ``hardness`` of the passwords is measured on this machine at set-up, unless given.

        Raises:
            SealBroken: ``people.json`` or the keyring is damaged.
        """
        self._keyring, self._clock, self._hardness, self._stretch = keyring, clock, hardness, stretch
        self._register = Register(vault / "people.json", disk)
        throttle = Throttle(vault / "tries.json", clock, disk)
        self._door = Door(self._register, throttle, clock, stretch, hardness or Hardness())
        self._changes = Changes(self._register, keyring)
        self.own = OwnAccount(self._register, self._door, clock, stretch)
        if self._register.founded:
            self._changes.mend()

    # --- reading ----------------------------------------------------------------------------------------------------

    def is_founded(self) -> bool:
        """Return whether set-up has been done."""
        return self._register.founded

    def practice(self) -> str:
        """Return the practice's name; empty before set-up."""
        return self._register.roster.practice if self._register.founded else ""

    def everyone(self) -> tuple[Person, ...]:
        """Return everybody who can sign in."""
        return tuple(entry.person for entry in self._entries() if not entry.disabled)

    def disabled(self) -> tuple[Person, ...]:
        """Return everybody who cannot any more."""
        return tuple(entry.person for entry in self._entries() if entry.disabled)

    def seal_to(self, username: str) -> SealTo:
        """Return somebody's public key, to share a recording with them.

        Raises:
            PersonRefused: nobody of that name can sign in.
        """
        return self._active(username).seal_to

    # --- letting in -------------------------------------------------------------------------------------------------

    def sign_in(self, username: str, password: str, code: str, address: str) -> OpenedPerson:
        """Let somebody in; as ``Door.sign_in``."""
        return self._door.sign_in(username, password, code, address)

    def prove(self, username: str, password: str, address: str = "") -> None:
        """Check the password of somebody signed in; as ``Door.prove``."""
        self._door.prove(username, password, address).forget()

    # --- changes ----------------------------------------------------------------------------------------------------

    def found(
        self, practice: str, name: str, username: str, password: str, totp_secret: str, totp_code: str
    ) -> Founding:
        """Set the box up: its manager, the recovery sheet, the first grants. Nothing is kept if any part is refused.

        Raises:
            SetupRefused: a part cannot be used, or it has been done; PasswordTooWeak, PersonRefused among them.
        """
        with self._register.changing():
            applicant = Applicant(practice, name, username, password, totp_secret, totp_code)
            hardness = self._hardness or calibrate()
            return found(applicant, self._register, self._keyring, self._clock, hardness, self._stretch)

    def set_practice(self, practice: str, by: OpenedPerson) -> None:
        """Give the practice another name.

        Raises:
            SetupRefused: it cannot be one.
            NotAllowed: ``by`` is not, or no longer, a manager.
        """
        practice = checked_practice(practice)
        with self._register.changing():
            self._register.keep(msgspec.structs.replace(self._managed(by), practice=practice))

    def add(self, person: Person, password: str, by: OpenedPerson) -> Welcome:
        """Add somebody with a first password, and grant them what their role entitles them to.

        Raises:
            PersonRefused: a name is taken or ill-formed, or (PasswordTooWeak) the password is.
            NotAllowed: ``by`` is not, or no longer, a manager.
        """
        with self._register.changing():
            roster = self._managed(by)
            person = checked_newcomer(roster, person, password)
            shown, factor = welcome(new_totp(person.username, roster.practice))
            self._changes.change(joined(roster, person, password, factor, self._stretch), by.key)
            return shown

    def rename(self, username: str, name: str, by: OpenedPerson) -> None:
        """Give somebody another name; what they type stays.

        Raises:
            PersonRefused: there is no such person, or that is no name.
            NotAllowed: ``by`` is not, or no longer, a manager.
        """
        with self._register.changing():
            roster, entry = self._managed(by), self._active(username)
            name = checked_person(Person(entry.username, name, entry.role)).name
            self._register.keep(roster.having(msgspec.structs.replace(entry, name=name)))

    def reset(self, username: str, password: str, by: OpenedPerson, *, renew_factor: bool = False) -> Welcome | None:
        """Give somebody a new password and with it a new key; a new second factor only if that is asked for.

        What had been shared with them was sealed to the old key and must be shared again.

        Raises:
            PersonRefused: there is no such person, or (PasswordTooWeak) the password is.
            NotAllowed: ``by`` is not, or no longer, a manager.
        """
        with self._register.changing():
            roster = self._managed(by)
            entry = self._active(username)
            if renew_factor:
                shown, factor = welcome(new_totp(entry.username, roster.practice))
                self._rekey(msgspec.structs.replace(entry, last_step=-1), password, factor, by.key)
                return shown
            kept = open_factor(entry.factor, entry.username, by.key)
            if kept is None:
                raise PersonRefused("Their second factor cannot be read. Give them a new one too.")
            self._rekey(entry, password, kept, by.key)
            return None

    def reset_second_factor(self, username: str, by: OpenedPerson) -> Welcome:
        """Give somebody a new second factor; their password stays as it is.

        Raises:
            PersonRefused: there is no such person.
            NotAllowed: ``by`` is not, or no longer, a manager.
        """
        with self._register.changing():
            roster = self._managed(by)
            entry = self._active(username)
            shown, factor = welcome(new_totp(entry.username, roster.practice))
            entry = msgspec.structs.replace(with_factor(roster, entry, factor), last_step=-1)
            self._register.keep(roster.having(entry))
            return shown

    def change_role(self, username: str, role: Role, by: OpenedPerson) -> None:
        """Give somebody another role, and the keys that go with it, or take those away.

        Raises:
            PersonRefused: there is no such person, or no manager would be left.
            NotAllowed: ``by`` is not, or no longer, a manager.
        """
        with self._register.changing():
            self._managed(by)
            self._changes.change(msgspec.structs.replace(self._active(username), role=role), by.key)

    def disable(self, username: str, by: OpenedPerson) -> None:
        """Let somebody in no more: their grants go, and the next calls are sealed to a key they never had.

        Raises:
            PersonRefused: there is no such person, or no manager would be left.
            NotAllowed: ``by`` is not, or no longer, a manager.
        """
        with self._register.changing():
            self._managed(by)
            self._changes.change(msgspec.structs.replace(self._active(username), disabled=True), by.key)

    def enable(self, username: str, by: OpenedPerson) -> None:
        """Let somebody in again, with the password and second factor they had, and grant what their role entitles to.

        Raises:
            PersonRefused: there is no such person.
            NotAllowed: ``by`` is not, or no longer, a manager.
        """
        with self._register.changing():
            entry = self._managed(by).find(as_username(username))
            if entry is None:
                raise _nobody()
            self._changes.change(msgspec.structs.replace(entry, disabled=False), by.key)

    def rescue(self, sheet: str, username: str, password: str, address: str = "") -> Welcome:
        """Let a manager in again who lost password or phone, with the recovery sheet.

        Raises:
            SheetMistyped: the sheet does not add up, or is not this box's.
            PersonRefused: there is no such manager, or (PasswordTooWeak) the password is.
            SignInThrottled: it is too early to try again.
        """
        with self._door.rescuing(address), parse_sheet(sheet) as key, self._register.changing():
            roster, entry = self._register.roster, self._active(username)
            if key.seal_to.public != roster.recovery:
                raise SheetMistyped("This recovery sheet is another box's.")
            if not entry.manager:
                raise PersonRefused("The recovery sheet lets a manager in; a manager lets in everybody else.")
            shown, factor = welcome(new_totp(entry.username, roster.practice))
            self._rekey(entry, password, factor, key)
            return shown

    def rotate_if_due(self) -> SealTo | None:
        """Have the recorder seal to a new key once a month has begun; needs nobody signed in. Return the new key.

        Raises:
            OSError: the disk failed; the old key stays.
        """
        with self._register.changing():
            if not self._register.founded or not self._keyring.rotation_due():
                return None
            return self._keyring.rotate(self._register.roster.recipients())

    def _rekey(self, entry: Entry, password: str, factor: SecondFactor, by: PrivateKey) -> None:
        self._check_password(entry, password)
        self._changes.change(rekeyed(self._register.roster, entry, password, factor, self._stretch), by)

    def _managed(self, by: OpenedPerson) -> Roster:
        """Return the roster to somebody who may change it: a manager now, with the key that is theirs now."""
        entry = self._register.active(by.person.username)
        if entry is None or not entry.manager or entry.public != by.key.seal_to.public:
            raise NotAllowed("Only a manager may do this.")
        return self._register.roster

    def _active(self, username: str) -> Entry:
        entry = self._register.active(as_username(username))
        if entry is None:
            raise _nobody()
        return entry

    def _entries(self) -> tuple[Entry, ...]:
        return self._register.roster.people if self._register.founded else ()

    def _check_password(self, entry: Entry, password: str) -> None:
        check_password(password, (self._register.roster.practice, entry.username, entry.name))


def _nobody() -> PersonRefused:
    return PersonRefused("There is nobody of that username.")
