"""Steady tones of one or two frequencies in a hop's frames: what call progress tones and keyed digits are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appliance.capture.features import BIN_HZ, ROWS, STEP, Features, bin_of
from appliance.capture.runs import TAIL

FROM_BIN, TO_BIN = bin_of(280), bin_of(2900)

DOMINANCE = 0.85
"""The part of the energy above 280 Hz that one or two peaks hold in a tone. Vowels reach 0.8 for a frame or two."""

OVER_IDLE_DB = 12.0
"""A tone stands this far above the idle line, or is none: crosstalk hums too."""

LEAST_PEAK = 0.17
"""A tone's highest bin holds 0.44 of it at least; of two equal tones each has half, and hum may hold some."""

SAME_HZ = 15.0
SAME_DB = 8.0
"""From frame to frame, one tone moves less than this in its middle frequency and its level. Two tones 25 Hz apart
(Australia) and tones modulated at 16 to 33 Hz (Japan, South Africa, India) beat within a window."""

SECOND_PART = 0.05
"""A second peak with this part of the first one's power belongs to the tone (13 dB of twist)."""

ONSET = 2 * STEP
"""A tone has filled enough of the window to dominate it about this long after it began."""

IDLE_MARGIN = 2.0
"""Times the idle spectrum that is taken off first, so that mains hum is not taken for a tone."""


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


class TonalFrames:
    """For each frame of a hop: how much of it is one or two peaks, and where they are."""

    def __init__(self, power: NDArray[np.float32], idle: NDArray[np.float32] | None) -> None:
        """Look at ``power`` (frames x bins) over the idle line's spectrum."""
        excess = power[:, FROM_BIN - 2 : TO_BIN + 2]
        if idle is not None:
            excess = np.maximum(excess - IDLE_MARGIN * idle[FROM_BIN - 2 : TO_BIN + 2], 0.0)
        total = excess.sum(axis=1) + 1e-12
        first, first_hz = _take_peak(excess)
        second, second_hz = _take_peak(excess)
        two = second > SECOND_PART * first
        both = np.where(two, first + second, first)
        self.dominance: list[float] = (both / total).tolist()
        self.middle_hz: list[float] = np.where(two, (first_hz + second_hz) / 2, first_hz).tolist()
        self.spread_hz: list[float] = np.where(two, np.abs(first_hz - second_hz), 0.0).tolist()
        self.level_dbfs: list[float] = (10.0 * np.log10(both + 1e-12)).tolist()


def _take_peak(excess: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return power and frequency of each row's highest peak (five bins), and blank it."""
    rows = np.arange(len(excess))[:, None]
    around = np.argmax(excess[:, 2:-2], axis=1)[:, None] + np.arange(5)
    peak = excess[rows, around]
    power = peak.sum(axis=1)
    hertz = (peak * around).sum(axis=1) / (power + 1e-12) * BIN_HZ + (FROM_BIN - 2) * BIN_HZ
    excess[rows, around] = 0.0
    return power, hertz


def _has_peaks(power: NDArray[np.float32]) -> bool:
    """Say whether any frame has a bin with the part of its energy that a tone's highest bin must have."""
    band = power[:, FROM_BIN:TO_BIN]
    return bool((band.max(axis=1) > LEAST_PEAK * band.sum(axis=1)).any())


class ToneTracker:
    """Joins tonal frames that agree into tones.

    ``sounding`` is the tone that is going on, None between tones; ``rows`` says of each frame of the last hop whether
    it was tonal at all.
    """

    def __init__(self) -> None:
        """Begin without a tone."""
        self.sounding: Sounding | None = None
        self.rows = [False] * ROWS
        self._missed = 0

    def of(self, features: Features, idle_voice: float, idle: NDArray[np.float32] | None) -> list[Sounding]:
        """Return the tones that ended in this hop; shorter than three frames is none."""
        ended: list[Sounding] = []
        loud = max(features.voice) >= idle_voice + OVER_IDLE_DB
        if features.lost or not loud or not _has_peaks(features.power):
            self.rows = [False] * ROWS
            self._end(ended)
            return ended
        frames = TonalFrames(features.power.copy() if idle is None else features.power, idle)
        least = idle_voice + OVER_IDLE_DB
        self.rows = [
            dominance > DOMINANCE and level > least
            for dominance, level in zip(frames.dominance, frames.level_dbfs, strict=True)
        ]
        for row, tonal in enumerate(self.rows):
            self._take(features.at + row * STEP, tonal, frames, row, ended)
        return ended

    def _take(self, at: int, tonal: bool, frames: TonalFrames, row: int, ended: list[Sounding]) -> None:
        now = self.sounding
        hertz, level, spread = frames.middle_hz[row], frames.level_dbfs[row], frames.spread_hz[row]
        if now and tonal and abs(hertz - now.middle_hz) < SAME_HZ and abs(level - now.level_dbfs) < SAME_DB:
            pace = 1.0 / min(10, 1 + (at - now.start) // STEP)
            self.sounding = Sounding(
                now.start,
                at + STEP,
                now.middle_hz + pace * (hertz - now.middle_hz),
                now.spread_hz + pace * (spread - now.spread_hz),
                now.level_dbfs + pace * (level - now.level_dbfs),
            )
            self._missed = 0
            return
        self._missed += 1
        if now and self._missed <= 2:
            return
        self._end(ended)
        if tonal:
            self.sounding = Sounding(at - ONSET, at + STEP, hertz, spread, level)

    def _end(self, ended: list[Sounding]) -> None:
        now, self.sounding, self._missed = self.sounding, None, 0
        if now and now.length >= ONSET + 3 * STEP:
            ended.append(Sounding(now.start, now.end - min(now.length // 2, TAIL // 2), *_shape(now)))


def _shape(tone: Sounding) -> tuple[float, float, float]:
    return tone.middle_hz, tone.spread_hz, tone.level_dbfs
