"""Legal holds at rest: one file for each call that ever had one, kept as long as the recording itself.

Reason, owner and dates are in clear, because retention asks for them while nobody is signed in; the reference and the
note may name a patient and are sealed like a caller's number. Where a hold cannot be read, nothing is deleted at all.
"""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from appliance.errors import NoSuchCall, SealBroken
from appliance.files import REAL_DISK, Disk, sync_folder
from appliance.model.calls import CallId
from appliance.model.holds import HoldReason
from appliance.storage.checkedfile import read_checked, write_checked


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """One hold. ``sealed`` holds ``HoldWords`` under the key ``kid``; it stands until it has been released."""

    reason: HoldReason
    placed_by: str
    placed_at: datetime
    review_on: date
    kid: str
    sealed: bytes
    released_by: str = ""
    released_at: datetime | None = None
    why_sealed: bytes = b""

    @property
    def stands(self) -> bool:
        """Whether it keeps the recording."""
        return self.released_at is None


@dataclass(frozen=True, slots=True)
class HoldWords:
    """What people wrote: sealed wherever it rests."""

    reference: str
    note: str


@dataclass(frozen=True, slots=True)
class _File:
    """A file of holds says whose it is: one call's cannot pass for another's."""

    call_id: CallId
    records: tuple[HoldRecord, ...]


class Holds:
    """All holds, in memory and on disk. Safe to use from several threads; the only writer of its folder."""

    def __init__(self, folder: Path, disk: Disk = REAL_DISK) -> None:
        """Keep them in ``folder``; it is never made here, for an empty folder would hold nothing."""
        self._folder, self._disk = folder, disk
        self._lock = threading.RLock()
        self._records: dict[CallId, tuple[HoldRecord, ...]] = {}
        self._unreadable: frozenset[CallId] = frozenset()

    def read(self) -> None:
        """Read every hold from disk again.

        Raises:
            SealBroken: one cannot be read, or the folder is missing: nothing may be deleted.
        """
        if not self._folder.is_dir():
            raise SealBroken("The folder of legal holds is missing. Nothing is deleted. Restore it from a backup.")
        records, unreadable = dict[CallId, tuple[HoldRecord, ...]](), set[CallId]()
        with self._lock:
            for path in self._folder.glob("*.json"):
                try:
                    records[CallId(path.stem)] = _read(path)
                except (SealBroken, OSError):
                    unreadable.add(CallId(path.stem))
            self._records, self._unreadable = records, frozenset(unreadable)
        if unreadable:
            words = f"{len(unreadable)} legal hold(s) cannot be read. Nothing is deleted. Restore them from a backup."
            raise SealBroken(words)

    def of(self, call_id: CallId) -> tuple[HoldRecord, ...]:
        """Return the holds that stand on a call."""
        return tuple(record for record in self._records.get(call_id, ()) if record.stands)

    def is_held(self, call_id: CallId) -> bool:
        """Return whether a call must be kept: a hold stands on it, or what lies there cannot be read."""
        return bool(self.of(call_id)) or call_id in self._unreadable

    def held(self) -> frozenset[CallId]:
        """Return every call that must be kept."""
        with self._lock:
            return self._unreadable | {call_id for call_id in self._records if self.of(call_id)}

    def standing(self) -> list[HoldRecord]:
        """Return all holds that stand."""
        with self._lock:
            return [record for call_id in self._records for record in self.of(call_id)]

    def kids(self) -> frozenset[str]:
        """Return the names of the keys that what people wrote about holds is sealed to."""
        with self._lock:
            return frozenset(record.kid for records in self._records.values() for record in records)

    def written_to(self, kids: Collection[str]) -> tuple[CallId, ...]:
        """Return the calls whose holds are sealed to one of ``kids``."""
        with self._lock:
            found = self._records.items()
            return tuple(call_id for call_id, records in found if any(record.kid in kids for record in records))

    def reseal(self, call_id: CallId, resealed: Callable[[HoldRecord], HoldRecord]) -> None:
        """Put every hold of a call, released ones too, in the place of itself sealed anew; durable then."""
        with self._lock:
            self._refuse_unreadable(call_id)
            records = self._records.get(call_id, ())
            if records:
                self._write(call_id, tuple(map(resealed, records)))

    def place(self, call_id: CallId, record: HoldRecord) -> None:
        """Add a hold; durable when this returns."""
        with self._lock:
            self._refuse_unreadable(call_id)
            self._write(call_id, (*self._records.get(call_id, ()), record))

    def release(self, call_id: CallId, index: int, by: str, at: datetime, why_sealed: bytes) -> HoldRecord:
        """End the ``index``-th hold of ``of(call_id)``; durable when this returns.

        Raises:
            NoSuchCall: there is no such hold.
        """
        with self._lock:
            self._refuse_unreadable(call_id)
            standing = self.of(call_id)
            if not 0 <= index < len(standing):
                raise NoSuchCall("There is no such hold: somebody may have released it already.")
            ended = replace(standing[index], released_by=by, released_at=at, why_sealed=why_sealed)
            records = tuple(ended if one is standing[index] else one for one in self._records[call_id])
            self._write(call_id, records)
            return ended

    def forget(self, call_id: CallId) -> None:
        """Remove what is left of released holds, once the recording itself is destroyed."""
        with self._lock:
            if self._records.pop(call_id, None) is not None:
                self._disk.unlink(str(self._path(call_id)))
                sync_folder(self._folder, self._disk)

    def _refuse_unreadable(self, call_id: CallId) -> None:
        if call_id in self._unreadable:
            raise SealBroken("The legal holds of this call cannot be read. Restore them from a backup first.")

    def _write(self, call_id: CallId, records: tuple[HoldRecord, ...]) -> None:
        write_checked(self._path(call_id), _File(call_id, records), self._disk)
        self._records[call_id] = records

    def _path(self, call_id: CallId) -> Path:
        return self._folder / f"{call_id}.json"


def _read(path: Path) -> tuple[HoldRecord, ...]:
    file = read_checked(path, _File)
    if file is None or file.call_id != path.stem:
        raise SealBroken("A file of legal holds is another call's.")
    return file.records
