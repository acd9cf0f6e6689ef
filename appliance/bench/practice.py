"""A practice of years, sealed as a real one is: the vault that the catalogue is measured with."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.clock import ClockQuality, FakeClock
from appliance.config import Config
from appliance.files import made_folder
from appliance.keeper.stores import open_stores
from appliance.model.calls import Caller, CallerIdentity, CallId, Closing, Direction, EndCause, Opening, call_id
from appliance.storage.daycolumns import Choice
from appliance.storage.entry import Entry, Stated
from appliance.storage.index import Known
from appliance.storage.people.slots import Hardness
from appliance.storage.records import LineChain, OpeningSecret, clear_of_closing, clear_of_opening

A_DAY = 550
"""Recordings: what fills 200,000 in a year."""

INDEX_KEY = bytes(range(32))

_FIRST = datetime(2026, 1, 1, 8, tzinfo=UTC)
_APART = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the practice, by its number from 0."""

    call_id: CallId
    at: datetime
    line: int
    number: str
    length_s: float


class Practice:
    """A vault of its own, with the keeper's parts."""

    def __init__(self, folder: Path, first: datetime = _FIRST) -> None:
        """Make it in ``folder``, or open the one that is there; its calls begin at ``first``."""
        folders = Config(folder).folders
        self.clock, self._first = FakeClock(first), first
        self._stores = open_stores(folders, self.clock, hardness=Hardness())
        self.catalogue, self.index, self.custody = self._stores.catalogue, self._stores.index, self._stores.custody
        self._count = 0

    def fill(self, count: int) -> Iterator[int]:
        """Seal ``count`` recordings into the vault, not yet listed; yield how many there are now and then."""
        key = self._stores.keyring.current()
        self._count = count
        for number, call in enumerate(self.calls()):
            shelf = self._stores.vault.shelf(call.call_id)
            if number % A_DAY == 0:
                made_folder(shelf)
                yield number
            lines = LineChain(call.call_id, key)
            opening, closing = _opening(call), _closing(call)
            sheet = lines.line(clear_of_opening(opening, key), OpeningSecret(bytes(32), opening))
            sheet += lines.line(clear_of_closing(call.call_id, closing), closing)
            self._stores.vault.meta(call.call_id).write_bytes(sheet)

    def calls(self) -> Iterator[Call]:
        """Yield the calls that it was filled with, oldest first."""
        return map(self._call, range(self._count))

    def later_calls(self, count: int) -> Iterator[Call]:
        """Yield calls that come after those: of the last day."""
        last = self._call(self._count - 1)
        for number in range(1, count + 1):
            at = last.at + timedelta(seconds=number)
            yield Call(call_id(at, 1, f"f{number:05x}"), at, 1, last.number, 90.0)

    def some_ids(self, count: int) -> list[CallId]:
        """Return ids from all over the time."""
        step = max(1, self._count // count)
        return [self._call(number).call_id for number in range(0, self._count, step)][:count]

    def days(self) -> list[str]:
        """Return the days that have recordings."""
        return sorted(self._stores.vault.days())

    def fill_index(self) -> None:
        """Put every number into the index, and keep its days sealed on the disk."""
        self.index.unlock(INDEX_KEY)
        for day, calls in itertools.groupby(self.calls(), lambda call: call.call_id[:10]):
            self.index.add(known_of(call) for call in calls)
            self.index.keep(day)

    def load_index(self) -> None:
        """Take in what was kept, as after signing in."""
        self.index.unlock(INDEX_KEY)
        for day in self.days():
            self.index.load(day)

    def search(self, part: str, most: int) -> int:
        """Find a page of calls by part of a number; return how many there are in all."""
        total, _ = self.catalogue.glances(Choice(among=self.index.search(part)), 0, most)
        return total

    def close(self) -> None:
        """Let go of the journal."""
        self._stores.journal.close()

    def _call(self, number: int) -> Call:
        day, of_day = divmod(number, A_DAY)
        at = self._first + timedelta(days=day) + _APART * of_day
        line = number % 4 + 1
        told = f"0163296{number * 7919 % 10_000:04d}"  # of the range that Ofcom keeps for drama
        return Call(call_id(at, line, f"{number % (1 << 24):06x}"), at, line, told, 30.0 + number % 600)


def entry_of(call: Call) -> Entry:
    """Return a call's entry in the catalogue."""
    stated = Stated(call.at, ClockQuality.SYNCHRONISED, "boot-1", 5.0)
    return Entry(
        call_id=call.call_id,
        line=call.line,
        started_at=call.at,
        stated=stated,
        duration_s=call.length_s,
        direction=Direction.IN,
        missed=False,
        cut_short=False,
        size=250_000,
        kid="0123456789abcdef",
    )


def known_of(call: Call) -> Known:
    """Return what the index knows of a call."""
    return Known(call.call_id, "Reception", Caller(CallerIdentity.NUMBER, call.number), None, answered=True)


def _opening(call: Call) -> Opening:
    caller = Caller(CallerIdentity.NUMBER, call.number)
    return Opening(
        call_id=call.call_id,
        line=call.line,
        line_name="Reception",
        started_at=call.at,
        clock=ClockQuality.SYNCHRONISED,
        boot_id="boot-1",
        boottime_s=5.0,
        direction=Direction.IN,
        caller=caller,
    )


def _closing(call: Call) -> Closing:
    return Closing(
        ended_at=call.at + timedelta(seconds=call.length_s),
        duration_s=call.length_s,
        audio_bytes=0,
        direction=Direction.IN,
        caller=Caller(CallerIdentity.NUMBER, call.number),
        dialled=None,
        answered=True,
        missed=False,
        rings=2,
        cause=EndCause.HOOK,
    )
