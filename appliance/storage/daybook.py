"""One day of the catalogue in one small file: TinyDB on a storage of our own. Nobody else imports TinyDB.

TinyDB hands its storage the whole database at each change, and rewriting half a megabyte for one call would wear the
card. So a day file is a checked snapshot (``checkedfile``) and, after it, a line for each change: what was put or
removed, with the sum that chains it to what stands before. A change is one line, written and synced. A last line that
a power cut tore was never acknowledged and is left out; anything else that does not add up is damage.
"""

import contextlib
import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Document

from appliance.codec import from_json, to_json
from appliance.errors import SealBroken
from appliance.files import REAL_DISK, Disk, sync_folder, write_all
from appliance.storage.checkedfile import checked_body, checked_bytes, damaged, replace_checked

T = TypeVar("T")

Fields = dict[str, Any]
"""An entry as plain JSON values; ``call_id`` is its key."""

_TABLE = TinyDB.default_table_name
_LINES_MOST = 64
"""Changes after a snapshot that are never too many; beyond, no more than twice as many as there are entries."""


class _Change(msgspec.Struct, frozen=True):
    """A line after the snapshot. ``body``: by TinyDB's number, an entry that was put, or null for one removed."""

    body: msgspec.Raw
    sum: str


class _Day(Generic[T]):
    """A day file as it lies: its entries by TinyDB's number, the sum it ends with, and how it is to be gone on from."""

    def __init__(self, path: Path, kind: type[T]) -> None:
        """Read it.

        Raises:
            SealBroken: it is there, and damaged.
        """
        self.entries: dict[str, T] = {}
        self.sum, self.lines, self.torn = "", 0, False
        with contextlib.suppress(FileNotFoundError):
            self._read(path, path.read_bytes(), kind)

    def _read(self, path: Path, data: bytes, kind: type[T]) -> None:
        snapshot, *changes = data.split(b"\n")
        body, self.sum = checked_body(path, snapshot)
        self.entries = from_json(body, dict[str, dict[str, kind]]).get(_TABLE, {})  # type: ignore[valid-type]
        tail = changes.pop() if changes else b""
        for number, raw in enumerate(changes, start=1):
            change = _followed(raw, self.sum)
            if change is None and number == len(changes) and not tail:
                tail = raw  # whole in length, but with pages that never reached the disk
                break
            if change is None:
                raise damaged(path)
            self._take(from_json(change.body, dict[str, kind | None]))  # type: ignore[valid-type]
            self.sum, self.lines = change.sum, number
        self.torn = bool(tail)

    def _take(self, change: dict[str, T | None]) -> None:
        for number, entry in change.items():
            if entry is None:
                self.entries.pop(number, None)
            else:
                self.entries[number] = entry


class DayStorage(Storage):
    """TinyDB's storage of one day file. What it read or wrote last stays in memory."""

    def __init__(self, path: Path, disk: Disk, *, doubted: bool = False) -> None:
        """Keep the database at ``path``; the next change of one that is ``doubted`` writes it all anew."""
        self._path, self._disk, self._doubted = path, disk, doubted
        self._day: _Day[Fields] | None = None

    def read(self) -> dict[str, dict[str, Fields]] | None:
        """Return the whole database, as copies that TinyDB may change; None where there is none yet.

        Raises:
            SealBroken: the file is there and is damaged.
        """
        day = self._known()
        return {_TABLE: {number: dict(entry) for number, entry in day.entries.items()}} if day.sum else None

    def write(self, data: dict[str, dict[str, Fields]]) -> None:
        """Keep what is different from before; durable when this returns.

        Raises:
            OSError: the disk refused it; the file is read again before anything more is written.
        """
        day, wanted = self._known(), {number: dict(entry) for number, entry in data.get(_TABLE, {}).items()}
        self._day = None
        change: dict[str, Fields | None] = {
            number: entry for number, entry in wanted.items() if day.entries.get(number) != entry
        }
        change |= dict.fromkeys(day.entries.keys() - wanted.keys())
        if not day.sum or day.torn or self._doubted or day.lines >= max(_LINES_MOST, 2 * len(wanted)):
            day.sum, day.lines, day.torn = replace_checked(self._path, {_TABLE: wanted}, self._disk), 0, False
            self._doubted = False
        elif change:
            day.sum, day.lines = self._append(change, day.sum), day.lines + 1
        day.entries, self._day = wanted, day

    def _known(self) -> _Day[Fields]:
        if self._day is None:
            self._day = _Day(self._path, Fields)
        return self._day

    def _append(self, change: dict[str, Fields | None], sum_before: str) -> str:
        body = to_json(change)
        total = _sum(sum_before, body)
        fd = self._disk.open(str(self._path), os.O_WRONLY | os.O_APPEND)
        try:
            write_all(fd, checked_bytes(body, total), self._disk)
            self._disk.fsync(fd)
        finally:
            self._disk.close(fd)
        return total


class Daybook:
    """The entries of one day, by call id. One that is kept remembers the day, and puts without reading it again."""

    def __init__(self, path: Path, disk: Disk = REAL_DISK) -> None:
        """Keep them at ``path``; nothing is made before the first ``put``."""
        self._path, self._disk, self._doubted = path, disk, False
        self._database = TinyDB(path=path, disk=disk, storage=DayStorage)
        self._numbers: dict[str, int] | None = None

    def entries(self, kind: type[T]) -> list[T]:
        """Return the entries, each as ``kind``, in the order they were put.

        Reads TinyDB's file as it lies, straight into values: a year of days is read when the keeper starts, and that
        takes a third of the time.

        Raises:
            SealBroken: the file cannot be understood; rebuild it from the recordings.
        """
        return list(_Day(self._path, kind).entries.values())

    def put(self, entry: Fields) -> None:
        """Add ``entry``, or replace the one with its call id; durable when this returns.

        Raises:
            SealBroken: the file cannot be understood.
            OSError: the disk refused it.
        """
        numbers, call_id = self._known(), entry["call_id"]
        number = numbers.get(call_id)
        with self._changing():
            if number is None:
                number = self._database.insert(Document(entry, max(numbers.values(), default=0) + 1))
            else:
                self._database.update(entry, doc_ids=[number])
        self._numbers = {**numbers, call_id: number}

    def remove(self, call_id: str) -> bool:
        """Remove an entry if it is there; a day without entries has no file. Returns whether it is such a day now."""
        numbers = self._known()
        if call_id not in numbers:
            return False
        if len(numbers) > 1:
            with self._changing():
                self._database.remove(doc_ids=[numbers[call_id]])
            return False
        self._disk.unlink(str(self._path))
        sync_folder(self._path.parent, self._disk)
        self._forget()
        return True

    def rewrite(self, entries: Iterable[Fields]) -> None:
        """Replace the whole day in one write, whatever the file held before."""
        fresh = {str(number): entry for number, entry in enumerate(entries, start=1)}
        replace_checked(self._path, {_TABLE: fresh}, self._disk)
        self._forget()

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Forget the numbers; after a fault of the disk, what can be read back need not be what is on it."""
        self._numbers = None
        self._doubted = True
        yield
        self._doubted = False

    def _known(self) -> dict[str, int]:
        if self._numbers is None:
            self._forget()
            self._numbers = {document["call_id"]: document.doc_id for document in self._database.all()}
        return self._numbers

    def _forget(self) -> None:
        """Read the file anew before the next change."""
        self._database = TinyDB(path=self._path, disk=self._disk, doubted=self._doubted, storage=DayStorage)
        self._numbers = None


def _followed(raw: bytes, sum_before: str) -> _Change | None:
    """Return a line that follows on ``sum_before``; None if it does not."""
    try:
        change = from_json(raw, _Change)
    except SealBroken:
        return None
    return change if hmac.compare_digest(_sum(sum_before, bytes(change.body)), change.sum) else None


def _sum(sum_before: str, body: bytes) -> str:
    return hashlib.sha256(sum_before.encode() + b"\n" + body).hexdigest()
