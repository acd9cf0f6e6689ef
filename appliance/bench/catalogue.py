"""The catalogue at the size of years, beside SQLite in WAL mode with every commit synced, in one run on one disk.

Ours is asked through the parts that the keeper asks. The two take turns, so that a busy disk disturbs both alike;
figures are medians of wall time, because what people wait for here is the disk.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from appliance.bench.practice import Practice, entry_of, known_of
from appliance.bench.row import Limit, Row
from appliance.bench.sqlite_peer import Peer
from appliance.model.holds import HoldReason
from appliance.storage.daycolumns import Choice
from appliance.storage.holds import HoldRecord

Progress = Callable[[str], None]

ROUNDS = 60
_PAGE = 50
_PEER = "SQLite WAL, synchronous=FULL"


@dataclass(frozen=True, slots=True)
class Taken:
    """Medians of ours and the peer's."""

    ours: float
    peer: float


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
    calls = iter(practice.later_calls(ROUNDS))
    ours_written, peer_written = list[int](), list[int]()
    inserts, lists = ([], []), ([], [])  # type: tuple[list[float], list[float]], tuple[list[float], list[float]]
    for call in calls:
        practice.index.add([known_of(call)])
        practice.catalogue.some(Choice(), 0, _PAGE)
        inserts[0].append(_ms(lambda call=call: ours_written.append(_wrote(lambda: practice.catalogue.put(entry_of(call))))))
        inserts[1].append(_ms(lambda call=call: peer_written.append(_wrote(lambda: peer.insert(call)))))
        lists[0].append(_ms(lambda: practice.catalogue.some(Choice(), 0, _PAGE)))
        lists[1].append(_ms(lambda: peer.newest(_PAGE)))
    yield _row("insert a recording", inserts, 5.0)
    yield Row("written for one insert", _median(ours_written), "bytes", _PEER, _median(peer_written))
    yield _row("newest 50, after an insert", lists, 3.0)


def _reading(practice: Practice, peer: Peer, progress: Progress) -> Iterator[Row]:
    progress("searching by number, setting holds")
    parts = [f"{number:05d}"[-5:] for number in range(11_111, 99_999, 1_777)][:ROUNDS]
    searches = (
        [_ms(lambda part=part: practice.search(part, _PAGE)) for part in parts],
        [_ms(lambda part=part: peer.search(part, _PAGE)) for part in parts],
    )
    yield _row("search by part of a number", searches, 120.0)
    held = practice.some_ids(ROUNDS)
    record = HoldRecord(HoldReason.CLAIM, "manager", practice.clock.now().at, date(2030, 1, 1), "kid", bytes(300))
    holds = [], []  # type: tuple[list[float], list[float]]
    for call_id in held:
        holds[0].append(_ms(lambda call_id=call_id: practice.custody.place_hold(call_id, record)))
        holds[1].append(_ms(lambda call_id=call_id: peer.hold(call_id)))
    yield _row("set a legal hold, journal line and all", holds, 5.0)


def _memory(folder: Path) -> Iterator[Row]:
    """Yield what a keeper's process takes with all of it, in one of its own."""
    for name, words, limit in (("locked", "memory of a keeper, locked", None), ("signed-in", "memory of a keeper, signed in", 60.0)):
        ours, peer = _child("ours", name, folder / "data"), _child("peer", name, folder / "peer.sqlite")
        yield Row(words, ours, "MB", "Python with SQLite", peer, Limit(limit, absolute=True) if limit else None)


def _child(whose: str, state: str, path: Path) -> float:
    command = [sys.executable, "-m", "appliance.bench.memory", whose, state, str(path)]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def _row(name: str, taken: tuple[list[float], list[float]], limit_ms: float) -> Row:
    return Row(name, _median(taken[0]), "ms", _PEER, _median(taken[1]), Limit(limit_ms, absolute=True))


def _median(figures: list[float] | list[int]) -> float:
    return float(statistics.median(figures))


def _ms(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _wrote(act: Callable[[], object]) -> int:
    """Return how many bytes this process gives to write calls while it does ``act``."""
    before = _given_to_write()
    act()
    return _given_to_write() - before


def _given_to_write() -> int:
    for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines():
        if line.startswith("wchar: "):
            return int(line.split()[1])
    return 0


