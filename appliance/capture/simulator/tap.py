"""Simulated lines as taps: one that lives in real time, one that a test drives."""

import time
from collections.abc import Callable

import numpy as np

from appliance.audio import BLOCK, Frame, Samples, seconds
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import Profile
from appliance.capture.simulator.traffic import live
from appliance.clock import Clock, SystemClock
from appliance.errors import LineEnded, LineFault

_LAG_S = 1.0
"""How far a line may fall behind before it lets the time go: the machine slept, or cannot keep up with the speed."""


class SimulatedLine:
    """A practice's line that lives: endless calls in real time, or ``speed`` times faster.

    The same ``seed`` gives the same calls. ``wait`` is how it sleeps, a test's own if it likes.
    """

    simulated = True

    def __init__(
        self,
        seed: int = 1,
        *,
        country: str = "uk",
        speed: float = 1.0,
        clock: Clock | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open a healthy line of a practice in ``country``, one that tells who calls; its levels are drawn, too."""
        rng = np.random.default_rng(seed)
        self._pair = SimulatedPair(Profile.random(rng, country).with_(caller_id=True), seed)
        self._steps = live(rng, country)
        self._speed, self._clock, self._wait = speed, clock or SystemClock(), wait
        self._waiting = np.zeros(0, np.float32)
        self._position = 0
        self._started: float | None = None
        self._closed = False

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next 100 ms, or None when they are not due within ``timeout_s``.

        Raises:
            LineFault: the tap has been closed.
        """
        if self._closed:
            raise LineFault("This simulated line has been closed. Open it again.")
        if not self._due(timeout_s):
            return None
        while len(self._waiting) < BLOCK:
            next(self._steps)(self._pair)
            self._waiting = np.concatenate((self._waiting, self._pair.take()))
        frame = Frame(self._position, self._waiting[:BLOCK])
        self._waiting, self._position = self._waiting[BLOCK:], frame.end
        return frame

    def close(self) -> None:
        """Let the line go."""
        self._closed = True

    def _due(self, timeout_s: float) -> bool:
        now = self._clock.monotonic()
        started = now if self._started is None else self._started
        wait_s = started + seconds(self._position + BLOCK) / self._speed - now
        self._started = started - wait_s if wait_s < -_LAG_S else started
        if wait_s > 0:
            self._wait(min(wait_s, timeout_s))
        return wait_s <= timeout_s


class ScriptedLine:
    """A line that plays given samples as fast as it is read, and fails when told to."""

    simulated = True

    def __init__(self, samples: Samples, block: int = BLOCK) -> None:
        """Play ``samples``, ``block`` at a time; the line ends with them."""
        self._samples, self._block = samples, block
        self._position = 0
        self._lost = 0
        self._stalled = self._unplugged = False

    def unplug(self) -> None:
        """Pull the card out: it stays gone."""
        self._unplugged = True

    def overrun(self, n: int) -> None:
        """Lose the next ``n`` samples, as a machine too busy to fetch them does."""
        self._lost += n

    def stall(self) -> None:
        """Deliver nothing any more, without saying why, until ``resume``."""
        self._stalled = True

    def resume(self) -> None:
        """Deliver again."""
        self._stalled = False

    def read(self, timeout_s: float) -> Frame | None:  # noqa: ARG002 - what is there is there at once
        """Return the next block, or None while stalled.

        Raises:
            LineFault: it has been unplugged. LineEnded: all samples have been played.
        """
        if self._unplugged:
            raise LineFault("The simulated sound card was unplugged. Plug it in again.")
        if self._stalled:
            return None
        if self._position >= len(self._samples):
            raise LineEnded("The simulated line has ended.")
        lost, n = self._lost > 0, min(self._lost or self._block, len(self._samples) - self._position)
        heard = self._samples[self._position : self._position + n]
        frame = Frame(self._position, np.zeros(n, np.float32) if lost else heard, lost)
        self._position, self._lost = frame.end, max(0, self._lost - n) if lost else 0
        return frame

    def close(self) -> None:
        """Let the line go."""
        self._unplugged = True
