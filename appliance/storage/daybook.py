"""One day's entries: a small TinyDB file, replaced whole at each change.

A single TinyDB for a year rewrites tens of megabytes at each call and after a power cut is most often unreadable; a
file a day is read and rewritten in about a millisecond, and is the unit of retention too. This is the only module that
knows TinyDB.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from tinydb import TinyDB, where
from tinydb.storages import Storage
from tinydb.table import Document

from appliance.files import REAL_DISK, Disk, sync_folder
from appliance.storage.checkedfile import read_checked, write_checked

T = TypeVar("T")

Fields = dict[str, Any]
"""An entry as plain JSON values; ``call_id`` is its key."""


class AtomicStorage(Storage):
    """TinyDB's storage of one file that a power cut leaves either old or new, and whose sum tells a failing card."""

    def __init__(self, path: Path, disk: Disk) -> None:
        """Keep the database at ``path``. One change is made with it: what was read is not read again."""
        self._path, self._disk = path, disk
        self._read: dict[str, dict[str, Any]] | None = None

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Return the whole database, or None where there is none yet.

        Raises:
            SealBroken: the file is there and is not a database.
        """
        if self._read is None:
            self._read = read_checked(self._path, dict[str, dict[str, Any]])
        return self._read

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace the whole database durably."""
        self._read = None
        write_checked(self._path, data, self._disk)


class Daybook:
    """The entries of one day, by call id."""

    def __init__(self, path: Path, disk: Disk = REAL_DISK) -> None:
        """Keep them at ``path``; nothing is made before the first ``put``."""
        self._path, self._disk = path, disk

    def entries(self, kind: type[T]) -> list[T]:
        """Return the entries, each as ``kind``, in the order they were put.

        Reads TinyDB's file as it lies, straight into values: a year of days is read when the keeper starts, and that
        takes a third of the time.

        Raises:
            SealBroken: the file cannot be understood; rebuild it from the recordings.
        """
        tables = read_checked(self._path, dict[str, dict[str, kind]]) or {}  # type: ignore[valid-type]
        return list(tables.get(TinyDB.default_table_name, {}).values())

    def put(self, entry: Fields) -> None:
        """Add ``entry``, or replace the one with its call id. One write: TinyDB's own upsert would make two."""
        with self._database() as database:
            before = database.get(where("call_id") == entry["call_id"])
            if isinstance(before, Document):
                database.update(entry, doc_ids=[before.doc_id])
            else:
                database.insert(entry)

    def remove(self, call_id: str) -> bool:
        """Remove an entry if it is there; a day without entries has no file. Returns whether it is such a day now."""
        with self._database() as database:
            before = database.get(where("call_id") == call_id)
            if not isinstance(before, Document):
                return False
            if len(database) > 1:
                database.remove(doc_ids=[before.doc_id])
                return False
        self._disk.unlink(str(self._path))
        sync_folder(self._path.parent, self._disk)
        return True

    def rewrite(self, entries: Iterable[Fields]) -> None:
        """Replace the whole day in one write, whatever the file held before."""
        fresh = {str(number): entry for number, entry in enumerate(entries, start=1)}
        AtomicStorage(self._path, self._disk).write({TinyDB.default_table_name: fresh})

    def _database(self) -> TinyDB:
        return TinyDB(path=self._path, disk=self._disk, storage=AtomicStorage)
