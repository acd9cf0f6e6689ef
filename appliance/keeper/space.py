"""Room on the disk: how long it lasts, and when staff must be told. Nothing is ever deleted early to make room."""

import os
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from appliance.clock import LONDON, Clock
from appliance.storage.ballast import Ballast
from appliance.storage.catalogue import Catalogue
from appliance.storage.daycolumns import Choice
from appliance.storage.holds import Holds
from appliance.storage.retention import GRACE_DAYS, kept_until_day
from appliance.storage.settings import Settings

_FORECAST_DAYS, _LEAST_DAYS = 28, 3
"""The forecast takes the last four weeks; with fewer than three days of calls there is none."""

_MONTH_DAYS = 365.25 / 12
LOW_BYTES, VERY_LOW_BYTES = 4 << 30, 1 << 30
LOW_SHARE = 0.05
SOON_DAYS = 60
"""A disk that will be full within so many days is told of: time to have a larger one fitted."""


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the disk that recordings lie on. ``ballast`` is whether room is still kept for holds and the journal."""

    free: int
    size: int
    ballast: bool = True

    @property
    def words(self) -> str:
        """What staff must be told; empty while there is enough."""
        if not self.ballast and self.free < VERY_LOW_BYTES:
            return "The disk is full: calls may not be recorded. Holds and deletions still work. Call support now."
        if self.free < VERY_LOW_BYTES:
            return "The disk is almost full: soon no call can be recorded. Nothing is deleted early. Call support now."
        if self.free < min(LOW_BYTES, self.size * LOW_SHARE):
            return "The disk is filling up. Nothing is deleted early. Have a larger one fitted."
        return ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What becomes of the disk if calls go on as they have lately.

    ``months_left`` is how long the free room alone would last. ``full_on`` is the day the disk is full although what
    expires gives its room back; None where that never comes: the whole time that recordings are kept has room.
    """

    months_left: float
    full_on: date | None


class Space:
    """Looks at the disk below ``folder``."""

    def __init__(
        self,
        folder: Path,
        catalogue: Catalogue,
        holds: Holds,
        settings: Settings,
        clock: Clock,
        ballast: Ballast | None = None,
    ) -> None:
        """Forecast from what ``catalogue`` lists, what is held and how long the rest is kept."""
        self._folder, self._catalogue, self._holds = folder, catalogue, holds
        self._settings, self._clock, self._ballast = settings, clock, ballast or Ballast(folder)

    def room(self) -> Room:
        """Return how much room there is."""
        found = os.statvfs(self._folder)
        free, size = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
        return Room(free, size, self._ballast.is_held)

    def look(self) -> Room:
        """See to the ballast, and return how much room there is."""
        self._ballast.tend(self.room().free, VERY_LOW_BYTES)
        return self.room()

    def words(self) -> str:
        """Return what staff must be told, of the room now or of the time to come; empty while all is well."""
        room, forecast = self.look(), self.forecast()
        if room.words or forecast is None or forecast.full_on is None:
            return room.words
        if forecast.full_on > self._today() + timedelta(days=SOON_DAYS):
            return ""
        day = f"{forecast.full_on.day} {forecast.full_on:%B %Y}"
        return f"At the present rate the disk is full on {day}. Nothing is deleted early. Have a larger one fitted."

    def months_left(self) -> float | None:
        """Return how many months of calls as they have been lately there is room for; None with too few to tell."""
        forecast = self.forecast()
        return forecast.months_left if forecast else None

    def forecast(self) -> Forecast | None:
        """Return what becomes of the disk; None with too few calls to tell."""
        a_day = self._bytes_a_day()
        if not a_day:
            return None
        free = self.room().free
        return Forecast(free / a_day / _MONTH_DAYS, self._full_on(free, a_day))

    def _full_on(self, free: float, a_day: float) -> date | None:
        """Go on day by day: each takes ``a_day``, and gives back what was recorded so long before.

        After the time that recordings are kept each day gives back what it takes, so no later day can be the first.
        """
        today, given_back = self._today(), dict[date, int]()
        for day, size in self._catalogue.bytes_by_day(self._holds.held()).items():
            gone_on = kept_until_day(day, self._settings.months) + timedelta(days=GRACE_DAYS + 1)
            given_back[max(gone_on, today)] = given_back.get(max(gone_on, today), 0) + size
        last = kept_until_day(today, self._settings.months) + timedelta(days=GRACE_DAYS + 1)
        for ahead in range((last - today).days + 1):
            day = today + timedelta(days=ahead)
            free += given_back.get(day, 0) - a_day
            if free < 0:
                return day
        return None

    def _bytes_a_day(self) -> float | None:
        today = self._today()
        since = today - timedelta(days=_FORECAST_DAYS)
        choice = Choice(first=since, last=today - timedelta(days=1))
        count, _ = self._catalogue.some(choice)
        if not count:
            return None
        _, oldest = self._catalogue.some(choice, skip=count - 1)
        days = (today - oldest[0].started_at.astimezone(LONDON).date()).days
        return self._catalogue.bytes_of(choice) / days if days >= _LEAST_DAYS else None

    def _today(self) -> date:
        return self._clock.now().at.astimezone(LONDON).date()
