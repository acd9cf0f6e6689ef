"""Hook transients: the sudden broadband step when a receiver is lifted or laid down, and its bounce."""

from dataclasses import dataclass

from appliance.audio import RATE
from appliance.capture.features import CELL, Features

BOUNCE = int(0.05 * RATE)
"""Samples within which a second step is the same contact bouncing; less than the shortest flash (80 ms)."""


@dataclass(frozen=True, slots=True)
class Click:
    """A sudden step at ``at``, ``size`` of full scale, ``ratio`` times what went before it."""

    at: int
    size: float
    ratio: float


class ClickDetector:
    """Finds sudden steps in consecutive hops."""

    def __init__(self) -> None:
        """Begin with nothing before."""
        self._last = -BOUNCE

    def of(self, features: Features) -> list[Click]:
        """Return the clicks of a hop, contact bounce folded into the first."""
        clicks: list[Click] = []
        for leap in [] if features.lost else features.leaps:
            where = features.at + leap.cell * CELL
            if where - self._last >= BOUNCE:
                clicks.append(Click(where, leap.size, leap.size / max(leap.before, 1e-9)))
            self._last = where
        return clicks
