"""Shares: one recording for one member of staff until a date. What is needed to hear it is sealed to them alone."""

import threading
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from appliance.clock import Clock
from appliance.codec import from_json, to_json
from appliance.errors import NoSuchCall
from appliance.files import REAL_DISK, Disk
from appliance.model.calls import CallId, Span
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.sealing import SealTo
from appliance.storage.unsealing import PrivateKey

_BACK = timedelta(days=1)
"""A clock farther before the making of a share than this has gone back: whether the share has ended is not known."""


class SharedSound(msgspec.Struct, frozen=True):
    """What somebody needs to hear a recording: the key of its audio and its shape; neither numbers nor names.

    ``audio_bytes``, ``duration_s``, ``peaks`` and ``spans`` are of the whole recording, as in its ``Closing``.
    """

    data_key: bytes
    line_name: str
    audio_bytes: int
    duration_s: float
    peaks: bytes = b""
    peaks_per_s: int = 10
    spans: tuple[Span, ...] = ()


class Share(msgspec.Struct, frozen=True):
    """One share. ``sound`` is a ``SharedSound`` sealed to the person, bound to what is in clear beside it.

    ``first_s`` and ``last_s`` bound what may be heard, in seconds of the recording; None is its start, its end.
    """

    call_id: CallId
    username: str
    by: str
    at: datetime
    until: datetime
    sound: bytes
    first_s: float | None = None
    last_s: float | None = None


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

    def share(
        self,
        call_id: CallId,
        sound: SharedSound,
        to: SealTo,
        username: str,
        by: str,
        until: datetime,
        part: tuple[float | None, float | None] = (None, None),
    ) -> Share:
        """Share a recording, or a ``part`` of it; a share of the same call with the same person is replaced.

        Raises:
            OSError: the disk failed; nothing was shared.
        """
        share = Share(call_id, username, by, self._clock.now().at, until, b"", *part)
        share = msgspec.structs.replace(share, sound=to.seal(_info(share), to_json(sound)))
        with self._lock:
            self._keep((*self._without(call_id, username), share))
        return share

    def standing(self) -> tuple[Share, ...]:
        """Return the shares that have not run out, oldest first."""
        now = self._clock.now().at
        return tuple(share for share in self._all if share.at - _BACK <= now < share.until)

    def standing_of(self, call_id: CallId) -> tuple[Share, ...]:
        """Return a recording's shares that have not run out, oldest first."""
        return tuple(share for share in self.standing() if share.call_id == call_id)

    def shared_with(self, username: str) -> tuple[Share, ...]:
        """Return a person's shares that have not run out, oldest first."""
        return tuple(share for share in self.standing() if share.username == username)

    def find(self, call_id: CallId, username: str) -> Share:
        """Return the share of a recording with a person.

        Raises:
            NoSuchCall: there is none, or not any more.
        """
        share = next((share for share in self.shared_with(username) if share.call_id == call_id), None)
        if share is None:
            raise NoSuchCall("There is no such call.")
        return share

    def open(self, share: Share, key: PrivateKey) -> SharedSound:
        """Open a share with the key of whom it is for.

        Raises:
            SealBroken: the share was changed, or was made for a key the person has no more.
            VaultLocked: the key was forgotten.
        """
        return from_json(key.unseal(_info(share), share.sound), SharedSound)

    def withdraw(self, call_id: CallId, username: str | None = None) -> None:
        """Take back a share, or all of a recording's; durable when this returns."""
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


def _info(share: Share) -> bytes:
    when = f"{share.at.isoformat()}\n{share.until.isoformat()}"
    part = f"{share.first_s}\n{share.last_s}"
    return f"linekeeper share 1\n{share.call_id}\n{share.username}\n{share.by}\n{when}\n{part}".encode()
