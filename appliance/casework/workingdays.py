"""Working days of England and Wales: neither a weekend nor a bank holiday, from a list that is shipped with the box."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A calendar.

    Beyond the last year of its list, and for a day proclaimed since, only weekends count as free. A date worked out
    there is at most too early, so that a practice is never told a day on which it would already be late.
    """

    holidays: frozenset[date]

    def is_working(self, day: date) -> bool:
        """Whether the practice can be expected to be at work."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def on_or_after(self, day: date) -> date:
        """Return ``day``, or the next working day where it is none."""
        while not self.is_working(day):
            day += _DAY
        return day

    def after(self, day: date, count: int) -> date:
        """Return the ``count``-th working day after ``day``; ``day`` itself is not counted."""
        for _ in range(count):
            day = self.on_or_after(day + _DAY)
        return day


@cache
def bank_holidays() -> dict[date, str]:
    """Return the shipped list: each free weekday and what it is (``bankholidays.toml`` names the source)."""
    text = resources.files("appliance.casework").joinpath("bankholidays.toml").read_text("utf-8")
    years: dict[str, dict[str, str]] = tomllib.loads(text)
    return {date.fromisoformat(day): name for days in years.values() for day, name in days.items()}


@cache
def england_and_wales() -> WorkingDays:
    """Return the shipped calendar."""
    return WorkingDays(frozenset(bank_holidays()))
