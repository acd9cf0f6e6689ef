"""The catalogue: every recording and missed call by its clear facts, listed, filtered and counted.

An entry lies in the day file that its call id names, for ever, and is *listed* under the day of the start that is known
of it now. The two differ only for a call recorded before the clock had been set, and those are remembered as strays.
The recordings' own files are the truth: a day file that is missing or unreadable is rebuilt from them.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from appliance.codec import read_json, to_json
from appliance.errors import NoSuchCall, SealBroken
from appliance.files import REAL_DISK, Disk, replace_durably
from appliance.model.calls import CallId
from appliance.storage.daybook import Daybook
from appliance.storage.daycolumns import Choice, DayColumns, Glance
from appliance.storage.entry import Entry

log = logging.getLogger(__name__)

_DAYS_KEPT = 4
"""Day files kept parsed in memory: the pages that people look at."""

Rebuild = Callable[[str], Iterable[Entry]]
"""Gives the entries of one day file again, from the recordings themselves."""


class Catalogue:
    """All entries. Safe to use from several threads; the only writer of its folder."""

    def __init__(self, folder: Path, rebuild: Rebuild, disk: Disk = REAL_DISK) -> None:
        """Keep day files in ``folder``, which must exist."""
        self._folder, self._rebuild, self._disk = folder, rebuild, disk
        self._lock = threading.RLock()
        self._files: OrderedDict[str, dict[CallId, Entry]] = OrderedDict()
        self._columns: dict[str, DayColumns] = {}
        self._known_files = {path.stem for path in folder.glob("????-??-??.json")}
        self._kept_book = "", Daybook(folder / "none")
        self._strays = self._read_strays()

    def get(self, call_id: CallId) -> Entry:
        """Return the entry of a call.

        Raises:
            NoSuchCall: there is none.
        """
        with self._lock:
            entry = self._file(call_id[:10]).get(call_id)
        if entry is None:
            raise NoSuchCall("There is no such call.")
        return entry

    def has(self, entry: Entry) -> bool:
        """Return whether exactly this is listed."""
        with self._lock:
            return self._file(entry.call_id[:10]).get(entry.call_id) == entry

    def put(self, entry: Entry) -> None:
        """Add or replace an entry; durable when this returns."""
        day = entry.call_id[:10]
        with self._lock:
            if entry.day != day and entry.call_id not in self._strays:
                self._write_strays(self._strays | {entry.call_id})
            entries = self._file(day)
            before = entries.get(entry.call_id)
            self._forget(day, entry.day, before.day if before else day)
            self._book(day).put(msgspec.to_builtins(entry))
            self._known_files.add(day)
            self._files[day] = {**entries, entry.call_id: entry}  # what is on the disk now need not be read again

    def remove(self, call_id: CallId) -> None:
        """Remove an entry if it is there; durable when this returns."""
        with self._lock:
            entry = self._file(call_id[:10]).get(call_id)
            if entry is None:
                return
            if self._book(call_id[:10]).remove(call_id):
                self._known_files.discard(call_id[:10])
            if call_id in self._strays:
                self._write_strays(self._strays - {call_id})
            self._forget(call_id[:10], entry.day)

    def some(self, choice: Choice, skip: int = 0, most: int = 1) -> tuple[int, list[Entry]]:
        """Return how many match in all, and ``most`` of them after the newest ``skip``, newest first."""
        with self._lock:
            total, places = self._places(choice, skip, most)
            return total, [self.get(columns.call_id(position)) for columns, position in places]

    def glances(self, choice: Choice, skip: int, most: int) -> tuple[int, list[Glance]]:
        """As ``some``, of each what lists show: no day's file is read for it, and what is found is of many days."""
        with self._lock:
            total, places = self._places(choice, skip, most)
            return total, [columns.glance(position) for columns, position in places]

    def _places(self, choice: Choice, skip: int, most: int) -> tuple[int, list[tuple[DayColumns, int]]]:
        total, places = 0, list[tuple[DayColumns, int]]()
        for day, wanted_there in self._days_of(choice):
            columns = self._column(day)
            found = columns.matching(wanted_there)
            if total + len(found) > skip and len(places) < most:
                start = max(0, skip - total)
                wanted = found[::-1][start : start + most - len(places)]
                places += [(columns, position) for position in wanted]
            total += len(found)
        return total, places

    def bytes_of(self, choice: Choice) -> int:
        """Return how many bytes the sealed files of all that match take."""
        with self._lock:
            found = [(self._column(day), there) for day, there in self._days_of(choice)]
            return sum(column.bytes_at(column.matching(there)) for column, there in found)

    def bytes_by_day(self, without: AbstractSet[CallId] = frozenset()) -> dict[date, int]:
        """Return how many bytes the sealed files of each day take, of all but those of ``without``."""
        with self._lock:
            sizes = {date.fromisoformat(day): self._column(day).total_bytes for day in self.days()}
            for call_id in without:
                entry = self._file(call_id[:10]).get(call_id)
                if entry is not None:
                    sizes[date.fromisoformat(entry.day)] -= entry.size
        return sizes

    def starts_of_line(self, line: int, first: date, last: date) -> list[datetime]:
        """Return when everything on a line from one day to another began, oldest first."""
        with self._lock:
            found = [(self._column(day), there) for day, there in self._days_of(Choice(first, last, line))]
            starts = sorted(start for column, there in found for start in column.starts_at(column.matching(there)))
        return [datetime.fromtimestamp(start, UTC) for start in starts]

    def days(self) -> list[str]:
        """Return the days that entries may be listed under, newest first."""
        with self._lock:
            listed = {self.get(stray).day for stray in self._strays}
            return sorted(self.files() | listed, reverse=True)

    def files(self) -> set[str]:
        """Return the days that have a day file."""
        return set(self._known_files)

    def filed(self, day: str) -> list[Entry]:
        """Return the entries of one day file, in order of their start."""
        with self._lock:
            return sorted(self._file(day).values(), key=lambda entry: entry.order)

    def listed(self, day: str) -> list[Entry]:
        """Return the entries that are listed under ``day``, in order of their start."""
        with self._lock:
            here = self._file(day).values()
            own = [entry for entry in here if entry.call_id not in self._strays or entry.day == day]
            strays = [self.get(stray) for stray in self._strays if stray[:10] != day]
            return sorted(own + [entry for entry in strays if entry.day == day], key=lambda entry: entry.order)

    def everything(self) -> Iterator[Entry]:
        """Yield every entry, oldest day file first; a day at a time is held in memory."""
        for day in sorted(self.files()):
            yield from self.filed(day)

    def rewrite(self, day: str) -> int:
        """Rebuild one day file from the recordings; return how many entries it has."""
        with self._lock:
            entries = list(self._rebuild(day))
            strays = {entry.call_id for entry in entries if entry.day != day}
            known = {stray for stray in self._strays if stray[:10] != day}
            if known | strays != self._strays:
                self._write_strays(known | strays)
            self._columns.clear()
            self._forget(day)
            self._kept_book = "", self._kept_book[1]
            if entries:
                self._book(day).rewrite(msgspec.to_builtins(entry) for entry in entries)
                self._known_files.add(day)
            else:
                self._path(day).unlink(missing_ok=True)
                self._known_files.discard(day)
            return len(entries)

    def warm(self) -> int:
        """Read every day into its columns, so that the first search need not; return how many entries there are."""
        return sum(len(self._warmed(day)) for day in self.days())

    def _warmed(self, day: str) -> DayColumns:
        with self._lock:
            return self._column(day)

    def _days_of(self, choice: Choice) -> list[tuple[str, Choice]]:
        """Return the days that may hold what matches, newest first, each with what to look for in it."""
        # A London day reaches at most an hour into the UTC day before it.
        first = f"{choice.first - timedelta(days=1):%Y-%m-%d}" if choice.first else ""
        last = f"{choice.last:%Y-%m-%d}" if choice.last else "9999-12-31"
        if choice.among is None:
            return [(day, choice) for day in self.days() if first <= day <= last]
        by_day = dict[str, set[CallId]]()
        for call_id in choice.among:
            if call_id[:10] in self._known_files:
                by_day.setdefault(self._listed_under(call_id), set()).add(call_id)
        days = sorted((day for day in by_day if first <= day <= last), reverse=True)
        return [(day, replace(choice, among=frozenset(by_day[day]))) for day in days]

    def _listed_under(self, call_id: CallId) -> str:
        return self.get(call_id).day if call_id in self._strays else call_id[:10]

    def _knows(self, call_id: CallId) -> bool:
        return call_id in self._file(call_id[:10])

    def _column(self, day: str) -> DayColumns:
        if day not in self._columns:
            self._columns[day] = DayColumns(self.listed(day))
        return self._columns[day]

    def _file(self, day: str) -> dict[CallId, Entry]:
        if day not in self._files:
            self._files[day] = self._parsed(day)
            while len(self._files) > _DAYS_KEPT:
                self._files.popitem(last=False)
        self._files.move_to_end(day)
        return self._files[day]

    def _parsed(self, day: str) -> dict[CallId, Entry]:
        try:
            entries = Daybook(self._path(day), self._disk).entries(Entry)
        except SealBroken:
            log.warning("the day file %s cannot be read and is rebuilt from the recordings", day)
            entries = list(self._rebuild(day))
            self._book(day).rewrite(msgspec.to_builtins(entry) for entry in entries)
        return {entry.call_id: entry for entry in entries}

    def _forget(self, *days: str) -> None:
        for day in days:
            self._files.pop(day, None)
            self._columns.pop(day, None)

    def _book(self, day: str) -> Daybook:
        """Return a day's book; the one used last is kept, so that today's calls are put without reading it again."""
        if self._kept_book[0] != day:
            self._kept_book = day, Daybook(self._path(day), self._disk)
        return self._kept_book[1]

    def _path(self, day: str) -> Path:
        return self._folder / f"{day}.json"

    def _read_strays(self) -> frozenset[CallId]:
        try:
            strays = read_json(self._folder / "strays.json", frozenset[str]) or frozenset()
        except SealBroken:
            log.warning("the list of strays cannot be read; reindex restores it")
            strays = frozenset()
        return frozenset(CallId(stray) for stray in strays if self._knows(CallId(stray)))

    def _write_strays(self, strays: Iterable[CallId]) -> None:
        self._strays = frozenset(strays)
        replace_durably(self._folder / "strays.json", to_json(sorted(self._strays)), self._disk)
