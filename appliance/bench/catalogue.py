"""The catalogue at the size of years, beside SQLite in WAL mode with every commit synced, in one run on one disk.

Ours is asked through the parts that the keeper asks. The two take turns, so that a busy disk disturbs both alike;
figures are medians of wall time, because what people wait for here is the disk.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ParamSpec

from appliance.bench.practice import Practice, entry_of
from appliance.bench.row import Limit, Row
from appliance.bench.sqlite_peer import Peer
from appliance.model.holds import HoldReason
from appliance.storage.daycolumns import Choice
from appliance.storage.holds import HoldRecord

Progress = Callable[[str], None]

ROUNDS = 60
_PAGE = 50
_PEER = "SQLite WAL, synchronous=FULL"


P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Pair:
    """Figures of ours and of the peer's, taken in turn."""

    ours: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)

    def row(self, name: str, unit: str, limit: float | None = None) -> Row:
        """Return their medians."""
        ours, peer = statistics.median(self.ours), statistics.median(self.peer)
        return Row(name, ours, unit, _PEER, peer, None if limit is None else Limit(limit, absolute=True))


def measure(folder: Path, count: int, progress: Progress) -> list[Row]:
    """Fill a vault below ``folder`` with ``count`` recordings, and SQLite with the same; return what each act takes.

    Recordings are sheets without audio, sealed as real ones are. Two to three minutes for 200,000.
    """
    practice = Practice(folder / "data")
    peer = Peer(folder / "peer.sqlite")
    for done in practice.fill(count):
        progress(f"sealing recordings: {done:,} of {count:,}")
    reindex = _reindexed(practice, peer, progress)
    progress("opening every number, as after signing in")
    practice.fill_index()
    rows = [*_lists(practice, peer, progress), *_reading(practice, peer, progress), reindex]
    practice.close()
    peer.close()
    progress("measuring memory")
    return [*rows, *_memory(folder)]


def _reindexed(practice: Practice, peer: Peer, progress: Progress) -> Row:
    days = practice.days()
    begun = time.perf_counter()
    for done, day in enumerate(days, start=1):
        practice.catalogue.rewrite(day)
        progress(f"reindex: {done} of {len(days)} days")
    ours = time.perf_counter() - begun
    begun = time.perf_counter()
    peer.insert_all(practice.calls())
    return Row("reindex from the files", ours, "s", "SQLite insert alone", time.perf_counter() - begun)


def _lists(practice: Practice, peer: Peer, progress: Progress) -> Iterator[Row]:
    """Yield what is written and then read again: each insert makes the next list the dearest there is."""
    progress("inserting, and listing the newest")
    inserts, lists, written = Pair(), Pair(), Pair()
    for call in practice.later_calls(ROUNDS):
        practice.catalogue.glances(Choice(), 0, _PAGE)
        before = _given_to_write()
        inserts.ours.append(_ms(practice.catalogue.put, entry_of(call)))
        between = _given_to_write()
        inserts.peer.append(_ms(peer.insert, call))
        written.ours.append(between - before)
        written.peer.append(_given_to_write() - between)
        lists.ours.append(_ms(practice.catalogue.glances, Choice(), 0, _PAGE))
        lists.peer.append(_ms(peer.newest, _PAGE))
    yield inserts.row("insert a recording", "ms", 5.0)
    yield written.row("written for one insert", "bytes")
    yield lists.row("newest 50, after an insert", "ms", 3.0)


def _reading(practice: Practice, peer: Peer, progress: Progress) -> Iterator[Row]:
    progress("searching by number, setting holds")
    searches, holds = Pair(), Pair()
    for number in range(1_111, 9_999, 8_888 // ROUNDS):
        searches.ours.append(_ms(practice.search, f"{number}", _PAGE))
        searches.peer.append(_ms(peer.search, f"{number}", _PAGE))
    record = HoldRecord(HoldReason.CLAIM, "manager", practice.clock.now().at, date(2030, 1, 1), "kid", bytes(300))
    for call_id in practice.some_ids(ROUNDS):
        holds.ours.append(_ms(practice.custody.place_hold, call_id, record))
        holds.peer.append(_ms(peer.hold, call_id))
    yield searches.row("search by part of a number", "ms", 120.0)
    yield holds.row("set a legal hold, journal line and all", "ms", 5.0)


def _memory(folder: Path) -> Iterator[Row]:
    """Yield what a keeper's process takes with all of it, in one of its own."""
    for state, limit in (("locked", None), ("signed in", Limit(60.0, absolute=True))):
        ours, peer = _child("ours", state, folder / "data"), _child("peer", state, folder / "peer.sqlite")
        yield Row(f"memory of a keeper, {state}", ours, "MB", "Python with SQLite", peer, limit)


def _child(whose: str, state: str, path: Path) -> float:
    command = [sys.executable, "-m", "appliance.bench.memory", whose, state, str(path)]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def _ms(act: Callable[P, object], *args: P.args, **more: P.kwargs) -> float:
    begun = time.perf_counter()
    act(*args, **more)
    return (time.perf_counter() - begun) * 1000


def _given_to_write() -> int:
    for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines():
        if line.startswith("wchar: "):
            return int(line.split()[1])
    return 0
