"""Shares: one recording for one member of staff until a date. Their data key is sealed to the person, and no other."""

import threading
from datetime import datetime
from pathlib import Path

import msgspec

from appliance.clock import Clock
from appliance.errors import NoSuchCall
from appliance.files import REAL_DISK, Disk
from appliance.model.calls import CallId
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.sealing import SealTo
from appliance.storage.unsealing import PrivateKey


class Share(msgspec.Struct, frozen=True):
    """One share. ``data_key`` is sealed to the person, bound to the call and to ``until``."""

    call_id: CallId
    username: str
    by: str
    at: datetime
    until: datetime
    data_key: bytes


class Shares:
    """All shares, in ``shares.json`` of the vault. Safe to call from several threads."""

    def __init__(self, vault: Path, clock: Clock, disk: Disk = REAL_DISK) -> None:
        """Read them.

        Raises:
            SealBroken: the file is damaged.
        """
        self._path, self._clock, self._disk = vault / "shares.json", clock, disk
        self._lock = threading.RLock()
        self._all = read_checked(self._path, tuple[Share, ...]) or ()

    def share(self, call_id: CallId, data_key: bytes, to: SealTo, username: str, by: str, until: datetime) -> Share:
        """Share a recording; a share of the same call with the same person is replaced.

        Raises:
            OSError: the disk failed; nothing was shared.
        """
        sealed = to.seal(_info(call_id, username, until), data_key)
        share = Share(call_id, username, by, self._clock.now().at, until, sealed)
        with self._lock:
            self._keep((*self._without(call_id, username), share))
        return share

    def shared_with(self, username: str) -> tuple[Share, ...]:
        """Return a person's shares that have not run out, oldest first."""
        now = self._clock.now().at
        return tuple(share for share in self._all if share.username == username and share.until > now)

    def open(self, call_id: CallId, username: str, key: PrivateKey) -> bytes:
        """Return the data key of a recording that is shared with a person.

        Raises:
            NoSuchCall: it is not, or not any more.
            SealBroken: the share was changed, or was made for a key the person has no more.
            VaultLocked: the key was forgotten.
        """
        share = next((share for share in self.shared_with(username) if share.call_id == call_id), None)
        if share is None:
            raise NoSuchCall("There is no such call.")
        return key.unseal(_info(call_id, username, share.until), share.data_key)

    def withdraw(self, call_id: CallId, username: str | None = None) -> None:
        """Take back a share, or all of a recording's."""
        with self._lock:
            self._keep(self._without(call_id, username))

    def withdraw_all(self, username: str) -> None:
        """Take back all that was shared with a person."""
        with self._lock:
            self._keep(tuple(share for share in self._all if share.username != username))

    def drop_ended(self) -> None:
        """Forget shares that have run out."""
        now = self._clock.now().at
        with self._lock:
            self._keep(tuple(share for share in self._all if share.until > now))

    def _without(self, call_id: CallId, username: str | None) -> tuple[Share, ...]:
        return tuple(s for s in self._all if s.call_id != call_id or username not in (None, s.username))

    def _keep(self, shares: tuple[Share, ...]) -> None:
        if shares != self._all:
            write_checked(self._path, shares, self._disk)
            self._all = shares


def _info(call_id: str, username: str, until: datetime) -> bytes:
    return f"linekeeper share 1\n{call_id}\n{username}\n{until.isoformat()}".encode()
