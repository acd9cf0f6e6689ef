"""The manager's pages at the size of years, four people at them at once, beside nginx with files of the same sizes.

The keeper, the site and nginx are the real ones, and a recorder is at work beside them. The four ask one thing after
another without a pause, which nobody does who reads; figures are wall time, because that is what they wait for, and
with a 95th percentile as it is named.
"""

import statistics
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from time import perf_counter

from appliance.bench import Progress
from appliance.bench.beside import LINES, RecorderBeside, fitted_cards, lines_on
from appliance.bench.browsing import Browser, ms_since
from appliance.bench.crowd import IDLE, SLOW, STREAMS, Crowd
from appliance.bench.processes import bare_python_mb
from appliance.bench.row import Limit, Row
from appliance.bench.staticpeer import StaticPeer
from appliance.bench.wholebox import WholeBox, free_port
from appliance.web.calls import PER_PAGE
from appliance.web.live import MOST_STREAMS

COUNT, LONG_S, ROUNDS = 200_000, 4 * 3600.0, 20
QUICK_COUNT, QUICK_LONG_S, QUICK_ROUNDS = 300, 600.0, 3

_TAPE_S, _QUICK_TAPE_S = 2400.0, 180.0
"""What is on the lines beside, at least as long as the whole takes."""

CLIENTS = 4
_TURNS = 3
_FLOOR = "nginx, files of those sizes"

Sizes = tuple[int, ...]
"""Bytes of each thing that was loaded, for the peer to be asked for the same."""

Once = Callable[[Browser, Random], Sizes]
"""Something that one of the people does, with what chance gives."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that people wait for, and how long at most, at the 95th percentile."""

    name: str
    limit_ms: float
    once: Once
    floor: Once | None = None
    """What the peer is asked for; None for files of the sizes that were loaded."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a turn of everybody took: each time in milliseconds, and the processor's of one; and the sizes of one."""

    taken: list[float]
    sizes: Sizes
    cpu_ms: float


def measure(quick: bool, progress: Progress) -> list[Row]:
    """Return what people wait for, what memory it takes, whether a crowd keeps anybody out, and what the lines lost."""
    count, long_s, rounds = (QUICK_COUNT, QUICK_LONG_S, QUICK_ROUNDS) if quick else (COUNT, LONG_S, ROUNDS)
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="linekeeper-bench-")))
        cards = fitted_cards(folder / "cards", _QUICK_TAPE_S if quick else _TAPE_S)
        if cards is None:
            progress("no recorder beside it: that needs gcc and libasound2-dev")
        with WholeBox(folder, lines_on(cards), count, long_s, progress) as box:
            recorder = RecorderBeside(box.config, box.settings, cards) if cards else None
            with recorder or nullcontext(), StaticPeer(folder / "peer", free_port()) as peer:
                rows = _site(box, peer, count, rounds, progress)
        return [*rows, *(_recorded(recorder) if recorder else ())]


def _site(box: WholeBox, peer: StaticPeer, count: int, rounds: int, progress: Progress) -> list[Row]:
    with ExitStack() as held:
        people = [held.enter_context(Browser(box.port)) for _ in range(CLIENTS)]
        for browser in people:
            box.sign_in(browser)
        indexed_s = box.wait_until_searchable(people[0])
        rows = [Row(f"every number opened after signing in, of {count:,}", indexed_s, "s", "", None)]
        for act in (*_pages(box, people, count), _seek(box, people, peer)):
            progress(f"{act.name}, {CLIENTS} at once")
            rows += _waits(act, box, people, peer, rounds)
        rows.append(_memory(box, peer))
        progress("signing in among a crowd")
        return [*rows, *_crowded(box, people[0])]


def _memory(box: WholeBox, peer: StaticPeer) -> Row:
    bare = peer.resident_mb() + 2 * bare_python_mb()
    limit = Limit(180.0, absolute=True)
    return Row("memory of keeper, site and nginx", box.resident_mb(), "MB", "nginx, two bare Pythons", bare, limit)


def _recorded(recorder: RecorderBeside) -> list[Row]:
    name = f"lost meanwhile of {LINES} lines with a call on each, in {recorder.lasted_s:.0f} s"
    return [Row(name, recorder.lost_ms(), "ms", "", None, Limit(0.0, absolute=True))]


def _pages(box: WholeBox, people: Sequence[Browser], count: int) -> list[Act]:
    pages = max(1, count // PER_PAGE)
    tokens = {browser: browser.token("/calls") for browser in people}

    def listing(browser: Browser, chance: Random) -> Sizes:
        return (len(browser.get(f"/calls?page={chance.randint(1, pages)}").body),)

    def search(browser: Browser, chance: Random) -> Sizes:
        kept = browser.post("/search", tokens[browser], {"number": f"{chance.randint(1000, 9999)}"})
        return len(kept.body), len(browser.get(kept.where).body)

    def page(browser: Browser, _chance: Random) -> Sizes:
        return browser.complete(f"/calls/{box.long_call}")

    return [
        Act("the list, any page of it", 50.0, listing),
        Act("a search by part of a number, sent and shown", 100.0, search),
        Act("a call's page and all its files, nothing cached", 150.0, page),
    ]


def _seek(box: WholeBox, people: Sequence[Browser], peer: StaticPeer) -> Act:
    """Return a seek: to the first byte from anywhere in the long recording, of ours or of the peer's file like it."""
    page = f"/calls/{box.long_call}"
    for browser in people:
        browser.post(f"{page}/listen", browser.token(f"{page}/hold"), {"purpose": "facts"})
    sound = f"{page}/audio"
    size = people[0].size_of(sound)

    def seek(path: str, browser: Browser, chance: Random) -> Sizes:
        browser.first_byte(path, chance.randrange(size))
        return (size,)

    name = "the first byte of sound after a seek"
    return Act(name, 50.0, partial(seek, sound), partial(seek, peer.path(size)))


def _waits(act: Act, box: WholeBox, people: Sequence[Browser], peer: StaticPeer, rounds: int) -> list[Row]:
    """Return its rows: of three turns, ours and the peer's, the one that the rest of the machine disturbed least."""
    ours, floors = list[_Turn](), list[_Turn]()
    with ExitStack() as held:
        static = [held.enter_context(Browser(peer.port)) for _ in people]
        for _ in range(_TURNS):
            ours.append(_turn(people, rounds, act.once, box.cpu_ms))
            floors.append(_turn(static, rounds, act.floor or _loading(peer, ours[-1].sizes), peer.cpu_ms))
    best, floor = min(ours, key=_p95_of), min(floors, key=_p95_of)
    cpu, floor_cpu = min(turn.cpu_ms for turn in ours), min(turn.cpu_ms for turn in floors)
    limit = Limit(act.limit_ms, absolute=True)
    return [
        Row(f"{act.name}: median", statistics.median(best.taken), "ms", _FLOOR, statistics.median(floor.taken)),
        Row(f"{act.name}: 95 %", _p95(best.taken), "ms", _FLOOR, _p95(floor.taken), limit),
        Row(f"{act.name}: processor time", cpu, "ms", _FLOOR, floor_cpu),
    ]


def _turn(people: Sequence[Browser], rounds: int, once: Once, cpu_ms: Callable[[], float]) -> _Turn:
    """Let everybody do it ``rounds`` times at once."""

    def one(number: int) -> tuple[list[float], Sizes]:
        chance, sizes, taken = Random(number), Sizes(), list[float]()  # noqa: S311 - no secret
        for _ in range(rounds):
            begun = perf_counter()
            sizes = once(people[number], chance)
            taken.append(ms_since(begun))
        return taken, sizes

    before = cpu_ms()
    with ThreadPoolExecutor(len(people)) as pool:
        done = list(pool.map(one, range(len(people))))
    taken = [ms for taken, _ in done for ms in taken]
    return _Turn(taken, done[0][1], (cpu_ms() - before) / len(taken))


def _p95_of(turn: _Turn) -> float:
    return _p95(turn.taken)


def _loading(peer: StaticPeer, sizes: Sizes) -> Once:
    paths = [peer.path(size) for size in sizes]

    def load(browser: Browser, _chance: Random) -> Sizes:
        return tuple(len(browser.get(path).body) for path in paths)

    return load


def _crowded(box: WholeBox, browser: Browser) -> list[Row]:
    """Return how long signing in takes while a crowd is in the way, and how many streams of it were taken in."""
    with Browser(box.port) as one, Browser(box.port) as another:
        alone_ms = box.sign_in(one)
        with Crowd(box.port, browser, f"/calls/{box.long_call}/audio") as crowd:
            crowded_ms = box.sign_in(another)
    name = f"signing in among {IDLE} idle sockets, {STREAMS} event streams, {SLOW} slow readers"
    served = Limit(MOST_STREAMS, absolute=True, least=True)
    return [
        Row(name, crowded_ms, "ms", "signing in alone", alone_ms, Limit(3.0)),
        Row(f"event streams served, of {STREAMS} asked for", crowd.streams, "", "", None, served),
    ]


def _p95(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=20, method="inclusive")[-1]
