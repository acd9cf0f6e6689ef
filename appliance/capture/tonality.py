"""Steady tones of one or two frequencies in a hop's frames: what call progress tones and keyed digits are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from appliance.capture.features import BIN_HZ, ROWS, STEP, Features, bin_of
from appliance.capture.runs import TAIL

PEAK = 2
"""Bins to either side of a peak's highest that belong to it."""

_FROM_BIN, _TO_BIN = bin_of(280) - PEAK, bin_of(2900) + PEAK
_AROUND = np.arange(2 * PEAK + 1)

Power = NDArray[np.float32]
"""Power per bin, a row per frame."""

PEAKY = 0.12
"""Sum of the squared powers of a frame's bins over the square of their sum: how few bins hold its energy. One tone has
0.33 and more, two equal ones 0.17; most of speech has less."""

DOMINANCE = 0.85
"""The part of the energy above 280 Hz that one or two peaks hold in a tone. Vowels reach 0.8 for a frame or two."""

OVER_IDLE_DB = 12.0
"""A tone stands this far above the idle line, or is none: crosstalk hums too."""

SAME_HZ = 15.0
SAME_DB = 8.0
"""From frame to frame, one tone moves less than this in its middle frequency and its level. Two tones 25 Hz apart
(Australia) and tones modulated at 16 to 33 Hz (Japan, South Africa, India) beat within a window."""

SECOND_PART = 0.05
"""A second peak with this part of the first one's power belongs to the tone (13 dB of twist)."""

ONSET = 2 * STEP
"""A tone has filled enough of the window to dominate it about this long after it began."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """A steady tone from ``start`` to ``end``: ``middle_hz`` of its one or two peaks, ``spread_hz`` between them."""

    start: int
    end: int
    middle_hz: float
    spread_hz: float
    level_dbfs: float

    @property
    def length(self) -> int:
        """Its length so far in samples."""
        return self.end - self.start


class TonalFrame(NamedTuple):
    """What one frame shows that is one or two peaks, as ``Sounding`` has it."""

    middle_hz: float
    spread_hz: float
    level_dbfs: float


NO_TONE = [False] * ROWS
"""The rows of a hop without a tone; not to be changed."""


class ToneTracker:
    """Joins tonal frames that agree into tones.

    ``sounding`` is the tone that is going on, None between tones; ``rows`` says of each frame of the last hop whether
    it was tonal at all.
    """

    def __init__(self) -> None:
        """Begin without a tone."""
        self.sounding: Sounding | None = None
        self.rows = NO_TONE
        self._missed = 0

    def of(self, features: Features, tonal: Mapping[int, TonalFrame]) -> list[Sounding]:
        """Return the tones that ended in this hop, whose ``tonal`` frames are given; shorter than three is none."""
        ended: list[Sounding] = []
        if tonal:
            self.rows = [row in tonal for row in range(ROWS)]
            for row in range(ROWS):
                self._take(features.at + row * STEP, tonal.get(row), ended)
        else:
            self.rows = NO_TONE
            self._end(ended)
        return ended

    def _take(self, at: int, frame: TonalFrame | None, ended: list[Sounding]) -> None:
        now = self.sounding
        if now and frame and _agree(now, frame):
            pace = 1.0 / min(10, 1 + (at - now.start) // STEP)
            self.sounding = Sounding(
                now.start,
                at + STEP,
                now.middle_hz + pace * (frame.middle_hz - now.middle_hz),
                now.spread_hz + pace * (frame.spread_hz - now.spread_hz),
                now.level_dbfs + pace * (frame.level_dbfs - now.level_dbfs),
            )
            self._missed = 0
            return
        self._missed += 1
        if now and self._missed <= 2:
            return
        self._end(ended)
        if frame:
            self.sounding = Sounding(at - ONSET, at + STEP, *frame)

    def _end(self, ended: list[Sounding]) -> None:
        now, self.sounding, self._missed = self.sounding, None, 0
        if now and now.length >= ONSET + 3 * STEP:
            end = now.end - min(now.length // 2, TAIL // 2)
            ended.append(Sounding(now.start, end, now.middle_hz, now.spread_hz, now.level_dbfs))


def _agree(tone: Sounding, frame: TonalFrame) -> bool:
    return abs(frame.middle_hz - tone.middle_hz) < SAME_HZ and abs(frame.level_dbfs - tone.level_dbfs) < SAME_DB


def tonal_frames(hops: Sequence[Features], idle_voice: float) -> list[dict[int, TonalFrame]]:
    """Return for each hop the frames of which one or two peaks hold nearly all, by number.

    ``idle_voice`` is the idle line's level from 280 Hz to 3.4 kHz in dBFS.
    """
    least = idle_voice + OVER_IDLE_DB
    found: list[dict[int, TonalFrame]] = [{} for _ in hops]
    loud = [number for number, hop in enumerate(hops) if hop.loudest >= least and not hop.lost]
    if not loud:
        return found
    squares = np.concatenate([hops[number].squares[:, 2 * _FROM_BIN : 2 * _TO_BIN] for number in loud])
    power = squares[:, ::2] + squares[:, 1::2]
    total = power[:, PEAK:-PEAK].sum(axis=1)
    few = np.flatnonzero(np.einsum("rb,rb->r", power, power) > PEAKY * total**2)
    if len(few):
        frames = _frames(power[few], total[few], 10.0 ** (least / 10.0))
        for where, frame in zip(few.tolist(), frames, strict=True):
            if frame:
                found[loud[where // ROWS]][where % ROWS] = frame
    return found


def _frames(power: Power, total: Power, least: float) -> list[TonalFrame | None]:
    """Return what rows of ``power`` show, None for those that are not tonal or weaker than ``least``."""
    first, first_at = _take_peak(power)
    second, second_at = _take_peak(power)
    one, other = first.sum(axis=1), second.sum(axis=1)
    two = other > SECOND_PART * one
    both = one + two * other
    frames: list[TonalFrame | None] = [None] * len(power)
    tonal = np.flatnonzero((both > DOMINANCE * total) & (both > least))
    if len(tonal):
        hertz, upper = _middle_hz(first[tonal], first_at[tonal]), _middle_hz(second[tonal], second_at[tonal])
        apart = (upper - hertz) * two[tonal]
        told = np.array([hertz + apart / 2, np.abs(apart), 10.0 * np.log10(both[tonal])]).T.tolist()
        for row, frame in zip(tonal.tolist(), told, strict=True):
            frames[row] = TonalFrame(*frame)
    return frames


def _take_peak(power: Power) -> tuple[Power, NDArray[np.intp]]:
    """Return the bins of each row's highest peak and their numbers, and blank it."""
    around = power[:, PEAK:-PEAK].argmax(axis=1)[:, None] + _AROUND
    rows = np.arange(len(power))[:, None]
    peak = power[rows, around]
    power[rows, around] = 0.0
    return peak, around


def _middle_hz(peaks: Power, around: NDArray[np.intp]) -> NDArray[np.float64]:
    hertz: NDArray[np.float64] = ((peaks * around).sum(axis=1) / (peaks.sum(axis=1) + 1e-20) + _FROM_BIN) * BIN_HZ
    return hertz
