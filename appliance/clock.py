"""World time: aware UTC together with how far it can be trusted, and the monotonic clock beside it.

A Pi has no battery clock unless one is fitted: after a power cut it may believe in 1970 until the network has set
it. So each moment carries a quality, and nothing is destroyed on an unsure one.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

_LOOK_S = 1.0

LONDON = ZoneInfo("Europe/London")
"""The zone of everything a person reads."""


class ClockQuality(StrEnum):
    """How far the wall clock can be trusted."""

    SYNCHRONISED = "synchronised"
    RTC = "rtc"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant: aware UTC, and how far it can be trusted."""

    at: datetime
    quality: ClockQuality


class Clock(Protocol):
    """Where the time comes from. The real one, or one that a test moves by hand."""

    def now(self) -> Moment:
        """Return world time and its quality."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never step, counted also while the machine sleeps (CLOCK_BOOTTIME)."""
        ...

    def boot_id(self) -> str:
        """Return what names this boot of the machine."""
        ...


class SystemClock:
    """The machine's own clock."""

    def __init__(
        self,
        synchronised: Path = Path("/run/systemd/timesync/synchronized"),
        rtc: Path = Path("/dev/rtc0"),
        boot_id: Path = Path("/proc/sys/kernel/random/boot_id"),
    ) -> None:
        """Take the places where systemd-timesyncd and the kernel say how they stand."""
        self._synchronised = synchronised
        self._rtc = rtc
        self._looked_s, self._known = float("-inf"), ClockQuality.UNSURE
        self._boot_id = boot_id.read_text(encoding="ascii").strip() if boot_id.exists() else "no boot id"

    def now(self) -> Moment:
        """Return world time and its quality."""
        return Moment(datetime.now(UTC), self._quality())

    def monotonic(self) -> float:
        """Return seconds since boot."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def boot_id(self) -> str:
        """Return the kernel's id of this boot."""
        return self._boot_id

    def _quality(self) -> ClockQuality:
        """Return it as it was within the last second: a line's thread asks twenty times as often."""
        now_s = time.monotonic()
        if now_s - self._looked_s >= _LOOK_S:
            self._looked_s, self._known = now_s, self._looked()
        return self._known

    def _looked(self) -> ClockQuality:
        if self._synchronised.exists():
            return ClockQuality.SYNCHRONISED
        return ClockQuality.RTC if self._rtc.exists() else ClockQuality.UNSURE


class FakeClock:
    """A clock that a test moves: ``advance`` for time that passes, ``jump`` for a clock that is set."""

    def __init__(
        self,
        at: datetime = datetime(2026, 11, 23, 16, 33, tzinfo=UTC),
        quality: ClockQuality = ClockQuality.SYNCHRONISED,
    ) -> None:
        """Start at ``at`` with the given quality, in the first boot."""
        self._at, self._quality, self._monotonic, self._boot = at, quality, 1000.0, 1

    def now(self) -> Moment:
        """Return the time it was moved to."""
        return Moment(self._at, self._quality)

    def monotonic(self) -> float:
        """Return seconds since the fake boot."""
        return self._monotonic

    def boot_id(self) -> str:
        """Return the fake boot's name."""
        return f"boot-{self._boot}"

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self._at += timedelta(seconds=seconds)
        self._monotonic += seconds

    def jump(self, at: datetime, quality: ClockQuality | None = None) -> None:
        """Set the wall clock, as a person or the network does; the monotonic clock stays."""
        self._at = at
        self._quality = quality or self._quality

    def reboot(self, down_s: float = 30.0) -> None:
        """Cut the power for ``down_s`` seconds of real time; the monotonic clock starts anew."""
        self._at += timedelta(seconds=down_s)
        self._monotonic, self._boot = 5.0, self._boot + 1
