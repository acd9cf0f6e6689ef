"""Stretches of frames that belong together: rows of yes and no become spans of line time."""

from dataclasses import dataclass

from appliance.capture.features import STEP, WINDOW


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` to ``end`` in sample positions."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Its length in samples."""
        return self.end - self.start


LEAD = STEP
"""A loud sound shows in the frame it begins in, within a frame of the truth."""

TAIL = WINDOW - STEP - STEP // 2
"""A window ends with its frame, so a loud sound shows in frames that begin up to this long after its end."""


class RunTracker:
    """Joins yes-frames into spans; gaps of up to ``bridge`` frames do not end one.

    ``open_since`` is where the span that is still going on began, None between spans.
    """

    def __init__(self, bridge: int) -> None:
        """Begin between spans."""
        self._bridge = bridge
        self._missing = 0
        self._last = 0
        self.open_since: int | None = None

    def take(self, at: int, rows: list[bool]) -> list[Span]:
        """Take a hop's rows, the first frame beginning at ``at``; return the spans that ended."""
        ended: list[Span] = []
        if self.open_since is None and True not in rows:
            return ended
        for row, yes in enumerate(rows):
            if yes:
                self._last, self._missing = at + row * STEP, 0
                if self.open_since is None:
                    self.open_since = at + row * STEP
            elif self.open_since is not None:
                self._missing += 1
                if self._missing > self._bridge:
                    ended.append(self._span())
                    self.open_since = None
        return ended

    def _span(self) -> Span:
        start = self.open_since or 0
        return Span(start, max(start + STEP, self._last + STEP - TAIL))
