"""Frames of any length become hops of one length, so that nothing decided depends on how a tap delivers."""

from collections.abc import Iterator

import numpy as np

from appliance.audio import Frame
from appliance.capture.features import HOP, Hop


class Hopper:
    """Collects frames, gives hops."""

    def __init__(self) -> None:
        """Begin at the first frame's position, whatever it is."""
        self._samples = np.zeros(HOP, np.float32)
        self._filled = 0
        self._lost = False
        self.at: int | None = None

    def hops(self, frame: Frame) -> Iterator[Hop]:
        """Yield the hops that ``frame`` completes."""
        if self.at is None:
            self.at = frame.position
        taken = 0
        while taken < len(frame.samples):
            part = frame.samples[taken : taken + HOP - self._filled]
            self._samples[self._filled : self._filled + len(part)] = part
            self._lost = self._lost or frame.lost
            self._filled, taken = self._filled + len(part), taken + len(part)
            if self._filled == HOP:
                yield Hop(self.at, self._samples.copy(), self._lost)
                self.at, self._filled, self._lost = self.at + HOP, 0, False
