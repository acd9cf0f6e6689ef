"""How long a recording is kept: twelve calendar months from its recorded start. Pure functions of dates.

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


def kept_until(counted_from: datetime) -> date:
    """Return the last day that a recording is kept: the same day twelve months on, or the last of a shorter month."""
    return counted_from.astimezone(LONDON).date() + relativedelta(months=MONTHS)


def has_expired(counted_from: datetime | None, horizon: date) -> bool:
    """Return whether a recording is past its time on the day ``horizon``; one of unknown age never is."""
    return counted_from is not None and kept_until(counted_from) < horizon


def destroyed_on(counted_from: datetime, today: date) -> date:
    """Return the day a recording without a hold will be destroyed, if the box is on until then."""
    into_trash = max(kept_until(counted_from) + timedelta(days=1), today)
    return into_trash + timedelta(days=GRACE_DAYS)
