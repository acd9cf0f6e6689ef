"""A practice's telephone traffic: what happens on a line through a day, and on a live line for a first look."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from appliance.capture.simulator.calls import CallKind, Step, steps
from appliance.capture.simulator.numbers import reserved_number
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import Profile

USUAL: dict[CallKind, float] = {
    CallKind.ANSWERED: 26,
    CallKind.ANNOUNCED: 4,
    CallKind.WITHHELD: 5,
    CallKind.MISSED: 8,
    CallKind.MISSED_WITHHELD: 2,
    CallKind.ON_HOLD: 10,
    CallKind.TRANSFERRED: 5,
    CallKind.CALLER_CLEARS: 8,
    CallKind.CALL_WAITING: 2,
    CallKind.MUTED: 2,
    CallKind.DIALLED: 14,
    CallKind.DIALLED_MENU: 3,
    CallKind.DIALLED_CLEARED: 3,
    CallKind.BUSY: 2,
    CallKind.NO_ANSWER: 3,
    CallKind.UNOBTAINABLE: 1,
    CallKind.ABANDONED: 2,
}
"""How often each kind comes, in parts of the whole."""

_OPENS_S, _CLOSES_S = 8 * 3600.0, 18.5 * 3600.0
"""A practice's day: 08:00 to 18:30 (core hours of the GP contract)."""

_RUSH_END_S = 10 * 3600.0
_OVERHEAD_S = 60.0
"""What a call takes beside its talk: ringing, dialling, clearing."""


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A call of a day: ``start_s`` in seconds since midnight, ``talk_s`` of talk; ``seed`` makes it sound the same."""

    kind: CallKind
    start_s: float
    talk_s: float
    seed: int

    def perform(self, pair: SimulatedPair) -> None:
        """Let it happen on ``pair``."""
        for step in self.steps(pair.profile.country):
            step(pair)

    def steps(self, country: str) -> Iterator[Step]:
        """Its verbs, one after another."""
        return steps(self.kind, np.random.default_rng(self.seed), country, self.talk_s)

    def pair(self, profile: Profile) -> SimulatedPair:
        """A pair of its own on which it has happened, with two seconds of idle line on both sides."""
        pair = SimulatedPair(profile, self.seed)
        pair.idle(2.0)
        self.perform(pair)
        pair.idle(2.0)
        return pair


def draw_kind(rng: np.random.Generator, weights: dict[CallKind, float]) -> CallKind:
    """Draw a kind of call."""
    parts = np.array(list(weights.values()))
    return list(weights)[int(rng.choice(len(parts), p=parts / parts.sum()))]


def practice_day(rng: np.random.Generator, calls_expected: float = 30.0, talk_s: float = 150.0) -> list[PlannedCall]:
    """One line's calls on one working day, in order and without overlap: half of them in the morning rush.

    ``talk_s`` is the median of how long people talk.
    """
    rush = calls_expected / 2 / (_RUSH_END_S - _OPENS_S)
    rest = calls_expected / 2 / (_CLOSES_S - _RUSH_END_S)
    day: list[PlannedCall] = []
    at = _OPENS_S
    while True:
        at += float(rng.exponential(1 / (rush if at < _RUSH_END_S else rest)))
        if at >= _CLOSES_S:
            return day
        length = float(np.clip(rng.lognormal(np.log(talk_s), 0.7), 8.0, 1800.0))
        call = PlannedCall(draw_kind(rng, USUAL), round(at), round(length, 1), int(rng.integers(2**31)))
        day.append(call)
        at += length + _OVERHEAD_S


def live(rng: np.random.Generator, country: str) -> Iterator[Step]:
    """An endless line for watching: the first call rings after about 5 s and is answered; short calls, short gaps."""
    yield partial(SimulatedPair.idle, s=float(rng.uniform(4.0, 6.0)))
    yield from _answered_soon(rng, country)
    while True:
        yield SimulatedPair.forget
        yield partial(SimulatedPair.idle, s=float(rng.uniform(5.0, 12.0)))
        yield from steps(draw_kind(rng, USUAL), rng, country, float(rng.uniform(20, 40)))


def _answered_soon(rng: np.random.Generator, country: str) -> Iterator[Step]:
    yield partial(SimulatedPair.ring, times=float(rng.uniform(1.1, 2.2)), caller=reserved_number(rng, country))
    yield SimulatedPair.lift
    for _ in range(int(rng.integers(3, 5))):
        yield partial(SimulatedPair.talk, s=8.0)
    yield SimulatedPair.hang_up
