"""A push button: a press is a push and a letting go. One that is stuck, or chatters, is left out and named.

No pins here: the changes come from ``capture.gpio``, debounced.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.capture.debounce import Change

LONGEST_PRESS_S = 3.0
"""Pushed for longer, something leans on it: that is no press."""

STUCK_S = 10.0
"""Pushed for so long it is stuck; so is one that was pushed when the box started, until it is let go."""

MOST_PRESSES, WITHIN_S = 6, 10.0
"""More presses than this are a broken contact or a child: they are left out until it has been quiet as long."""


class Contact(Protocol):
    """What a button's pin tells: ``capture.gpio.PinSense``."""

    def changes(self) -> Sequence[Change]:
        """Return the debounced changes since the last call."""
        ...

    def close(self) -> None:
        """Let the pin go."""
        ...


class Button:
    """One button, called ``name`` in words for staff."""

    def __init__(self, name: str, contact: Contact, monotonic: Callable[[], float]) -> None:
        """Watch ``contact``."""
        self._name, self._contact, self._monotonic = name, contact, monotonic
        self._pushed_s: float | None = None
        self._pressed_s: deque[float] = deque(maxlen=MOST_PRESSES + 1)
        self._quiet_from_s = float("-inf")

    @property
    def trouble(self) -> str:
        """What is wrong with it, and what to do; empty where nothing is."""
        now_s = self._monotonic()
        if self._pushed_s is not None and now_s - self._pushed_s > STUCK_S:
            return f"The {self._name} is stuck and is left out. Free it, or have it looked at."
        if now_s < self._quiet_from_s:
            return (
                f"The {self._name} was pressed too often and is left out for a moment. If this stays, have it mended."
            )
        return ""

    def presses(self) -> list[float]:
        """Return when it was pressed since the last call, by the monotonic clock: the moments it was let go."""
        pressed = [at_s for change in self._contact.changes() if (at_s := self._changed(change)) is not None]
        return [at_s for at_s in pressed if self._is_meant(at_s)]

    def close(self) -> None:
        """Let the pin go."""
        self._contact.close()

    def _changed(self, change: Change) -> float | None:
        if change.active:
            self._pushed_s = change.at_s
            return None
        pushed_s, self._pushed_s = self._pushed_s, None
        if pushed_s is None or change.at_s - pushed_s > LONGEST_PRESS_S:
            return None
        return change.at_s

    def _is_meant(self, at_s: float) -> bool:
        self._pressed_s.append(at_s)
        if len(self._pressed_s) > MOST_PRESSES and at_s - self._pressed_s[0] < WITHIN_S:
            self._quiet_from_s = at_s + WITHIN_S
        return at_s >= self._quiet_from_s
