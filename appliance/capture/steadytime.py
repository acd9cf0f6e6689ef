"""The card's own time, told by a clock that nobody sets: the same from one process of a card to the next."""

import time
from collections.abc import Callable

_SET_S = 0.5
"""PortAudio's clock and the boot clock part by less within a block, unless somebody has set the wall clock."""


def _read() -> tuple[float, float, float]:
    return time.time(), time.clock_gettime(time.CLOCK_MONOTONIC), time.clock_gettime(time.CLOCK_BOOTTIME)


class SteadyTime:
    """Turns PortAudio's times into seconds since boot.

    PortAudio reads the wall clock or the monotonic one, as it was built; whichever is nearer is the one. What lies
    between that and the boot clock is kept until it changes for good: two readings are never quite at once, and a
    jump of a millisecond would be taken for lost samples.
    """

    def __init__(self, read: Callable[[], tuple[float, float, float]] = _read) -> None:
        """Use the clocks that ``read`` returns: wall, monotonic and boot, in seconds."""
        self._read = read
        self._ahead_s: float | None = None

    def of(self, stream_s: float) -> float:
        """Return the time of the boot clock at ``stream_s``, which lies in the last seconds."""
        wall_s, monotonic_s, boot_s = self._read()
        base_s = min(wall_s, monotonic_s, key=lambda now_s: abs(now_s - stream_s))
        ahead_s = boot_s - base_s
        if self._ahead_s is None or abs(ahead_s - self._ahead_s) > _SET_S:
            self._ahead_s = ahead_s
        return stream_s + self._ahead_s
