"""One line's time over many taps: what passed while a tap was lost becomes lost samples, so nothing moves."""

from collections.abc import Iterator

import numpy as np

from appliance.audio import BLOCK, Frame, positions, seconds

LONGEST_FILLED_S = 20.0
"""An outage longer than this is not filled: nobody knows what the line did, so the line is begun again."""


class Continuity:
    """Numbers the samples of one line through, whichever tap they come from.

    The first frame of a new tap stands where the monotonic clock says, to within a block (100 ms); between it and the
    last frame of the old one come zeros marked ``lost``.
    """

    def __init__(self, pace: float = 1.0) -> None:
        """Let line time run ``pace`` times as fast as the clock: simulated lines and files may."""
        self._pace = pace
        self._offset: int | None = None
        self._end = 0
        self._heard_s: float | None = None

    def tap_lost(self) -> None:
        """The next frame comes from a new tap, whose positions start again."""
        self._offset = None

    def begin_again(self) -> None:
        """Forget the line's time so far: what passed since the last frame will not be filled."""
        self._offset, self._heard_s = None, None

    def unheard(self, now_s: float) -> int:
        """Return ``outage_s`` as samples."""
        return positions(self.outage_s(now_s))

    def outage_s(self, now_s: float) -> float:
        """Return how many seconds of the line have passed unheard; ``now_s`` is monotonic."""
        return 0.0 if self._heard_s is None else (now_s - self._heard_s) * self._pace

    def place(self, frame: Frame, now_s: float) -> Iterator[Frame]:
        """Yield ``frame`` with the line's own positions, and before it what was lost; it came at ``now_s``."""
        if self._offset is None:
            yield from self._lost(self.outage_s(now_s) - seconds(len(frame.samples)))
            self._offset = self._end - frame.position
        placed = Frame(frame.position + self._offset, frame.samples, frame.lost)
        self._end, self._heard_s = placed.end, now_s
        yield placed

    def position_at(self, time_s: float) -> int:
        """Return the position the line was at when the monotonic clock stood at ``time_s``."""
        if self._heard_s is None:
            return self._end
        return max(0, self._end - positions((self._heard_s - time_s) * self._pace))

    def _lost(self, span_s: float) -> Iterator[Frame]:
        until = self._end + positions(max(0.0, span_s))
        while self._end < until:
            frame = Frame(self._end, np.zeros(min(BLOCK, until - self._end), np.float32), lost=True)
            self._end = frame.end
            yield frame
