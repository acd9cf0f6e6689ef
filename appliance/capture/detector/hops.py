"""Frames of any length become hops of one length, so that nothing decided depends on how a tap delivers."""

import numpy as np

from appliance.audio import Frame
from appliance.capture.features import HOP, Hop

STIRRED = 1.5
"""How much wider than an idle line's stillest hop of late one swings in which something may have begun: steady noise
does so once in hundreds of hops."""


class Hopper:
    """Collects frames, gives hops."""

    def __init__(self) -> None:
        """Begin at the first frame's position, whatever it is."""
        self._samples = np.zeros(HOP, np.float32)
        self._filled = 0
        self._lost = False
        self.at: int | None = None

    def hops(self, frame: Frame) -> list[Hop]:
        """Return the hops that ``frame`` completes."""
        if self.at is None:
            self.at = frame.position
        completed, rest = [], frame.samples
        while self._filled + len(rest) >= HOP:
            free = HOP - self._filled
            self._samples[self._filled :] = rest[:free]
            completed.append(Hop(self.at, self._samples, self._lost or frame.lost))
            self._samples, self._filled, self._lost = np.zeros(HOP, np.float32), 0, False
            self.at, rest = self.at + HOP, rest[free:]
        if len(rest):
            self._samples[self._filled : self._filled + len(rest)] = rest
            self._filled, self._lost = self._filled + len(rest), self._lost or frame.lost
        return completed


class Stillness:
    """Whether an idle line goes on being as still as it was. ``stirred`` once a hop of this batch was not."""

    def __init__(self) -> None:
        """Begin wide awake."""
        self.stirred = True
        self._before = 0.0
        self._stillest = np.inf

    def note(self, hop: Hop) -> None:
        """Take the next hop of a batch; a card's direct offset is no matter."""
        swing = float(hop.samples.max() - hop.samples.min())
        self._stillest = min(self._stillest, swing)
        self.stirred = self.stirred or swing > STIRRED * self._before

    def begin(self) -> None:
        """Begin another batch; after a call, not knowing how still the line is."""
        self.stirred = False
        self._before, self._stillest = self._stillest if self._stillest < np.inf else 0.0, np.inf
