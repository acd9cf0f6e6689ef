"""The door: passwords and codes checked so that a refusal tells nothing and guessing is slow.

Every try that is looked at costs exactly one Argon2id, whoever it names, and a wrong password goes the whole way with
a throwaway key. So neither words nor time say what was wrong.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from appliance.clock import Clock
from appliance.errors import SignInRefused
from appliance.storage.people.opened import OpenedPerson
from appliance.storage.people.passwords import LONGEST
from appliance.storage.people.register import Register
from appliance.storage.people.roster import Entry, as_username
from appliance.storage.people.secondfactor import SecondFactor, open_factor, seal_factor
from appliance.storage.people.slots import Hardness, Stretch, decoy_slot, open_slot
from appliance.storage.people.throttle import Throttle
from appliance.storage.unsealing import PrivateKey

_LONGEST_CODE = 64
_RESCUE = "recovery sheet"  # a space: nobody's username
_NOBODYS = SecondFactor("A" * 32, ())


class Door:
    """Lets people in."""

    def __init__(
        self, register: Register, throttle: Throttle, clock: Clock, stretch: Stretch, hardness: Hardness
    ) -> None:
        """Check against ``register``; ``hardness`` is what a try costs before set-up."""
        self._register, self._throttle, self._clock, self._stretch = register, throttle, clock, stretch
        self._hardness = hardness
        self._one_at_a_time = threading.Lock()  # 64 MiB each: a burst of tries must not take the machine's memory

    def sign_in(self, username: str, password: str, code: str, address: str) -> OpenedPerson:
        """Check a name, a password and a code (six digits, or a recovery code, which is then spent).

        Raises:
            SignInRefused: one of them is wrong; which, is not told.
            SignInThrottled: it is too early to try again.
        """
        username = as_username(username)
        self._throttle.charge(username, address)
        key = self._opened(username, password)
        entry = self._coded(username, key or PrivateKey.generate(), code)
        if key is None or entry is None:
            raise _refused()
        self._throttle.take_back(username, address)
        return OpenedPerson(entry.person, key)

    def prove(self, username: str, password: str, address: str = "") -> PrivateKey:
        """Check the password of somebody who is signed in already; return their key, to be forgotten after use.

        Raises:
            SignInRefused: it is wrong.
            SignInThrottled: it is too early to try again.
        """
        username = as_username(username)
        self._throttle.charge(username, address)
        key = self._opened(username, password)
        if key is None:
            raise _refused()
        self._throttle.take_back(username, address)
        return key

    @contextmanager
    def rescuing(self, address: str) -> Iterator[None]:
        """Count a try of the recovery sheet, which is taken back if what is done in it is not refused.

        Raises:
            SignInThrottled: it is too early to try again.
        """
        self._throttle.charge(_RESCUE, address)
        yield
        self._throttle.take_back(_RESCUE, address)

    def _opened(self, username: str, password: str) -> PrivateKey | None:
        if len(password) > LONGEST:  # nobody's; and hashing a novel is work that an attacker gives away
            return None
        entry = self._register.active(username)
        hardness = self._register.roster.hardness if self._register.founded else self._hardness
        slot = entry.slot if entry else decoy_slot(hardness)
        with self._one_at_a_time:
            return open_slot(password, slot, self._stretch)

    def _coded(self, username: str, key: PrivateKey, code: str) -> Entry | None:
        """Check the code and keep that it was used; return whose it is."""
        with self._register.changing():
            entry = self._register.active(username)
            factor = open_factor(entry.factor if entry else {}, username, key)
            after = entry.last_step if entry else -1
            accepted = (factor or _NOBODYS).accept(code[:_LONGEST_CODE], self._clock.now().at, after)
            if entry is None or factor is None or accepted is None:
                return None
            roster = self._register.roster
            if accepted.factor != factor:
                sealed = seal_factor(accepted.factor, username, roster.readers_of_factor(entry))
                entry = msgspec.structs.replace(entry, factor=sealed)
            entry = msgspec.structs.replace(entry, last_step=accepted.step)
            self._register.keep(roster.having(entry))
            return entry


def _refused() -> SignInRefused:
    return SignInRefused("Check your username, password and code.")
