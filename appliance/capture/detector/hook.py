"""What the hook sensor says: lifted, laid down for good, or only flashed. Where fitted it owns the boundaries."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.audio import positions
from appliance.events import HookEdge

FLASH = positions(1.2)
"""On-hook for longer than this is a hang-up; shorter is a recall (80 to 700 ms in the countries of the tone plans)."""

AGREES = positions(2.0)
"""A sensor that moves this near to what was heard has told the same."""

AGREEMENTS = 2
"""As often in a row, the beginning and the end of a call, for one that was doubted to be believed again."""

REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class LaidDown:
    """The receiver was laid down at ``at``."""

    at: int


@dataclass(frozen=True, slots=True)
class PickedUp:
    """The receiver was lifted at ``at``."""

    at: int


@dataclass(frozen=True, slots=True)
class Flashed:
    """The recall key was pressed: on-hook from ``start`` to ``end``."""

    start: int
    end: int


Move = LaidDown | PickedUp | Flashed


class HookSwitch:
    """Follows the edges of one sensor.

    ``owns`` is True once it has moved and while it is believed. ``doubted`` is True from when the sound of the line
    contradicted it until it has moved with the sound through a whole call.
    """

    def __init__(self) -> None:
        """Begin without a sensor, as far as one knows."""
        self.owns = False
        self.off_hook = False
        self.doubted = False
        self._waiting: list[HookEdge] = []
        self._down_at: int | None = None
        self._recent: list[HookEdge] = []
        self._agreed = 0

    def tell(self, edges: Sequence[HookEdge]) -> None:
        """Take edges in order of time; they count when the audio has come as far."""
        self._waiting += edges

    def distrust(self) -> None:
        """Let the sound decide: what the sensor says cannot be."""
        self.doubted = self.doubted or self.owns
        self.owns = False
        self._down_at = None
        self._agreed = 0

    def heard(self, at: int, *, off_hook: bool) -> None:
        """Hold what was heard against the sensor: once it has moved with a call's beginning and end, it is believed."""
        if not self.doubted:
            return
        agrees = any(edge.off_hook == off_hook and abs(edge.at - at) < AGREES for edge in self._recent)
        self._agreed = self._agreed + 1 if agrees else 0
        if self._agreed >= AGREEMENTS:
            self.doubted, self.owns, self._agreed = False, True, 0

    def moves(self, end: int) -> list[Move]:
        """Return what is certain by position ``end``."""
        moves: list[Move] = []
        while self._waiting and self._waiting[0].at < end:
            edge = self._waiting.pop(0)
            moves += self._laid_down(edge.at)
            if edge.off_hook != self.off_hook or not self.owns:
                moves += self._edge(edge)
        return moves + self._laid_down(end)

    def _edge(self, edge: HookEdge) -> list[Move]:
        self._recent = [*self._recent[-REMEMBERED:], edge]
        self.off_hook = edge.off_hook
        if self.doubted:
            return []
        self.owns = True
        if not edge.off_hook:
            self._down_at = edge.at
            return []
        down_at, self._down_at = self._down_at, None
        return [PickedUp(edge.at)] if down_at is None else [Flashed(down_at, edge.at)]

    def _laid_down(self, now: int) -> list[Move]:
        if self._down_at is None or now - self._down_at <= FLASH:
            return []
        at, self._down_at = self._down_at, None
        return [LaidDown(at)]
