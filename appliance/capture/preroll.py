"""The last half minute of a line, kept in memory so that a recording can begin in the past."""

from collections import deque
from collections.abc import Iterator
from itertools import takewhile

from appliance.audio import Frame, positions


class PreRoll:
    """A ring of the newest frames, at least ``span_s`` seconds long once that much has been heard."""

    def __init__(self, span_s: float = 40.0) -> None:
        """Keep ``span_s`` seconds: 1.3 MB a line for 40."""
        self._span = positions(span_s)
        self._frames: deque[Frame] = deque()

    @property
    def start(self) -> int:
        """The oldest position it still holds; equal to ``end`` while it is empty."""
        return self._frames[0].position if self._frames else 0

    @property
    def end(self) -> int:
        """The position just after the newest sample."""
        return self._frames[-1].end if self._frames else 0

    def append(self, frame: Frame) -> None:
        """Add the frame that follows the newest; a frame that does not follow it starts the ring afresh."""
        frames = self._frames
        if frames and frame.position != frames[-1].end:
            frames.clear()
        frames.append(frame)
        oldest = frame.end - self._span
        while frames[0].end <= oldest:
            frames.popleft()

    def between(self, start: int, end: int) -> Iterator[Frame]:
        """Yield what it holds from ``start`` up to ``end``, the outer frames cut to fit."""
        newest = list(takewhile(lambda frame: frame.end > start, reversed(self._frames)))
        for frame in reversed(newest):  # most often the newest one is wanted, of the hundreds there are
            first, last = max(start, frame.position), min(end, frame.end)
            if first < last:
                yield Frame(first, frame.samples[first - frame.position : last - frame.position], frame.lost)
