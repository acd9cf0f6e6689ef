"""Where a line's audio was lost: no event and no end of a call, but a gap in what was heard of it."""

from appliance.audio import Frame, positions
from appliance.capture.runs import Span
from appliance.model.calls import Mark, MarkKind

KEPT = positions(4 * 3600.0)
"""No longer than a recording goes on."""


class Losses:
    """Stretches that stand in for audio that never came, adjoining ones as one."""

    def __init__(self) -> None:
        """Nothing has been lost."""
        self._spans: list[Span] = []

    def note(self, frame: Frame) -> None:
        """Take the next frame of the line."""
        if not frame.lost:
            return
        if self._spans and self._spans[-1].end == frame.position:
            self._spans[-1] = Span(self._spans[-1].start, frame.end)
        else:
            self._spans = [span for span in self._spans if frame.end - span.end < KEPT]
            self._spans.append(Span(frame.position, frame.end))

    def within(self, start: int, end: int) -> list[Mark]:
        """Return the gaps of a call from ``start`` to ``end``."""
        inside = [span for span in self._spans if span.start < end and span.end > start]
        return [Mark(MarkKind.GAP, max(span.start, start), min(span.end, end)) for span in inside]
