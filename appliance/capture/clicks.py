"""Hook transients: the sudden broadband step when a receiver is lifted or laid down, and its bounce."""

from dataclasses import dataclass

import numpy as np

from appliance.audio import RATE
from appliance.capture.features import CELL, Features

LOOK_BACK = 8
"""Cells before one that it is measured against: 40 ms, longer than a period of mains hum or a pitch period."""

SUDDEN = 3.0
"""Times the largest step before it. Steady noise reaches 1.6, tones 1; hook switches on open lines 5 and more."""

BOUNCE = int(0.05 * RATE)
"""Samples within which a second step is the same contact bouncing; less than the shortest flash (80 ms)."""


@dataclass(frozen=True, slots=True)
class Click:
    """A sudden step at ``at``, ``size`` of full scale, ``ratio`` times what went before it."""

    at: int
    size: float
    ratio: float


class ClickDetector:
    """Finds sudden steps in the cells of consecutive hops."""

    def __init__(self) -> None:
        """Begin with nothing before."""
        self._before = np.full(LOOK_BACK, np.inf, np.float32)
        self._last = -BOUNCE

    def of(self, features: Features) -> list[Click]:
        """Return the clicks of a hop, contact bounce folded into the first."""
        cells = np.concatenate([self._before, features.cells])
        self._before = np.full(LOOK_BACK, np.inf, np.float32) if features.lost else cells[-LOOK_BACK:]
        if features.lost or float(features.cells.max()) < SUDDEN * float(cells.min()):
            return []
        return self._among(features.at, cells.tolist())

    def _among(self, at: int, cells: list[float]) -> list[Click]:
        clicks = []
        quietest = SUDDEN * min(cells)
        for index in range(LOOK_BACK, len(cells)):
            if cells[index] < quietest:
                continue
            before = max(cells[index - LOOK_BACK : index])
            if cells[index] < SUDDEN * before:
                continue
            where = at + (index - LOOK_BACK) * CELL
            if where - self._last >= BOUNCE:
                clicks.append(Click(where, cells[index], cells[index] / max(before, 1e-9)))
            self._last = where
        return clicks
