"""The idle floor: how loud a line is with the receiver down, learnt slowly, the measure of everything else."""

from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from appliance.capture.features import Features

QUIET_ROWS = 3
"""Frames of a hop that count as its quiet part: pauses between syllables let the floor through."""

LEARNING_HOPS = 5
"""Hops of steady quiet, 1 s, before a floor that nobody remembered is believed."""

PACE = 0.05
"""How much of a hop's difference the floor takes over: a time constant of 4 s."""

NEAR_DB = 1.5
"""A hop this near the floor is the floor drifting; further away something is happening."""


def quiet_level(features: Features) -> float:
    """Return the level of the hop's quietest frames, 1 to 3.4 kHz, in dBFS."""
    return fmean(sorted(features.high)[:QUIET_ROWS])


class IdleFloor:
    """Learns the floor of one line while it is idle: levels in dBFS, None until known.

    ``level`` is as ``quiet_level`` tells it, ``ringing`` below 700 Hz, ``voice`` from 280 Hz up; ``spectrum`` is the
    power in each bin.
    """

    def __init__(self, level: float | None = None, ringing: float | None = None) -> None:
        """Begin with what was learnt before a restart, if anything."""
        self.level = level
        self.ringing = ringing
        self.voice: float | None = None
        self.spectrum: NDArray[np.float32] | None = None
        self._recent: list[float] = []

    def lift(self, features: Features) -> float:
        """Return how far the hop's quiet part stands above the idle floor, in dB; 0 while none is known."""
        return 0.0 if self.level is None else quiet_level(features) - self.level

    def learn(self, features: Features) -> None:
        """Take in a hop of a line that is idle, as far as one knows."""
        if features.lost:
            return
        level = quiet_level(features)
        self._recent = [*self._recent[1 - 2 * LEARNING_HOPS :], level]
        steady = self._recent[-LEARNING_HOPS:]
        if self.level is None:
            if len(steady) == LEARNING_HOPS and max(steady) - min(steady) < 2 * NEAR_DB:
                self.level = median(steady)
        elif abs(level - self.level) < NEAR_DB:
            self.level += PACE * (level - self.level)
            self._learn_spectrum(features)
        elif max(self._recent) < self.level - NEAR_DB / 2 and len(self._recent) == 2 * LEARNING_HOPS:
            self.level = median(self._recent)

    def adopt(self, level: float) -> None:
        """Believe in another floor from now on: the line has changed for good."""
        self.level = level
        self._recent.clear()

    def _learn_spectrum(self, features: Features) -> None:
        if max(features.voice) - min(features.voice) > 2 * NEAR_DB:
            return
        row, ringing, voice = features.power[-1], features.ringing[-1], features.voice[-1]
        if self.spectrum is None or self.ringing is None or self.voice is None:
            self.spectrum, self.ringing, self.voice = row.copy(), ringing, voice
        else:
            self.spectrum += PACE * (row - self.spectrum)
            self.ringing += PACE * (ringing - self.ringing)
            self.voice += PACE * (voice - self.voice)
