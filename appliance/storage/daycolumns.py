"""One day of the catalogue as columns: some twenty bytes a call, so that years can be filtered in memory."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from appliance.clock import LONDON
from appliance.model.calls import CallId, Direction
from appliance.storage.entry import Entry

_DAY = len("2026-11-23")
_ID_WIDTH = 7
"""Bytes of an id without its day: six digits of time, two of the line, six of salt, two to a byte."""

_LARGEST = (1 << 32) - 1
_DIRECTIONS = tuple(Direction)
_LINE, _DIRECTION, _MISSED, _CUT_SHORT = 0x1F, 0x60, 0x80, 0x100
_DIRECTION_AT = 5
"""Of an entry's facts in one number."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which entries to list; everything given must match. Days are of Europe/London, inclusive.

    ``among`` narrows to these calls (found by number, or held); None is no narrowing.
    """

    first: date | None = None
    last: date | None = None
    line: int | None = None
    direction: Direction | None = None
    missed: bool | None = None
    shortest_s: float | None = None
    longest_s: float | None = None
    among: frozenset[CallId] | None = None
    without: frozenset[CallId] = frozenset()

    @property
    def bounds(self) -> tuple[float, float]:
        """The first instant that matches, and the instant after the last, in seconds of the epoch."""
        since = _midnight(self.first) if self.first else float("-inf")
        return since, _midnight(self.last + timedelta(days=1)) if self.last else float("inf")


@dataclass(frozen=True, slots=True)
class Glance:
    """What a list shows of an entry: it can be had without reading the day's file."""

    call_id: CallId
    line: int
    started_at: datetime
    duration_s: float
    direction: Direction
    missed: bool
    cut_short: bool


class DayColumns:
    """The entries of one day in order of their start, one array for each thing that lists are filtered by."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Take ``entries``, sorted by ``Entry.order``."""
        # From lists: an array that grows takes more than it holds.
        self._starts = array("d", [entry.started_at.timestamp() for entry in entries])
        self._lengths = array("f", [entry.duration_s for entry in entries])
        self._sizes = array("I", [min(entry.size, _LARGEST) for entry in entries])
        self._facts = array("H", [_packed(entry) for entry in entries])
        self._day = entries[0].call_id[:_DAY] if entries else ""
        self._ids = b"".join(_short(entry.call_id) for entry in entries)
        # Few have an id of another day, because the clock had not been set.
        self._others = {at: entry.call_id for at, entry in enumerate(entries) if self._long(at) != entry.call_id}

    def __len__(self) -> int:
        return len(self._starts)

    def call_id(self, position: int) -> CallId:
        """Return the id of the entry at ``position``."""
        return self._others.get(position) or self._long(position)

    def glance(self, position: int) -> Glance:
        """Return what a list shows of the entry at ``position``."""
        facts = self._facts[position]
        return Glance(
            call_id=self.call_id(position),
            line=facts & _LINE,
            started_at=datetime.fromtimestamp(self._starts[position], UTC),
            duration_s=self._lengths[position],
            direction=_DIRECTIONS[(facts & _DIRECTION) >> _DIRECTION_AT],
            missed=bool(facts & _MISSED),
            cut_short=bool(facts & _CUT_SHORT),
        )

    def starts_at(self, positions: Sequence[int]) -> list[float]:
        """Return when the entries at ``positions`` began, in seconds of the epoch."""
        return [self._starts[position] for position in positions]

    @property
    def total_bytes(self) -> int:
        """The bytes of the sealed files of all entries together."""
        return sum(self._sizes)

    def bytes_at(self, positions: Sequence[int]) -> int:
        """Return the bytes of the sealed files of some entries together."""
        return sum(self._sizes[position] for position in positions)

    def matching(self, choice: Choice) -> Sequence[int]:
        """Return the positions that match, oldest first."""
        found: Sequence[int] = range(len(self)) if choice.among is None else self._among(choice.among)
        starts, lengths, facts = self._starts, self._lengths, self._facts
        since, until = choice.bounds
        if starts and not (since <= starts[0] and starts[-1] < until):
            found = [at for at in found if since <= starts[at] < until]
        mask, wanted = _asked(choice)
        if mask:
            found = [at for at in found if facts[at] & mask == wanted]
        if choice.shortest_s is not None or choice.longest_s is not None:
            shortest = choice.shortest_s or 0.0
            longest = float("inf") if choice.longest_s is None else choice.longest_s
            found = [at for at in found if shortest <= lengths[at] <= longest]
        if choice.without:
            without = set(self._among(choice.without))
            found = [at for at in found if at not in without]
        return found

    def _long(self, position: int) -> CallId:
        """Return an id of the common day."""
        digits = self._ids[position * _ID_WIDTH : (position + 1) * _ID_WIDTH].hex()
        return CallId(f"{self._day}T{digits[:6]}Z-{digits[6:8].lstrip('0') or '0'}-{digits[8:]}")

    def _among(self, among: frozenset[CallId]) -> list[int]:
        """Return the positions of those of ``among`` that are here."""
        here = [self._place(_short(call_id)) for call_id in among if call_id[:_DAY] == self._day]
        found = {at for at in here if at >= 0 and at not in self._others}
        return sorted(found | {at for at, call_id in self._others.items() if call_id in among})

    def _place(self, short: bytes) -> int:
        """Return the position of an id without its day; -1 if it is not here."""
        at = self._ids.find(short)
        while at >= 0 and at % _ID_WIDTH:
            at = self._ids.find(short, at + 1)
        return at // _ID_WIDTH if at >= 0 else -1


def _short(call_id: CallId) -> bytes:
    """Return an id without its day and its letters."""
    time_and_line = call_id[_DAY + 1 :]  # 163300Z-1-7f3a9c
    return bytes.fromhex(time_and_line[:6] + time_and_line[8:-7].rjust(2, "0") + time_and_line[-6:])


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), LONDON).timestamp()


def _packed(entry: Entry) -> int:
    facts = (entry.line & _LINE) | _DIRECTIONS.index(entry.direction) << _DIRECTION_AT
    return facts | entry.missed * _MISSED | entry.cut_short * _CUT_SHORT


def _asked(choice: Choice) -> tuple[int, int]:
    """Return the bits of ``_packed`` that matter to ``choice``, and what they must be."""
    mask = wanted = 0
    if choice.line is not None:
        mask, wanted = mask | _LINE, wanted | choice.line & _LINE
    if choice.direction is not None:
        mask, wanted = mask | _DIRECTION, wanted | _DIRECTIONS.index(choice.direction) << _DIRECTION_AT
    if choice.missed is not None:
        mask, wanted = mask | _MISSED, wanted | choice.missed * _MISSED
    return mask, wanted
