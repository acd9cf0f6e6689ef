"""When a line has been silent for so long that it is unusual: judged by the line's own past, and by nothing else.

Calls come at their own pace, by the hour of the week. So silence is measured in *calls that should have come*: five
hours of a night weigh nothing, twenty minutes of a Monday morning may weigh ten. A silence is unusual when it weighs
more than any that the line has lived through, by a margin. Nothing here reads a clock.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from appliance.clock import LONDON

PAST = timedelta(weeks=8)
"""How far back a line's habits are learnt."""

LEAST_DAYS, LEAST_CALLS = 10, 20
"""Working days and calls without which a line has no habits yet."""

LEAST_WEIGHT = 8.0
"""Calls that should have come: of independent calls, one silence in 3,000 weighs as much by chance."""

MARGIN = 1.5
"""Heavier by so much than the heaviest silence of the past."""

_HOUR = timedelta(hours=1)

Working = Callable[[date], bool]
"""Whether the practice works on a day."""


class Habits:
    """How often something comes over one line in each hour of the working week."""

    def __init__(self, calls: Sequence[datetime], now: datetime, working: Working) -> None:
        """Learn from ``calls`` before ``now``, in order of time."""
        self._working = working
        self._calls = [at for at in calls if now - PAST <= at <= now]
        first = min(self._calls, default=now)
        days = [day for day in _days(first, now) if working(day)]
        self._days = len(days)
        weekdays = Counter(day.weekday() for day in days)
        came = Counter(_hour(at) for at in self._calls if working(at.astimezone(LONDON).date()))
        self._rate = {hour: count / weekdays[hour[0]] for hour, count in came.items()}
        starts = _hours(first, now)
        self._starts = starts
        self._weights = [0.0]
        for start in starts:
            self._weights.append(self._weights[-1] + self._at(start))

    def weight(self, since: datetime, until: datetime) -> float:
        """Return how many calls should have come from ``since`` to ``until``, which lie in the past that was learnt."""
        return self._until(until) - self._until(since)

    def unusual(self, since: datetime, now: datetime) -> bool:
        """Return whether silence from ``since`` to ``now`` is unusual for the line; never before it has habits."""
        if self._days < LEAST_DAYS or len(self._calls) < LEAST_CALLS:
            return False
        heaviest = max((self.weight(a, b) for a, b in pairwise(self._calls)), default=0.0)
        return self.weight(since, now) > max(LEAST_WEIGHT, MARGIN * heaviest)

    def _at(self, hour: datetime) -> float:
        here = hour.astimezone(LONDON)
        return self._rate.get((here.weekday(), here.hour), 0.0) if self._working(here.date()) else 0.0

    def _until(self, at: datetime) -> float:
        place = bisect_right(self._starts, at) - 1
        if place < 0:
            return 0.0
        within = min(1.0, (at - self._starts[place]) / _HOUR)
        return self._weights[place] + within * (self._weights[place + 1] - self._weights[place])


def _hour(at: datetime) -> tuple[int, int]:
    here = at.astimezone(LONDON)
    return here.weekday(), here.hour


def _hours(first: datetime, last: datetime) -> list[datetime]:
    start = first.replace(minute=0, second=0, microsecond=0)
    return [start + index * _HOUR for index in range(int((last - start) / _HOUR) + 1)]


def _days(first: datetime, last: datetime) -> list[date]:
    start, end = first.astimezone(LONDON).date(), last.astimezone(LONDON).date()
    return [start + timedelta(days=index) for index in range((end - start).days + 1)]
