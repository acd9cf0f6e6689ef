"""How long a recording is kept: calendar months from its recorded start, twelve unless the practice agreed otherwise.

The policy: recordings are kept "for 12 months, after which they are automatically deleted (with the exception of an
ongoing complaint that has not yet completed)". Days are those of Europe/London, whatever the clocks do there.
"""

from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from appliance.clock import LONDON

MONTHS = 12
"""Calendar months that the policy keeps a recording."""

GRACE_DAYS = 7
"""Days in the trash before a recording is destroyed; a hold brings it back from there."""

EXPIRING_DAYS = 30
"""Days before its end that a recording counts as expiring soon."""


def kept_until(counted_from: datetime, months: int = MONTHS) -> date:
    """Return the last day that a recording is kept: the same day so many months on, or the last of a shorter month."""
    return kept_until_day(counted_from.astimezone(LONDON).date(), months)


def kept_until_day(day: date, months: int = MONTHS) -> date:
    """As ``kept_until``, of what was recorded on ``day``."""
    return day + relativedelta(months=months)


def has_expired(counted_from: datetime | None, horizon: date, months: int = MONTHS) -> bool:
    """Return whether a recording is past its time on the day ``horizon``; one of unknown age never is."""
    return counted_from is not None and kept_until(counted_from, months) < horizon


def destroyed_on(counted_from: datetime, today: date, months: int = MONTHS) -> date:
    """Return the day a recording without a hold will be destroyed, if the box is on until then."""
    into_trash = max(kept_until(counted_from, months) + timedelta(days=1), today)
    return into_trash + timedelta(days=GRACE_DAYS)


def last_kept_until(day: date, months: int = MONTHS) -> date:
    """Return the latest day on which a recording that is kept until ``day`` or earlier can have begun."""
    found = day - relativedelta(months=months)
    while found + timedelta(days=1) + relativedelta(months=months) <= day:  # the ends of shorter months
        found += timedelta(days=1)
    return found
