"""One day of the catalogue as columns: some fifty bytes a call, so that a year can be filtered in memory."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from appliance.clock import LONDON
from appliance.model.calls import CallId, Direction
from appliance.storage.entry import Entry

_ID_WIDTH = 28
_LARGEST = (1 << 32) - 1
_DIRECTIONS = tuple(Direction)


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


class DayColumns:
    """The entries of one day in order of their start, one array for each thing that lists are filtered by."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Take ``entries``, sorted by ``Entry.order``."""
        # From lists: an array that grows takes more than it holds.
        self._starts = array("d", [entry.started_at.timestamp() for entry in entries])
        self._lengths = array("f", [entry.duration_s for entry in entries])
        self._sizes = array("I", [min(entry.size, _LARGEST) for entry in entries])
        self._facts = array("B", [_packed(entry) for entry in entries])
        self._ids = b"".join(entry.call_id.encode("ascii").ljust(_ID_WIDTH) for entry in entries)

    def __len__(self) -> int:
        return len(self._starts)

    def call_id(self, position: int) -> CallId:
        """Return the id of the entry at ``position``."""
        return CallId(self._ids[position * _ID_WIDTH : (position + 1) * _ID_WIDTH].decode("ascii").rstrip())

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
            found = [at for at in found if self.call_id(at) not in choice.without]
        return found

    def _among(self, among: frozenset[CallId]) -> list[int]:
        places = (self._ids.find(call_id.encode("ascii").ljust(_ID_WIDTH)) for call_id in among)
        return sorted(place // _ID_WIDTH for place in places if place >= 0)


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), LONDON).timestamp()


def _packed(entry: Entry) -> int:
    """Five bits of line, two of direction, one of missed."""
    return (entry.line & 31) | _DIRECTIONS.index(entry.direction) << 5 | entry.missed << 7


def _asked(choice: Choice) -> tuple[int, int]:
    """Return the bits of ``_packed`` that matter to ``choice``, and what they must be."""
    mask = wanted = 0
    if choice.line is not None:
        mask, wanted = mask | 31, wanted | choice.line & 31
    if choice.direction is not None:
        mask, wanted = mask | 3 << 5, wanted | _DIRECTIONS.index(choice.direction) << 5
    if choice.missed is not None:
        mask, wanted = mask | 1 << 7, wanted | choice.missed << 7
    return mask, wanted
