"""Room on the disk: how long it lasts, and when staff must be told."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from appliance.clock import LONDON, Clock
from appliance.storage.catalogue import Catalogue
from appliance.storage.daycolumns import Choice

_FORECAST_DAYS, _LEAST_DAYS = 28, 3
"""The forecast takes the last four weeks; with fewer than three days of calls there is none."""

_MONTH_DAYS = 365.25 / 12
LOW_BYTES, VERY_LOW_BYTES = 4 << 30, 1 << 30
LOW_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the disk that recordings lie on."""

    free: int
    size: int

    @property
    def words(self) -> str:
        """What staff must be told; empty while there is enough. Nothing is ever deleted to make room."""
        if self.free < VERY_LOW_BYTES:
            return "The disk is almost full: soon no call can be recorded. Nothing is deleted early. Call support now."
        if self.free < min(LOW_BYTES, self.size * LOW_SHARE):
            return "The disk is filling up. Nothing is deleted early. Have a larger one fitted."
        return ""


class Space:
    """Looks at the disk below ``folder``."""

    def __init__(self, folder: Path, catalogue: Catalogue, clock: Clock) -> None:
        """Forecast from what ``catalogue`` lists."""
        self._folder, self._catalogue, self._clock = folder, catalogue, clock

    def room(self) -> Room:
        """Return how much room there is."""
        found = os.statvfs(self._folder)
        return Room(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)

    def months_left(self) -> float | None:
        """Return how many months of calls as they have been lately there is room for; None with too few to tell."""
        today = self._clock.now().at.astimezone(LONDON).date()
        since = today - timedelta(days=_FORECAST_DAYS)
        choice = Choice(first=since, last=today - timedelta(days=1))
        count, _ = self._catalogue.some(choice)
        if not count:
            return None
        _, oldest = self._catalogue.some(choice, skip=count - 1)
        days = (today - oldest[0].started_at.astimezone(LONDON).date()).days
        if days < _LEAST_DAYS:
            return None
        a_day = self._catalogue.bytes_of(choice) / days
        return self.room().free / a_day / _MONTH_DAYS if a_day else None
