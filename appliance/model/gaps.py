"""A stretch of time in which a line could not be recorded, and why: what the gap ledger is made of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class GapCause(StrEnum):
    """Why nothing was recorded. ``POWER``: the box was off. ``STOPPED``: its recorder did not run, or was starting.

    ``CARD``: the sound card or modem gave no sound. ``OVERRUN``: it gave some, and the box came too late for it.
    ``FAILED``: the recorder's own fault. ``CLOCK``: the box's clock had gone back, so nobody knows how long it was.
    ``DISK``: a call was heard and could not be kept. ``PAUSED``, ``OBJECTED`` and ``SWITCHED_OFF`` are people's doing.
    ``ENDED``: the sound file that stood for a line was at its end.
    """

    POWER = "power"
    STOPPED = "stopped"
    CARD = "card"
    OVERRUN = "overrun"
    FAILED = "failed"
    CLOCK = "clock"
    DISK = "disk"
    PAUSED = "paused"
    OBJECTED = "objected"
    SWITCHED_OFF = "switched_off"
    ENDED = "ended"


MEANT = frozenset({GapCause.PAUSED, GapCause.OBJECTED, GapCause.SWITCHED_OFF})
"""Causes that somebody wanted: gaps, and no faults."""


@dataclass(frozen=True, slots=True)
class Why:
    """A cause, and what more is known: a fault's words, or the user name of whoever switched a line off."""

    cause: GapCause
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """One stretch of one line, from ``start`` up to ``end``. ``open`` while it lasts: ``end`` is then the latest known.

    ``unsure`` where a time comes from a clock that was never confirmed.
    """

    line: int
    line_name: str
    start: datetime
    end: datetime
    why: Why
    open: bool = False
    unsure: bool = False

    @property
    def length_s(self) -> float:
        """How long it was."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class LineAccount:
    """Every second of one line between ``first`` and ``last``: it was listened to, or it lies in one of ``gaps``.

    ``gaps`` are in order and do not overlap.
    """

    line: int
    line_name: str
    first: datetime
    last: datetime
    gaps: tuple[Gap, ...]

    @property
    def gap_s(self) -> float:
        """Seconds of it in which nothing was recorded."""
        return sum(gap.length_s for gap in self.gaps)
