"""Due dates in words: "Received 3 September, due Monday 5 October", "in 12 days", "Overdue by 2 days"."""

from datetime import date

from appliance.casework.deadlines import AccessClock, access_due
from appliance.casework.workingdays import WorkingDays

SOON_DAYS = 7
"""Days before its due date that a case is shown on the home page as due soon."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day_month(day: date, beside: date | None = None) -> str:
    """Return "3 September", with the year where it is another than that of ``beside``."""
    words = f"{day.day} {_MONTHS[day.month - 1]}"
    return words if beside is not None and beside.year == day.year else f"{words} {day.year}"


def weekday_month(day: date, beside: date | None = None) -> str:
    """Return "Monday 5 October", with the year where it is another than that of ``beside``."""
    return f"{_DAYS[day.weekday()]} {day_month(day, beside)}"


def time_left(due: date, today: date) -> str:
    """Return "in 12 days", "tomorrow", "today" or "Overdue by 2 days"."""
    left = (due - today).days
    if left < 0:
        return f"Overdue by {-left} day{'' if left == -1 else 's'}"
    return {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")


def is_overdue(due: date | None, today: date) -> bool:
    """Whether a due date has gone by."""
    return due is not None and due < today


def is_soon(due: date | None, today: date) -> bool:
    """Whether a due date is today or in the next seven days."""
    return due is not None and 0 <= (due - today).days <= SOON_DAYS


def received_due(received_on: date, due: date) -> str:
    """Return "Received 3 September, due Monday 5 October"; both years are said where they differ."""
    received = day_month(received_on, beside=due)
    return f"Received {received}, due {weekday_month(due, beside=received_on)}"


def access_sentence(clock: AccessClock, today: date, days: WorkingDays | None = None) -> str:
    """Say how an access request stands against its clock."""
    due = access_due(clock, today, days)
    if due is None:
        asked = clock.identity_asked_on or clock.received_on
        return (
            f"Received {day_month(clock.received_on, today)}. Proof of identity was asked for on "
            f"{day_month(asked, today)}; the month begins when it arrives"
        )
    sentence = received_due(clock.received_on, due)
    if clock.paused_since is not None:
        since = day_month(clock.paused_since, today)
        return f"{sentence} if answered today; the clock stands still since the question of {since}"
    return sentence
