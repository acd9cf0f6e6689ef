"""A recording's entry in the catalogue: what may be known of it while nobody is signed in."""

from dataclasses import dataclass
from datetime import datetime

from appliance.clock import ClockQuality
from appliance.model.calls import CallId, Direction


@dataclass(frozen=True, slots=True)
class Stated:
    """The recorder's own word for when a recording began: by the clock, and by the seconds since the boot."""

    at: datetime
    clock: ClockQuality
    boot_id: str
    boottime_s: float


@dataclass(frozen=True, slots=True)
class Entry:
    """The clear facts of one recording or missed call: no number, no name, nothing anybody said.

    ``started_at`` is the best that is known of its first sample (see ``boots``), and what lists sort and show. ``kid``
    names the key that its sheet is sealed to, ``size`` is the bytes of its sealed files. ``cut_short``: a crash or a
    power cut ended it. ``damaged``: its sheet cannot be read, and all that is known is in its name.
    """

    call_id: CallId
    line: int
    started_at: datetime
    stated: Stated
    duration_s: float
    direction: Direction
    missed: bool
    cut_short: bool
    size: int
    kid: str
    continues: CallId | None = None
    damaged: bool = False

    @property
    def day(self) -> str:
        """The UTC day it is listed under, ``2026-11-23``."""
        return f"{self.started_at:%Y-%m-%d}"

    @property
    def order(self) -> tuple[datetime, CallId]:
        """What lists sort by."""
        return self.started_at, self.call_id
