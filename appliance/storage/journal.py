"""The journal: what was done with recordings and by whom, written down before it is done.

Monthly files of chained lines (``journalline``), and every so often a checkpoint that signs the chain (Ed25519,
RFC 8032). The signing key lies in the vault: it proves to others where a copy came from, and a checkpoint kept
elsewhere proves that the box's own journal was not rewritten since. It cannot bind somebody who owns the box.
"""

import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.clock import Clock
from appliance.codec import to_json
from appliance.errors import JournalBroken, JournalRefused
from appliance.files import REAL_DISK, Disk, replace_durably, sync_folder, write_all
from appliance.model.calls import CallId
from appliance.storage.journalfiles import Tail, broken_before, good_until, mended, months, next_number, tail_of
from appliance.storage.journalline import BOX, FIRST_SUM, Act, JournalLine, encode

log = logging.getLogger(__name__)

CHECKPOINT_EVERY = 64
"""Lines between two checkpoints at most."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in the chain noted elsewhere: line ``number`` had this ``sum``."""

    number: int
    sum: str


class Journal:
    """The journal, open for adding. One owner; safe to use from several threads."""

    def __init__(self, folder: Path, clock: Clock, disk: Disk = REAL_DISK) -> None:
        """Open the journal in ``folder``, which exists.

        A last line that a power cut tore is removed and that is written down. Where an older line does not add up,
        what is there stays as it is for whoever looks into it, ``broken_after`` says where, and a new file goes on.

        Raises:
            JournalBroken: its signing key is damaged.
        """
        self._folder, self._clock, self._disk = folder, clock, disk
        self._lock = threading.RLock()
        self._key = _signing_key(folder / "signing.key", disk)
        self._fd: int | None = None
        self._path: Path | None = None
        self._unsigned = 0
        self.broken_after: int | None = None
        self._tail = Tail(0, FIRST_SUM)
        try:
            self._tail = self._opened()
        except OSError as wrong:
            log.error("the journal could not be opened and is tried again: %s", os.strerror(wrong.errno or 0))

    @property
    def public_key(self) -> bytes:
        """The 32 bytes that checkpoints are checked with."""
        return self._key.public_key().public_bytes_raw()

    @property
    def anchor(self) -> Anchor | None:
        """Where the chain ends now; None while it is empty."""
        with self._lock:
            return Anchor(self._tail.count - 1, self._tail.sum) if self._tail.count else None

    def append(self, act: Act, who: str = BOX, call: CallId | None = None, **more: str) -> JournalLine:
        """Write down an act; durable when this returns, so that the act may be done.

        Raises:
            JournalRefused: it could not be written: do not do it.
        """
        with self._lock:
            line = self._add(act, who, call, more)
            self._unsigned += 1
            if self._unsigned >= CHECKPOINT_EVERY:
                self.checkpoint()
            return line

    def checkpoint(self) -> None:
        """Sign the chain as it stands, unless nothing was added since the last time.

        Raises:
            JournalRefused: it could not be written.
        """
        with self._lock:
            if not self._unsigned:
                return
            signature = self._key.sign(_statement(self._tail.count, self._tail.sum))
            self._add(Act.CHECKPOINT, BOX, None, {"signature": signature.hex()})
            self._unsigned = 0
            try:
                anchor = to_json(Anchor(self._tail.count - 1, self._tail.sum))
                replace_durably(self._folder / "anchor.json", anchor, self._disk)
            except OSError as wrong:
                raise JournalRefused("The journal's anchor could not be written: is the disk full?") from wrong

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._fd is not None:
                self._disk.close(self._fd)
                self._fd = None

    def _add(self, act: Act, who: str, call: CallId | None, more: dict[str, str]) -> JournalLine:
        now = self._clock.now()
        try:
            fd = self._file(f"{now.at:%Y-%m}")
            line = JournalLine(self._tail.count, now.at, now.quality, who, act, call, more)
            raw, total = encode(line, self._tail.sum)
            write_all(fd, raw, self._disk)
            self._disk.fsync(fd)
        except OSError as wrong:
            # What the file holds now is not known: it is read again before anything more is written.
            self.close()
            self._path = None
            log.error("a journal line could not be written: %s", os.strerror(wrong.errno or 0))
            raise JournalRefused("This could not be written in the journal, so it was not done.") from wrong
        self._tail = Tail(self._tail.count + 1, total)
        return line

    def _file(self, month: str) -> int:
        """Return the descriptor of the newest file, or of a new one where a later month has begun."""
        if self._path is None:
            self._tail = self._opened()
        newest = self._path
        # A clock that went back does not open an older month: files stay in the order they were written.
        if newest is None or month > newest.name[:7]:
            self.close()
            newest = self._begun(self._folder / f"{month}.jsonl")
        if self._fd is None:
            self._fd = self._disk.open(str(newest), os.O_WRONLY | os.O_APPEND, 0o640)
        return self._fd

    def _begun(self, path: Path) -> Path:
        fd = self._disk.open(str(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o640)
        self._fd, self._path = fd, path
        self._disk.fsync(fd)
        sync_folder(self._folder, self._disk)
        return path

    def _opened(self) -> Tail:
        files = months(self._folder)
        removed = mended(files[-1], self._disk) if files else 0
        self.broken_after = broken_before(files)
        try:
            tail = tail_of(files)
        except JournalBroken as wrong:
            log.error("%s", wrong)
            return self._resumed(files)
        self._path = files[-1] if files else None
        if removed:
            self._tail = tail
            self._add(Act.REPAIRED, BOX, None, {"bytes": str(removed)})
            self._unsigned += 1
            return self._tail
        return tail

    def _resumed(self, files: list[Path]) -> Tail:
        """Leave a journal that does not add up as it is, and go on in a new file that says so."""
        month = files[-1].name[:7]
        self.broken_after = good_until(files)
        again = sum(path.name.startswith(month) for path in files)
        self._tail = Tail(next_number(files[-1]), FIRST_SUM)
        self._begun(self._folder / f"{month}.r{again}.jsonl")
        self._add(Act.RESUMED, BOX, None, {"after": str(self.broken_after)})
        return self._tail


def public_key_of(folder: Path) -> bytes:
    """Return the 32 bytes that the checkpoints of the journal in ``folder`` are checked with, without opening it.

    Raises:
        JournalBroken: there is no key.
    """
    try:
        key = Ed25519PrivateKey.from_private_bytes((folder / "signing.key").read_bytes())
    except (OSError, ValueError) as wrong:
        raise JournalBroken("The journal's signing key cannot be read. Put the vault back from a backup.") from wrong
    return key.public_key().public_bytes_raw()


def signed(public_key: bytes, line: JournalLine, sum_before: str) -> bool:
    """Return whether a checkpoint line truly signs the chain before it."""
    try:
        signature = bytes.fromhex(line.more.get("signature", ""))
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _statement(line.number, sum_before))
    except (InvalidSignature, ValueError):
        return False
    return True


def _statement(count: int, total: str) -> bytes:
    return f"linekeeper journal 1\n{count}\n{total}".encode()


def _signing_key(path: Path, disk: Disk) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except FileNotFoundError:
        key = Ed25519PrivateKey.generate()
        replace_durably(path, key.private_bytes_raw(), disk, mode=0o600)
        return key
    except ValueError as wrong:
        raise JournalBroken("The journal's signing key is damaged. Put it back from a backup.") from wrong
