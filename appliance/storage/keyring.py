"""The keys that recordings are sealed to, and the grants that open them.

Each recording key's private half exists only as *grants*: sealed to the public key of everybody entitled and to the
recovery key. A new key can so be made with nobody signed in: generate, grant, tell the recorder, forget.

Before set-up there is nobody to grant to, and recording has begun: the *first key* lies in the vault in clear.
Set-up grants it, destroys that file and goes on with another key, because what was on a flash card may still be.
"""

import os
import threading
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

import msgspec

from appliance.clock import LONDON, Clock, ClockQuality
from appliance.errors import NotAllowed, SealBroken, SetupRefused
from appliance.files import REAL_DISK, Disk, sync_folder
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.sealing import SealTo
from appliance.storage.spool import publish
from appliance.storage.unsealing import PrivateKey


class _Grants(msgspec.Struct, frozen=True):
    """One recording key: its public half, and its private half sealed to each of several keys by name."""

    public: bytes
    made_at: datetime
    to: dict[str, bytes]


class _Current(msgspec.Struct, frozen=True):
    kid: str


class _FirstKey(msgspec.Struct, frozen=True):
    private: bytes


class Keyring:
    """All recording keys. Safe to call from several threads."""

    def __init__(self, vault: Path, intake: Path, clock: Clock, disk: Disk = REAL_DISK) -> None:
        """Keep keys in ``vault`` and tell the recorder through ``intake``; both exist."""
        self._vault, self._intake, self._clock, self._disk = vault, intake, clock, disk
        self._grants, self._first = vault / "grants", vault / "first-key.json"
        self._grants.mkdir(mode=0o700, exist_ok=True)
        self._lock = threading.RLock()

    # --- which key the recorder seals to ----------------------------------------------------------------------------

    def current(self) -> SealTo:
        """Return the key to seal to, and see that the recorder knows it; on a new box, make the first one.

        Raises:
            SealBroken: the keyring is damaged.
            OSError: the disk failed.
        """
        with self._lock:
            named = read_checked(self._vault / "keyring.json", _Current)
            if named is None:
                if self.kids() and not self._first.exists():
                    raise SealBroken("The vault's keyring.json is missing. Put it back from a backup.")
                return self._make_first()
            key = self.seal_to(named.kid)
            publish(self._intake, key, self._disk)
            return key

    def rotate(self, recipients: Iterable[SealTo]) -> SealTo:
        """Make a new key, grant it, and have the recorder seal to it from its next call on.

        Raises:
            OSError: the disk failed; the old key stays.
        """
        with self._lock:
            with PrivateKey.generate() as fresh:
                self._keep(fresh, recipients)
            self._use(fresh.seal_to)
            return fresh.seal_to

    def rotation_due(self) -> bool:
        """Return whether another month has begun since the current key was made; never on a clock that is unsure."""
        now = self._clock.now()
        if now.quality is ClockQuality.UNSURE or self._first.exists():
            return False
        made, today = (moment.astimezone(LONDON) for moment in (self._of(self.current().kid).made_at, now.at))
        return (made.year, made.month) < (today.year, today.month)

    # --- set-up -----------------------------------------------------------------------------------------------------

    def grant_first(self, recipients: Iterable[SealTo]) -> None:
        """Grant the first key. Until ``finish_setup`` nothing else changes, so that set-up can still be refused.

        Raises:
            SetupRefused: there is none: this box has been set up before.
        """
        with self._lock:
            self.current()
            first = read_checked(self._first, _FirstKey)
            if first is None:
                raise SetupRefused(
                    "This box was set up before, but the list of its people is missing. "
                    "Put the vault back from a backup."
                )
            self._keep(PrivateKey(first.private), recipients)

    def finish_setup(self, recipients: Iterable[SealTo]) -> None:
        """Go on with a key that was never in clear, and destroy the first key's file. Does nothing if that is done.

        Overwriting before removing is what can be done from here; a flash card may keep the old page until it needs
        the room. Calls recorded before set-up are as safe as that.
        """
        with self._lock:
            if not self._first.exists():
                return
            self.rotate(recipients)
            fd = self._disk.open(str(self._first), os.O_WRONLY)
            try:
                self._disk.write(fd, os.urandom(self._first.stat().st_size))
                self._disk.fsync(fd)
            finally:
                self._disk.close(fd)
            self._disk.unlink(str(self._first))
            sync_folder(self._vault, self._disk)

    # --- grants -----------------------------------------------------------------------------------------------------

    def open(self, kid: str, by: PrivateKey) -> PrivateKey:
        """Return the private half of a recording key, with the key of somebody it is granted to.

        Raises:
            NotAllowed: it is not granted to them.
            SealBroken: there is no such key (any more), or its grant is damaged.
            VaultLocked: ``by`` was forgotten.
        """
        grants = self._of(kid)
        if by.kid not in grants.to:
            raise NotAllowed("This recording is not among those you may open.")
        return PrivateKey(by.unseal(_info(kid), grants.to[by.kid]))

    def may_open(self, kid: str, by_kid: str) -> bool:
        """Return whether a recording key is granted to the key of that name."""
        try:
            return by_kid in self._of(kid).to
        except SealBroken:
            return False

    def grant_all(self, by: PrivateKey, to: SealTo) -> int:
        """Grant every key that ``by`` can open to ``to`` too; return how many those are.

        Raises:
            OSError: the disk failed; some may be granted already, which granting again does not mind.
        """
        with self._lock:
            mine = [kid for kid in self.kids() if self.may_open(kid, by.kid)]
            for kid in mine:
                grants, key = self._of(kid), self.open(kid, by)
                sealed = to.seal(_info(kid), key.raw())
                self._write(kid, msgspec.structs.replace(grants, to={**grants.to, to.kid: sealed}))
            return len(mine)

    def revoke(self, kids: Iterable[str]) -> None:
        """Take away every grant to the keys named."""
        gone = frozenset(kids)
        with self._lock:
            for kid in self.kids():
                grants = self._of(kid)
                left = {name: sealed for name, sealed in grants.to.items() if name not in gone}
                if len(left) < len(grants.to):
                    self._write(kid, msgspec.structs.replace(grants, to=left))

    def seal_to(self, kid: str) -> SealTo:
        """Return the public half of a recording key: for what is added to a sheet later.

        Raises:
            SealBroken: there is no such key.
        """
        return SealTo(self._of(kid).public)

    def kids(self) -> tuple[str, ...]:
        """Return the names of all recording keys."""
        return tuple(sorted(path.stem for path in self._grants.glob("*.json")))

    def lives(self) -> dict[str, tuple[date, date | None]]:
        """Return when each key was made, and when the one after it was; None for the newest and for the current one.

        Raises:
            SealBroken: a key is damaged.
        """
        with self._lock:
            made = sorted((self._of(kid).made_at, kid) for kid in self.kids())
            current = self.current().kid
        days = [at.astimezone(LONDON).date() for at, _ in made]
        followed = [*days[1:], None]
        return {
            kid: (day, None if kid == current else after)
            for (_, kid), day, after in zip(made, days, followed, strict=True)
        }

    def destroy(self, kid: str) -> None:
        """Destroy a key's grants: nothing sealed to it can ever be opened again. For a month that has wholly expired.

        Raises:
            NotAllowed: it is the current key.
        """
        with self._lock:
            if kid == self.current().kid:
                raise NotAllowed("The key that calls are being sealed to cannot be destroyed.")
            self._disk.unlink(str(self._grants / f"{kid}.json"))
            sync_folder(self._grants, self._disk)

    # --- files ------------------------------------------------------------------------------------------------------

    def _make_first(self) -> SealTo:
        kept = read_checked(self._first, _FirstKey)  # a power cut may have come before it was taken into use
        first = PrivateKey(kept.private) if kept else PrivateKey.generate()
        if kept is None:
            write_checked(self._first, _FirstKey(first.raw()), self._disk)
        self._keep(first, ())
        self._use(first.seal_to)
        return first.seal_to

    def _keep(self, key: PrivateKey, recipients: Iterable[SealTo]) -> None:
        to = {recipient.kid: recipient.seal(_info(key.kid), key.raw()) for recipient in recipients}
        self._write(key.kid, _Grants(key.seal_to.public, self._clock.now().at, to))

    def _use(self, key: SealTo) -> None:
        write_checked(self._vault / "keyring.json", _Current(key.kid), self._disk)
        publish(self._intake, key, self._disk)

    def _of(self, kid: str) -> _Grants:
        path = self._grants / f"{kid}.json"
        grants = read_checked(path, _Grants) if kid.isalnum() else None
        if grants is None:
            raise SealBroken("The key of this recording is not in the vault (any more).")
        if SealTo(grants.public).kid != kid:
            raise SealBroken("A recording key of the vault is damaged. Put it back from a backup.")
        return grants

    def _write(self, kid: str, grants: _Grants) -> None:
        write_checked(self._grants / f"{kid}.json", grants, self._disk)


def _info(kid: str) -> bytes:
    return f"linekeeper grant 1\n{kid}".encode()
