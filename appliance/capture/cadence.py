"""What a run of tones means: the cadence tells dial tone, ringback, busy and congestion apart (ITU-T E.180).

The country's plan is tried first. A tone that is none of its own is judged by the ranges E.180 gives for every
country, so that a line with a foreign exchange behind it, or a wrong setting, still shows where a call ends.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

from appliance.audio import RATE, positions
from appliance.capture.tonality import Sounding
from appliance.capture.tones import Tone, ToneKind, TonePlan

MIDDLE_HZ = (330.0, 660.0)
"""Where call progress tones lie; the middle of two tones that sound together."""

SPREAD_HZ = 170.0
"""Most between two tones that sound together (480 and 620 Hz)."""

SHORTEST = positions(0.07)
"""A burst must be longer: the shortest of any plan is 100 ms."""

CONTINUOUS = positions(2.7)
"""A tone this long is continuous: the longest ringing burst is 2 s, plus a tenth."""

LATELY = positions(0.5)
"""How long a tone that has ended is still what is heard."""

CYCLES = 3
"""Repeats of a cadence before a broken tone is named; one more makes it final."""

OFF_TOLERANCE = 0.1
OFF_TOLERANCE_MS = 40.0
"""A real cadence keeps to a tenth (ND1016), and edges are seen to 20 ms each."""

EDGE = positions(OFF_TOLERANCE_MS / 1000)
"""The same in samples."""

OFF_FREQUENCY = 0.06
"""A real tone keeps to 5 %; the middle of two is seen to 1 %."""

BUSY_MS = (90.0, 800.0)
"""On and off times of busy and congestion tones of all plans."""

RINGBACK_ON_MS = (250.0, 2300.0)
RINGBACK_OFF_MS = 1300.0
"""Ringback of all plans: bursts with at least this between groups of them."""

FORGET = positions(7.0)
"""A pause longer than any cadence's (6 s): what comes after is another tone."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A tone named ``kind`` that has been going on since ``start``; ``end`` is where its last burst ended so far."""

    kind: ToneKind
    start: int
    end: int


class ProgressTones:
    """Follows the bursts of call progress tones on a line. ``now`` is what they mean so far."""

    def __init__(self, plan: TonePlan) -> None:
        """Take the country's plan."""
        self._plan = plan
        self._bursts: list[Sounding] = []
        self._cadence: Heard | None = None
        self.now: Heard | None = None

    def hear(self, ended: list[Sounding], sounding: Sounding | None, at: int) -> Heard | None:
        """Take the tones that ended and the one still sounding; return what is heard now. ``at`` is the present."""
        for burst in ended:
            if is_progress(burst) and burst.length > SHORTEST:
                self._join(burst)
        if self._bursts and not sounding and at - self._bursts[-1].end > FORGET:
            self._bursts.clear()
        self.now = self._named(sounding if sounding and is_progress(sounding) else None, at)
        return self.now

    def clear(self) -> None:
        """Forget the bursts: something else was heard between them."""
        self._bursts.clear()
        self.now = None

    def _join(self, burst: Sounding) -> None:
        last = self._bursts[-1] if self._bursts else None
        if last and (abs(last.middle_hz - burst.middle_hz) > OFF_FREQUENCY * last.middle_hz):
            self._bursts.clear()
        self._bursts = [*self._bursts[-11:], burst]
        kind = self._broken()
        self._cadence = Heard(kind, self._begun(), burst.end) if kind else None

    def _named(self, sounding: Sounding | None, at: int) -> Heard | None:
        long = sounding if sounding and sounding.length >= CONTINUOUS else None
        if long is None and self._bursts and self._bursts[-1].length >= CONTINUOUS:
            long = self._bursts[-1] if at - self._bursts[-1].end < LATELY else None
        if long:
            return Heard(self._continuous(long), long.start, long.end)
        if not self._bursts:
            return None
        end = sounding.end if sounding else self._bursts[-1].end
        return replace(self._cadence, end=end) if self._cadence else None

    def _begun(self) -> int:
        """Return where the cadence that sounds now began: back from its end while bursts and pauses keep to it."""
        recent = self._bursts[-CYCLES - 1 :]
        longest_on = max(burst.length for burst in recent)
        longest_off = max((b.start - a.end for a, b in pairwise(recent)), default=0)
        start = self._bursts[-1].start
        for before, after in reversed(list(pairwise(self._bursts))):
            off = after.start - before.end
            if (
                off > longest_off * (1 + OFF_TOLERANCE) + EDGE
                or before.length > longest_on * (1 + OFF_TOLERANCE) + EDGE
            ):
                break
            if off < EDGE or before.length < min(burst.length for burst in recent) / 2:
                break
            start = before.start
        return start

    def _continuous(self, tone: Sounding) -> ToneKind:
        for known in self._plan.tones:
            if not known.ms and _sounds_like(known, tone):
                return known.kind
        return ToneKind.DIAL

    def _broken(self) -> ToneKind | None:
        on = [1000.0 * burst.length / RATE for burst in self._bursts]
        off = [1000.0 * (b.start - a.end) / RATE for a, b in pairwise(self._bursts)]
        for known in self._plan.tones:
            if known.ms and _sounds_like(known, self._bursts[-1]) and _keeps(known.ms, on, off):
                return known.kind
        return _by_ranges(on, off)


def is_progress(tone: Sounding) -> bool:
    """Say whether a tone lies where exchanges' tones do."""
    return MIDDLE_HZ[0] < tone.middle_hz < MIDDLE_HZ[1] and tone.spread_hz < SPREAD_HZ


def _sounds_like(known: Tone, tone: Sounding) -> bool:
    near = abs(known.middle_hz - tone.middle_hz) < OFF_FREQUENCY * known.middle_hz
    return near and abs(known.spread_hz - tone.spread_hz) < 35.0


def _keeps(cadence: tuple[int, ...], on: list[float], off: list[float]) -> bool:
    """Say whether the last bursts and pauses follow ``cadence`` for long enough, wherever in its cycle they begin."""
    pairs = [(float(a), float(b)) for a, b in zip(cadence[::2], cadence[1::2], strict=True)]
    needed = len(pairs) if sum(cadence) > FORGET * 1000 / RATE / 3 else CYCLES * len(pairs)
    if len(off) < needed:
        return False
    heard = list(zip(on[-needed - 1 : -1], off[-needed:], strict=True))
    return any(
        all(
            _near(h[0], pairs[(shift + i) % len(pairs)][0]) and _near(h[1], pairs[(shift + i) % len(pairs)][1])
            for i, h in enumerate(heard)
        )
        for shift in range(len(pairs))
    )


def _near(heard: float, nominal: float) -> bool:
    return abs(heard - nominal) < OFF_TOLERANCE * nominal + OFF_TOLERANCE_MS


def _by_ranges(on: list[float], off: list[float]) -> ToneKind | None:
    if off and RINGBACK_ON_MS[0] < on[-1] < RINGBACK_ON_MS[1] and max(off[-2:]) > RINGBACK_OFF_MS:
        return ToneKind.RINGBACK
    last = off[-CYCLES:]
    steady = len(last) == CYCLES and all(BUSY_MS[0] < ms < BUSY_MS[1] for ms in last + on[-CYCLES - 1 : -1])
    if steady and max(last) - min(last) < OFF_TOLERANCE * max(last) + OFF_TOLERANCE_MS:
        return ToneKind.BUSY
    return None
