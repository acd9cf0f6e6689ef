"""Slowing down whoever guesses: each failure of an account or an address makes the next try wait longer.

A try is charged before it is looked at and the charge taken back when it was right, so that many tries at once gain
nothing. Waiting is counted on the clock that no network can set; a restart of the machine begins the wait again.
"""

import hashlib
import math
import threading
from pathlib import Path

import msgspec

from appliance.clock import Clock
from appliance.errors import SealBroken, SignInThrottled
from appliance.files import REAL_DISK, Disk
from appliance.storage.checkedfile import read_checked, write_checked

ACCOUNT_FREE, ADDRESS_FREE = 5, 20
"""Failures before the first wait."""

FIRST_WAIT_S, LONGEST_WAIT_S = 300, 3600
FORGOTTEN_AFTER_S = 24 * 3600
MOST_KEPT = 2000
"""Accounts and addresses remembered; the least troublesome are dropped first."""


class _Tries(msgspec.Struct, frozen=True):
    failures: int
    since_s: float


class _Kept(msgspec.Struct, frozen=True):
    boot_id: str
    tries: dict[str, _Tries]


class Throttle:
    """Remembers failed tries, across restarts too; by hashes, since people type passwords where names belong."""

    def __init__(self, path: Path, clock: Clock, disk: Disk = REAL_DISK) -> None:
        """Read what was kept at ``path``. A damaged file is begun anew: it must not lock everybody out."""
        self._path, self._clock, self._disk = path, clock, disk
        self._lock = threading.Lock()
        try:
            kept = read_checked(path, _Kept)
        except SealBroken:
            kept = None
        self._tries = dict(kept.tries) if kept else {}
        if kept and kept.boot_id != clock.boot_id():
            now = clock.monotonic()
            self._tries = {key: _Tries(tries.failures, now) for key, tries in self._tries.items()}

    def charge(self, username: str, address: str) -> None:
        """Count a try as failed, before it is looked at. ``address`` is empty for who is signed in already.

        Raises:
            SignInThrottled: it is too early; this try is not counted and must not be looked at.
        """
        with self._lock:
            wait = max(self._wait_s(key, free) for key, free in _keys(username, address))
            if wait > 0:
                raise SignInThrottled("Too many tries. Wait before you try again.", wait)
            for key, _ in _keys(username, address):
                self._tries[key] = _Tries(self._failures(key) + 1, self._clock.monotonic())
            self._keep()

    def take_back(self, username: str, address: str) -> None:
        """The try was right: forget the account's failures, and give the address this one back."""
        with self._lock:
            for key, free in _keys(username, address):
                left = self._failures(key) - 1 if free == ADDRESS_FREE else 0
                if left > 0:
                    self._tries[key] = _Tries(left, self._tries[key].since_s)
                else:
                    self._tries.pop(key, None)
            self._keep()

    def _failures(self, key: str) -> int:
        tries = self._tries.get(key)
        if tries is None or self._clock.monotonic() - tries.since_s > FORGOTTEN_AFTER_S:
            return 0
        return tries.failures

    def _wait_s(self, key: str, free: int) -> int:
        over = self._failures(key) - free
        if over < 0:
            return 0
        wait = min(FIRST_WAIT_S << min(over, 10), LONGEST_WAIT_S)
        return max(0, math.ceil(wait - (self._clock.monotonic() - self._tries[key].since_s)))

    def _keep(self) -> None:
        if len(self._tries) > MOST_KEPT:
            worst = sorted(self._tries.items(), key=lambda item: (item[1].failures, item[1].since_s), reverse=True)
            self._tries = dict(worst[:MOST_KEPT])
        write_checked(self._path, _Kept(self._clock.boot_id(), self._tries), self._disk)


def _keys(username: str, address: str) -> tuple[tuple[str, int], ...]:
    account = (_key("account", username), ACCOUNT_FREE)
    return (account, (_key("address", address), ADDRESS_FREE)) if address else (account,)


def _key(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
