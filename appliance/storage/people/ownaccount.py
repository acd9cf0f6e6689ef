"""What people change of their own account: password, second factor, recovery codes."""

import msgspec

from appliance.clock import Clock
from appliance.errors import NotAllowed, PersonRefused
from appliance.storage.people.door import Door
from appliance.storage.people.joining import with_factor
from appliance.storage.people.opened import OpenedPerson
from appliance.storage.people.passwords import check_password
from appliance.storage.people.register import Register
from appliance.storage.people.roster import Entry
from appliance.storage.people.secondfactor import new_codes, open_factor, second_factor
from appliance.storage.people.slots import Stretch, new_slot
from appliance.storage.people.totp import TotpSecret, new_totp, proved_step


class OwnAccount:
    """Changes that need nobody else. Safe to call from several threads."""

    def __init__(self, register: Register, door: Door, clock: Clock, stretch: Stretch) -> None:
        """Change ``register``; passwords are checked at ``door``."""
        self._register, self._door, self._clock, self._stretch = register, door, clock, stretch

    def change_password(self, username: str, current: str, new: str, address: str = "") -> None:
        """Rewrap somebody's key under another password; nothing else changes.

        Raises:
            SignInRefused: the current password is wrong.
            PasswordTooWeak: the new one is.
        """
        with self._door.prove(username, current, address) as key, self._register.changing():
            roster, entry = self._register.roster, self._entry(username, key.seal_to.public)
            check_password(new, (roster.practice, entry.username, entry.name))
            slot = new_slot(new, key, roster.hardness, self._stretch)
            self._register.keep(roster.having(msgspec.structs.replace(entry, slot=slot)))

    def offer_second_factor(self, person: OpenedPerson) -> TotpSecret:
        """Make a second factor to scan; nothing is kept before ``take_second_factor``."""
        return new_totp(person.person.username, self._register.roster.practice)

    def take_second_factor(self, person: OpenedPerson, secret: str, code: str) -> tuple[str, ...]:
        """Put a new second factor in the place of the old, proved by a code of it; return new recovery codes.

        Raises:
            PersonRefused: the code is not one of it.
            NotAllowed: the account was changed meanwhile.
        """
        with self._register.changing():
            roster, entry = self._register.roster, self._own(person)
            step = proved_step(secret, code, self._clock.now().at)
            if step is None:
                raise PersonRefused(
                    "The six-digit code is not right, so the old phone still counts. Wait for the next code; if that "
                    "fails too, compare the time on the phone with the box's."
                )
            codes = new_codes()
            entry = msgspec.structs.replace(with_factor(roster, entry, second_factor(secret, codes)), last_step=step)
            self._register.keep(roster.having(entry))
            return codes

    def renew_codes(self, person: OpenedPerson) -> tuple[str, ...]:
        """Make recovery codes anew; the old ones are good no more. The phone stays.

        Raises:
            PersonRefused: the second factor does not open.
            NotAllowed: the account was changed meanwhile.
        """
        with self._register.changing():
            roster, entry = self._register.roster, self._own(person)
            factor = open_factor(entry.factor, entry.username, person.key)
            if factor is None:
                raise PersonRefused("Your second factor cannot be read. Have a manager give you a new one.")
            codes = new_codes()
            self._register.keep(roster.having(with_factor(roster, entry, second_factor(factor.totp, codes))))
            return codes

    def _own(self, person: OpenedPerson) -> Entry:
        return self._entry(person.person.username, person.key.seal_to.public)

    def _entry(self, username: str, public: bytes) -> Entry:
        entry = self._register.active(username)
        if entry is None or entry.public != public:
            raise NotAllowed("Your account was changed meanwhile. Sign in again.")
        return entry
