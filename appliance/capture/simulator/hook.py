"""The loop as direct current sees it: hook contacts, line reversals and breaks, heard as steps through the tap."""

import numpy as np

from appliance.audio import RATE, positions
from appliance.capture.simulator import waves
from appliance.capture.simulator.profile import Profile
from appliance.capture.simulator.tape import Tape
from appliance.capture.simulator.truth import Truth

_REVERSAL = 2.2
_BREAK = 0.6
"""Steps of line voltage as parts of the hook's own: about 50 V on-hook, 8 V off-hook, -50 V reversed, 0 V broken."""


class Hook:
    """The hook switch of the telephone on this pair. ``off`` is True while it is lifted."""

    def __init__(self, tape: Tape, truth: Truth, profile: Profile, rng: np.random.Generator) -> None:
        """Begin on-hook; which of the two wires the tap calls positive is a matter of chance."""
        self.off = False
        self._tape, self._truth, self._profile, self._rng = tape, truth, profile, rng
        self._sign = 1.0 if rng.random() < 0.5 else -1.0
        self._ring_hz = float(rng.uniform(600, 900))

    def lift(self) -> None:
        """Close the loop here and now."""
        self._move(off=True)

    def drop(self) -> None:
        """Open the loop here and now."""
        self._move(off=False)

    def reverse(self) -> None:
        """Swap the wires' polarity, as an exchange does before it sends a caller's number."""
        self._step(self._tape.position, self._sign * _REVERSAL)
        self._sign = -self._sign

    def lose_line(self, start: int, end: int) -> None:
        """Take the line's voltage away from ``start`` to ``end``: nothing passes meanwhile."""
        self._tape.silence(start, end)
        if self.off:
            self._truth.contacts += [(start, False), (end, True)]
        self._step(start, self._sign * _BREAK)
        self._step(end, -self._sign * _BREAK)

    def _move(self, *, off: bool) -> None:
        at, self.off = self._tape.position, off
        self._truth.hook.append((at, off))
        towards = self._sign if off else -self._sign
        self._contact(at, off, towards)
        for _ in range(int(self._rng.integers(0, self._profile.bounces + 1))):
            at += round(float(self._rng.uniform(0.001, 0.004)) * RATE)
            self._contact(at, not off, -towards)
            at += round(float(self._rng.uniform(0.0005, 0.003)) * RATE)
            self._contact(at, off, towards)

    def _contact(self, at: int, off: bool, size: float) -> None:
        self._truth.contacts.append((at, off))
        self._step(at, size)

    def _step(self, at: int, size: float) -> None:
        peak = size * waves.amplitude(self._profile.click_dbfs)
        self._tape.add(at, waves.hook_step(peak, self._profile.click_ms, self._ring_hz))


def flash_samples(flash_ms: tuple[int, int], rng: np.random.Generator) -> int:
    """How long a timed break of the recall key lasts."""
    return positions(float(rng.uniform(*flash_ms)) / 1000)
