"""A card that delivers and hears nothing: zeros, or one value for ever. No converter's own noise is so still."""

import numpy as np

from appliance.audio import Frame, Samples

DEAD_AFTER = 10 * 8000
"""Samples of the line without any movement. A muted input may be still for a moment; a line that is heard never is."""

_STILL = 2e-6
"""Far less than one step of 16 bits, 3e-5; a resampler leaves this much of a constant."""

WORDS = "The sound card delivers nothing but silence: its input is muted or broken. Switch it on, or try another."


class DeadWire:
    """Follows a line's frames; ``since`` is the position from which nothing has moved, once that is long enough."""

    def __init__(self) -> None:
        """Nothing has been heard yet."""
        self._still_from: int | None = None
        self._value = 0.0
        self._end = 0
        self._before: Frame | None = None

    def hear(self, frame: Frame) -> None:
        """Take the next frame; what a card lost says nothing of what it hears."""
        if frame.lost or not len(frame.samples):
            self._still_from, self._before = None, None
            return
        if not _is_still(frame.samples):
            self._still_from = None
        elif self._still_from is None or abs(float(frame.samples[0]) - self._value) > _STILL:
            self._value = float(frame.samples[0])
            self._still_from = frame.position - self._still_before(frame.position)
        self._end, self._before = frame.end, frame

    def _still_before(self, position: int) -> int:
        """Return how many samples at the end of the frame before, which came up to ``position``, were as still."""
        if self._before is None or self._before.end != position:
            return 0
        moved = np.flatnonzero(np.abs(self._before.samples - np.float32(self._value)) > _STILL)
        return len(self._before.samples) - (int(moved[-1]) + 1 if len(moved) else 0)

    @property
    def since(self) -> int | None:
        """From which position on the line has been dead; None while it is not."""
        if self._still_from is None or self._end - self._still_from < DEAD_AFTER:
            return None
        return self._still_from


def _is_still(samples: Samples) -> bool:
    # The ends first: they differ on nearly every block of a live line, and cost next to nothing to look at.
    return abs(float(samples[0]) - float(samples[-1])) <= _STILL and float(samples.max() - samples.min()) <= _STILL
