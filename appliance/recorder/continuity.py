"""One line's time over many taps: what passed while a tap was lost becomes lost samples, so nothing moves."""

from collections.abc import Iterator

import numpy as np

from appliance.audio import BLOCK, Frame, positions, seconds

LONGEST_FILLED_S = 20.0
"""An outage longer than this is not filled: nobody knows what the line did, so the line is begun again."""

_AGREE_S = 15.0  # later than this no frame comes, however busy the machine; a device's time further off is wrong

_SKEW_AFTER_S = 300.0
"""How long it takes to tell a clock that is off by a few millionths from frames that come a millisecond late."""

_WINDOW_S = 5.0  # long beside a stall of the machine, short enough to follow a card whose clock is off


class Continuity:
    """Numbers the samples of one line through, whichever tap they come from, and knows when each was spoken.

    Frames come late, and later when the machine is busy: so the clock at position 0 is taken from the frames that came
    soonest of late. The first frame of a new tap stands where that clock says, or where the device's own does, if it
    keeps time and the two agree; between it and the last frame of the old one come zeros marked ``lost``.
    """

    def __init__(self, pace: float = 1.0) -> None:
        """Let line time run ``pace`` times as fast as the clock: simulated lines and files may."""
        self._pace = pace
        self._offset: int | None = None
        self._end = 0
        self._heard_s: float | None = None
        self._spoken_s: float | None = None
        self._window_s = 0.0
        self._origins = (float("inf"), float("inf"))
        self._reference: tuple[float, float] | None = None

    def tap_lost(self) -> None:
        """The next frame comes from a new tap, whose positions start again."""
        self._offset, self._reference = None, None

    def begin_again(self) -> None:
        """Forget the line's time so far: what passed since the last frame will not be filled."""
        self._offset, self._heard_s, self._reference = None, None, None

    def outage_s(self, now_s: float) -> float:
        """Return for how many seconds nothing has come; ``now_s`` is monotonic."""
        return 0.0 if self._heard_s is None else now_s - self._heard_s

    def unheard(self, now_s: float) -> int:
        """Return how many samples of the line were spoken by now and have not come."""
        return max(0, self.position_at(now_s) - self._end)

    def place(self, frame: Frame, now_s: float, spoken_s: float | None = None) -> Iterator[Frame]:
        """Yield ``frame`` with the line's own positions, and before it what was lost; it came at ``now_s``.

        ``spoken_s`` is a ``TimedTap``'s, after this frame.
        """
        if self._offset is None:
            yield from self._lost(self._unheard_by_device(now_s, spoken_s) - len(frame.samples))
            self._offset = self._end - frame.position
        self._spoken_s = spoken_s
        placed = Frame(frame.position + self._offset, frame.samples, frame.lost)
        self._end = placed.end
        self._note(now_s, now_s - _late_s(now_s, spoken_s))
        yield placed

    def placed(self, position: int) -> int:
        """Return where a position of the present tap is on the line."""
        return position + (self._offset or 0)

    @property
    def skew_ppm(self) -> float | None:
        """By how many millionths the tap's clock is faster than the machine's; None before minutes have passed."""
        if self._reference is None or self._heard_s is None:
            return None
        since_s, origin_s = self._reference
        elapsed_s = self._heard_s - since_s
        return round((origin_s - min(self._origins)) / elapsed_s * 1e6, 1) if elapsed_s >= _SKEW_AFTER_S else None

    def position_at(self, time_s: float) -> int:
        """Return the position the line was at when the monotonic clock stood at ``time_s``."""
        if self._heard_s is None:
            return self._end
        return max(0, positions((time_s - min(self._origins)) * self._pace))

    def _unheard_by_device(self, now_s: float, spoken_s: float | None) -> int:
        by_clock = self.unheard(now_s)
        if self._heard_s is None or spoken_s is None or self._spoken_s is None:
            return by_clock
        by_device = positions((spoken_s - self._spoken_s) * self._pace)
        return by_device if abs(by_device - by_clock) < positions(_AGREE_S) else by_clock

    def _note(self, now_s: float, due_s: float) -> None:
        origin_s = due_s - seconds(self._end) / self._pace
        before, since = self._origins
        if self._heard_s is None:
            before, since, self._window_s = origin_s, origin_s, now_s
        elif now_s - self._window_s > _WINDOW_S:
            before, since, self._window_s = since, origin_s, now_s
            self._reference = self._reference or (now_s, before)
        self._origins, self._heard_s = (before, min(since, origin_s)), now_s

    def _lost(self, samples: int) -> Iterator[Frame]:
        until = self._end + max(0, samples)
        while self._end < until:
            frame = Frame(self._end, np.zeros(min(BLOCK, until - self._end), np.float32), lost=True)
            self._end = frame.end
            yield frame


def _late_s(now_s: float, spoken_s: float | None) -> float:
    """Return how late a frame has come by its device's own time; nought where that is no time of this clock."""
    late_s = now_s - spoken_s if spoken_s is not None else 0.0
    return late_s if 0.0 < late_s < _AGREE_S else 0.0
