"""When things are due: the clocks that the law sets, as pure functions of dates.

Sources: UK GDPR Articles 12(3), 12A and 15 with the Commissioner's guidance (access requests); the Local Authority
Social Services and National Health Service Complaints (England) Regulations 2009, SI 2009/309, regs 12 to 14
(complaints); Data Protection Act 2018 s.164A with the Commissioner's guidance (data protection complaints).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from appliance.casework.workingdays import WorkingDays, england_and_wales

EXTRA_MONTHS = 2
"""Months that an extension adds to the one month of an access request (Article 12(3))."""

ACKNOWLEDGE_WORKING_DAYS = 3
EXPLAIN_MONTHS = 6
COMPLAIN_MONTHS = 12
DATA_PROTECTION_DAYS = 30


@dataclass(frozen=True, slots=True)
class Pause:
    """A question put to the requester, from the day it was asked until it was answered (None: not yet)."""

    asked_on: date
    answered_on: date | None = None


@dataclass(frozen=True, slots=True)
class AccessClock:
    """What the due date of an access request depends on. Proof of identity counts only where it was asked for."""

    received_on: date
    identity_asked_on: date | None = None
    identity_received_on: date | None = None
    pauses: tuple[Pause, ...] = ()
    extension_told_on: date | None = None

    @property
    def starts_on(self) -> date | None:
        """The day the month begins: the later of receipt and proof of identity; None while proof is awaited."""
        if self.identity_asked_on is None:
            return self.received_on
        if self.identity_received_on is None:
            return None
        return max(self.received_on, self.identity_received_on)

    @property
    def paused_since(self) -> date | None:
        """Since when a question to the requester is unanswered."""
        return next((pause.asked_on for pause in self.pauses if pause.answered_on is None), None)


def corresponding_date(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last day of a month that has no such day."""
    return day + relativedelta(months=months)


def access_due(clock: AccessClock, today: date, days: WorkingDays | None = None) -> date | None:
    """Return the last day to answer an access request; None while the month has not begun.

    The corresponding date of the start, plus the days a question was unanswered, moved to the next working day. While
    a question is open the date is the one that an answer today would give. An extension told too late counts nothing.
    """
    days = days or england_and_wales()
    first = extend_until(clock, today, days)
    if first is None or clock.extension_told_on is None or clock.extension_told_on > first:
        return first
    return _due(clock, 1 + EXTRA_MONTHS, today, days)


def extend_until(clock: AccessClock, today: date, days: WorkingDays | None = None) -> date | None:
    """Return the last day on which the requester can be told of an extension: the end of the first month."""
    return _due(clock, 1, today, days or england_and_wales())


def _due(clock: AccessClock, months: int, today: date, days: WorkingDays) -> date | None:
    start = clock.starts_on
    if start is None:
        return None
    nominal = corresponding_date(start, months)
    stood = timedelta()
    for pause in sorted(clock.pauses, key=lambda pause: pause.asked_on):
        if pause.asked_on > days.on_or_after(nominal + stood):
            break  # a question asked too late cannot bring a missed date back
        begun = max(pause.asked_on, start)
        stood += max(timedelta(), (pause.answered_on or today) - begun)
    return days.on_or_after(nominal + stood)


def acknowledge_by(received_on: date, days: WorkingDays | None = None) -> date:
    """Return the last day to acknowledge a complaint: the third working day after receipt (reg. 13(3))."""
    return (days or england_and_wales()).after(received_on, ACKNOWLEDGE_WORKING_DAYS)


def explain_by(received_on: date) -> date:
    """Return the day by which a complaint is answered, or its delay explained in writing (reg. 14(3) and (4))."""
    return corresponding_date(received_on, EXPLAIN_MONTHS)


def complain_until(happened_on: date) -> date:
    """Return the last day to complain of what happened, or was noticed, on a day (reg. 12(1))."""
    return corresponding_date(happened_on, COMPLAIN_MONTHS)


def data_protection_acknowledge_by(received_on: date, days: WorkingDays | None = None) -> date:
    """Return the last day to acknowledge a data protection complaint.

    Thirty days that begin on the day after receipt, moved to the next working day (DPA 2018 s.164A and guidance).
    """
    return (days or england_and_wales()).on_or_after(received_on + timedelta(days=DATA_PROTECTION_DAYS))
