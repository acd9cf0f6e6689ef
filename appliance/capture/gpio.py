"""The pins of a line's opto-isolated sensors: hook (current flows) and ring. A box without GPIO does without."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import gpiozero

from appliance.capture.debounce import SETTLE_S, Change, Debounce
from appliance.clock import Clock

_LOG = logging.getLogger(__name__)


class Sense(Protocol):
    """A contact on a line that is watched."""

    def changes(self) -> list[Change]:
        """Return the debounced changes since the last call, in order."""
        ...

    def close(self) -> None:
        """Let the pin go."""
        ...


class PinSense:
    """A sensor on a GPIO pin (BCM number)."""

    def __init__(
        self,
        pin: int,
        clock: Clock,
        *,
        active_low: bool = False,
        settle_s: float = SETTLE_S,
        pull_up: bool | None = None,
    ) -> None:
        """Watch ``pin``; the first changes say how it stands now if that is active.

        ``pull_up`` for a contact to ground that brings no voltage of its own: the pin does, and active is closed.

        ``settle_s`` is for how long a level must hold to count; 0 gives every change there is.

        Raises:
            gpiozero.GPIOZeroError: there is no GPIO here, or the pin is taken.
        """
        self._clock = clock
        self._debounce = Debounce(active=False, settle_s=settle_s)
        with quietly():
            active_state = None if pull_up else not active_low
            self._input = gpiozero.DigitalInputDevice(pin, pull_up=pull_up, active_state=active_state)
        if self._input.is_active:
            self._debounce.raw(clock.monotonic(), active=True)
        self._input.when_activated = self._came_on
        self._input.when_deactivated = self._went_off

    def changes(self) -> list[Change]:
        """Return the debounced changes since the last call, in order; times are of the monotonic clock."""
        return self._debounce.settled(self._clock.monotonic())

    def close(self) -> None:
        """Let the pin go."""
        self._input.close()

    def _came_on(self) -> None:
        self._debounce.raw(self._clock.monotonic(), active=True)

    def _went_off(self) -> None:
        self._debounce.raw(self._clock.monotonic(), active=False)


def sense(pin: int | None, clock: Clock, *, active_low: bool = False, settle_s: float = SETTLE_S) -> Sense | None:
    """Return the sensor on ``pin``; None where none is fitted, or where the box has no GPIO, which is said."""
    if pin is None:
        return None
    try:
        return PinSense(pin, clock, active_low=active_low, settle_s=settle_s)
    except gpiozero.GPIOZeroError as wrong:
        _LOG.warning("the sensor on pin %d cannot be used (%s): it is done without", pin, type(wrong).__name__)
        return None


def contact(pin: int, clock: Clock) -> Sense | None:
    """Return the push button between ``pin`` and ground; None where the pin cannot be used, which is said."""
    try:
        return PinSense(pin, clock, pull_up=True)
    except gpiozero.GPIOZeroError as wrong:
        _LOG.warning("the button on pin %d cannot be used (%s): it is done without", pin, type(wrong).__name__)
        return None


@contextmanager
def quietly() -> Iterator[None]:
    """Open pins without a warning for every library that is not there; that none is, is an error and said once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gpiozero.PinFactoryFallback)
        yield
