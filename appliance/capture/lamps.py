"""The lamps: one of two colours for each line, and one for the box. Words, colours and rates as on the printed card."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import gpiozero

from appliance.capture.gpio import quietly
from appliance.config import LampPins
from appliance.model.status import IN_CALL, LineState

_LOG = logging.getLogger(__name__)

_STEP_S = 0.05  # short beside the shortest half of a flash, 0.25 s

_AFTER_FAILING_S = 1.0

REFIT_S = 10.0
"""How often pins that could not be taken are tried again."""

SWEEP_S = 0.4
"""How long each colour is shown while the box starts: red, green, amber, dark."""


TEST_SWEEP_S = 1.3
"""The same in a lamp test, where somebody is looking."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a lamp shines: which of its two colours (amber is both), and flashes a second, 0 for steady.

    ``lit`` is the part of a flash that is lit.
    """

    red: bool
    green: bool
    flashes_per_s: float = 0
    lit: float = 0.5

    def at(self, time_s: float) -> tuple[bool, bool]:
        """Return which of red and green are lit ``time_s`` seconds on; a flash is lit first, then dark."""
        lit = not self.flashes_per_s or time_s * self.flashes_per_s % 1.0 < self.lit
        return self.red and lit, self.green and lit


DARK = Pattern(red=False, green=False)

ATTENTION = Pattern(red=True, green=True)
"""The box's lamp when something needs looking at; the page says what."""

_WINK = Pattern(red=True, green=True, flashes_per_s=0.5, lit=0.125)
"""A short amber wink every two seconds: neither of the other ambers, by its rhythm alone."""

_PATTERNS = {
    LineState.IDLE: Pattern(red=False, green=True),
    LineState.RINGING: Pattern(red=False, green=True, flashes_per_s=1),
    LineState.RECORDING: Pattern(red=True, green=False),
    LineState.PAUSED: _WINK,
    LineState.OBJECTED: _WINK,
    LineState.FAULT: Pattern(red=True, green=True, flashes_per_s=2),
    LineState.OFF: Pattern(red=True, green=True),
}

_SWEEP = (Pattern(red=True, green=False), Pattern(red=False, green=True), ATTENTION)


def pattern(state: LineState, since_start_s: float, test_s: float | None = None) -> Pattern:
    """Return how a line's lamp shines. A starting line sweeps through the colours once, then waits in the dark.

    In a lamp test, ``test_s`` seconds on, a lamp sweeps more slowly, unless a call is in progress on its line.
    """
    if test_s is not None and state not in IN_CALL:  # no test, and nothing else, puts such a lamp out
        return tested(test_s)
    if state is not LineState.STARTING:
        return _PATTERNS[state]
    return _swept(since_start_s / SWEEP_S)


def tested(test_s: float) -> Pattern:
    """Return how a lamp shines ``test_s`` seconds into a test."""
    return _swept(test_s / TEST_SWEEP_S)


def _swept(steps: float) -> Pattern:
    return _SWEEP[int(steps)] if steps < len(_SWEEP) else DARK


class Lamp:
    """A lamp of two colours on two GPIO pins."""

    def __init__(self, pins: LampPins) -> None:
        """Take the pins.

        Raises:
            gpiozero.GPIOZeroError: there is no GPIO here, or a pin is taken.
        """
        self._red = gpiozero.LED(pins.red)
        try:
            self._green = gpiozero.LED(pins.green)
        except gpiozero.GPIOZeroError:
            self._red.close()
            raise

    def show(self, red: bool, green: bool) -> None:
        """Light the colours named, and no others."""
        self._red.value, self._green.value = red, green

    def close(self) -> None:
        """Put it out and let the pins go."""
        self.show(red=False, green=False)
        self._red.close()
        self._green.close()


@dataclass(frozen=True, slots=True)
class Shown:
    """What the lamps are to say: each line's state, and whether the box needs looking at.

    ``test_s`` is for how long a lamp test has been going on; None while there is none.
    """

    lines: tuple[LineState, ...]
    attention: bool
    test_s: float | None = None


class Lamps:
    """All lamps of the box. Where a lamp is not fitted, or the box has no GPIO, it goes on without."""

    def __init__(self, lines: Sequence[LampPins | None], box: LampPins | None) -> None:
        """Take the pins of each line's lamp and of the box's; a missing GPIO is said once."""
        self._wanted: tuple[LampPins | None, ...] = (*lines, box)
        self._fitted: list[Lamp | None] = [None] * len(self._wanted)
        self._said = False
        self.fit()

    @property
    def lacking(self) -> bool:
        """Whether a lamp that is configured cannot be lit."""
        return any(pins and not lamp for pins, lamp in zip(self._wanted, self._fitted, strict=True))

    def fit(self) -> None:
        """Take the pins that could not be taken before: another program may have had them, or they came late."""
        for place, pins in enumerate(self._wanted):
            if pins is not None and self._fitted[place] is None:
                self._fitted[place] = self._lamp(pins)
        if self._said and not self.lacking:
            _LOG.info("all lamps can be lit")
            self._said = False

    def _lamp(self, pins: LampPins) -> Lamp | None:
        try:
            with quietly():
                return Lamp(pins)
        except gpiozero.GPIOZeroError as wrong:
            if not self._said:
                _LOG.warning("there are no lamps: the pins cannot be used (%s)", type(wrong).__name__)
            self._said = True
            return None

    def show(self, shown: Shown, time_s: float) -> None:
        """Light each lamp as it should be ``time_s`` seconds after the start."""
        *lines, box = self._fitted
        for lamp, state in zip(lines, shown.lines, strict=True):
            if lamp is not None:
                lamp.show(*pattern(state, time_s, shown.test_s).at(time_s))
        if box is not None:
            steady = ATTENTION if shown.attention else DARK
            box.show(*(steady if shown.test_s is None else tested(shown.test_s)).at(time_s))

    def show_fault(self, time_s: float) -> None:
        """Say of every line that it is not known to be recorded."""
        self.show(Shown((LineState.FAULT,) * (len(self._fitted) - 1), attention=True), time_s)

    def close(self) -> None:
        """Put all out."""
        for lamp in self._fitted:
            if lamp is not None:
                lamp.close()


class LampThread:
    """Keeps the lamps true. A thread of its own: a disk that hangs must not leave a red lamp burning."""

    def __init__(self, lamps: Lamps, shown: Callable[[], Shown], monotonic: Callable[[], float]) -> None:
        """Ask ``shown`` twenty times a second; it must not wait for anything."""
        self._lamps, self._shown, self._monotonic = lamps, shown, monotonic
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lamps", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and put the lamps out."""
        self._ending.set()
        self._thread.join()
        self._lamps.close()

    def _run(self) -> None:
        started_s = fitted_s = self._monotonic()
        while not self._ending.wait(_STEP_S):
            try:
                if self._lamps.lacking and self._monotonic() - fitted_s > REFIT_S:
                    fitted_s = self._monotonic()
                    self._lamps.fit()
                self._lamps.show(self._shown(), self._monotonic() - started_s)
            except Exception:  # noqa: BLE001 - the top of the thread: no lamp may go on saying what nobody knows
                _LOG.exception("the lamps cannot be told how the lines stand")
                self._lamps.show_fault(self._monotonic() - started_s)
                self._ending.wait(_AFTER_FAILING_S)
