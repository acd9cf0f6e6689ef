"""Every alarm from its start to its end, and who has seen to it; kept over a restart of the keeper and of the box."""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from appliance.clock import Clock
from appliance.errors import NoSuchAlarm, SealBroken
from appliance.files import REAL_DISK, Disk
from appliance.model.health import AlarmRecord
from appliance.model.status import Alarm
from appliance.storage.checkedfile import read_checked, write_checked

log = logging.getLogger(__name__)

MOST_ENDED = 500
"""Ended alarms that are kept."""

SETTLES_S = 60.0
"""An alarm that comes back this soon after its end is the same one: a loose plug fills no book and no mailbox."""


@dataclass(frozen=True, slots=True)
class _Page:
    next_number: int
    records: tuple[AlarmRecord, ...]


class AlarmBook:
    """Compares what stands now with what stood before. Safe to use from several threads."""

    def __init__(self, path: Path, clock: Clock, disk: Disk = REAL_DISK) -> None:
        """Read the book at ``path``; one that is damaged is begun anew, and the log says so."""
        self._path, self._clock, self._disk = path, clock, disk
        self._lock = threading.Lock()
        self._unwritten = False
        try:
            page = read_checked(path, _Page)
        except SealBroken:
            log.error("the book of alarms is damaged and is begun anew")
            page = None
        self._next = page.next_number if page else 1
        self._records = list(page.records) if page else []

    def compare(self, standing: Iterable[Alarm]) -> bool:
        """Take note of what stands now; return whether anything began, ended or says something else than before."""
        with self._lock:
            before = list(self._records)
            now = {(alarm.key, alarm.line): alarm for alarm in standing}
            self._records = [self._still(record, now) for record in self._records]
            self._records += [self._begun(alarm) for alarm in now.values()]
            changed = self._records != before
            if changed or self._unwritten:
                self._trim()
                self._write()
            return changed

    def acknowledge(self, number: int, username: str) -> AlarmRecord:
        """Write down that ``username`` has seen to alarm ``number``; the first who does is kept.

        Raises:
            NoSuchAlarm: there is none of that number.
        """
        with self._lock:
            at = next((at for at, record in enumerate(self._records) if record.number == number), None)
            if at is None:
                raise NoSuchAlarm("There is no such alarm any more. Look at the page anew.")
            if not self._records[at].acknowledged_by:
                now = self._clock.now().at
                self._records[at] = replace(self._records[at], acknowledged_at=now, acknowledged_by=username)
                self._write()
            return self._records[at]

    def standing(self) -> tuple[AlarmRecord, ...]:
        """Return the alarms that stand, newest first."""
        with self._lock:
            return tuple(sorted((r for r in self._records if r.stands), key=lambda r: r.number, reverse=True))

    def ended(self, most: int) -> tuple[AlarmRecord, ...]:
        """Return the latest ``most`` alarms that have ended, newest first."""
        with self._lock:
            gone = [record for record in self._records if not record.stands]
            return tuple(sorted(gone, key=lambda r: (r.ended_at, r.number), reverse=True)[:most])

    def _still(self, record: AlarmRecord, now: dict[tuple[str, int | None], Alarm]) -> AlarmRecord:
        """Return a record as it stands now, and take the alarm it is of out of ``now``."""
        alarm = now.get((record.key, record.line))
        if not record.stands:
            if alarm is None or not self._is_recent(record):
                return record
            del now[record.key, record.line]
            return replace(record, ended_at=None, text=alarm.text)
        if alarm is not None:
            del now[record.key, record.line]
            return record if record.text == alarm.text else replace(record, text=alarm.text)
        log.info("alarm ended: %s (%s)", record.key, record.line or "the box")
        return replace(record, ended_at=self._clock.now().at)

    def _is_recent(self, record: AlarmRecord) -> bool:
        ended_at = record.ended_at
        if ended_at is None:
            return True
        return timedelta() <= self._clock.now().at - ended_at < timedelta(seconds=SETTLES_S)

    def _begun(self, alarm: Alarm) -> AlarmRecord:
        record = AlarmRecord(self._next, alarm.key, alarm.text, alarm.since, alarm.line)
        self._next += 1
        log.warning("alarm: %s (%s): %s", alarm.key, alarm.line or "the box", alarm.text)
        return record

    def _trim(self) -> None:
        gone = [record for record in self._records if not record.stands]
        for record in gone[: max(0, len(gone) - MOST_ENDED)]:
            self._records.remove(record)

    def _write(self) -> None:
        """Keep the book; a disk that refuses is tried again at the next look, for alarms must stand without it too."""
        try:
            write_checked(self._path, _Page(self._next, tuple(self._records)), self._disk)
        except OSError as wrong:
            if not self._unwritten:
                log.error("the book of alarms cannot be written: %s", wrong.strerror)
            self._unwritten = True
        else:
            self._unwritten = False
