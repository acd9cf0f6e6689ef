"""A contact that bounces for some milliseconds becomes one change, at the moment it began."""

from collections import deque
from dataclasses import dataclass

SETTLE_S = 0.02
"""Relay and receiver contacts bounce for 1 to 15 ms; the shortest break that means something (a dial pulse) has 33."""


@dataclass(frozen=True, slots=True)
class Change:
    """The contact went to ``active`` at ``at_s`` and stayed there."""

    at_s: float
    active: bool


class Debounce:
    """Takes raw changes in order of time, gives those that lasted ``settle_s``."""

    def __init__(self, active: bool, settle_s: float = SETTLE_S) -> None:
        """Start with the contact at ``active``."""
        self._said = active
        self._settle_s = settle_s
        self._raw: deque[Change] = deque()

    def raw(self, at_s: float, active: bool) -> None:
        """Note a raw change; it may be called from another thread than ``settled``."""
        self._raw.append(Change(at_s, active))

    def settled(self, now_s: float) -> list[Change]:
        """Return what is certain by ``now_s``: a level that held for ``settle_s``, stamped where its bouncing began."""
        changes: list[Change] = []
        burst: list[Change] = []
        while self._raw and self._raw[0].at_s <= now_s - self._settle_s:
            burst.append(self._raw.popleft())
            if self._goes_on(burst[-1].at_s):
                continue
            changes += self._outcome(burst)
            burst = []
        self._raw.extendleft(reversed(burst))
        return changes

    def _goes_on(self, at_s: float) -> bool:
        return bool(self._raw) and self._raw[0].at_s - at_s < self._settle_s

    def _outcome(self, burst: list[Change]) -> list[Change]:
        if burst[-1].active == self._said:
            return []
        self._said = burst[-1].active
        return [Change(burst[0].at_s, self._said)]
