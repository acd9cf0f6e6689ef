"""What there is to see to, for the home page: what is overdue or due soon, and what waits without a date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from appliance.casework.access_requests.record import AccessRequest, Appointment, Outcome
from appliance.casework.complaints.record import Complaint
from appliance.casework.deadlines import access_due
from appliance.casework.disclosures.record import Disclosure
from appliance.casework.duewords import SOON_DAYS, is_overdue, is_soon, time_left, weekday_month
from appliance.casework.incidents import Incident
from appliance.clock import LONDON


@dataclass(frozen=True, slots=True)
class Due:
    """One case with a date, soonest first. ``words``: "in 12 days", "Overdue by 2 days"."""

    reference: str
    due_on: date
    words: str
    overdue: bool
    soon: bool


def agenda(requests: Iterable[AccessRequest], complaints: Iterable[Complaint], today: date) -> tuple[Due, ...]:
    """Return the open cases that have a date, the most urgent first."""
    dates = [(one.reference, access_due(one.clock, today)) for one in requests if one.is_open]
    dates += [(one.reference, one.due_on) for one in complaints if one.is_open]
    found = (
        Due(reference, due, time_left(due, today), is_overdue(due, today), is_soon(due, today))
        for reference, due in dates
        if due is not None
    )
    return tuple(sorted(found, key=lambda one: (one.due_on, one.reference)))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One case that somebody has to see to. ``words`` say what: "the practice manager decides"."""

    reference: str
    words: str


def waiting(
    requests: Iterable[AccessRequest], disclosures: Iterable[Disclosure], incidents: Iterable[Incident], today: date
) -> tuple[Waiting, ...]:
    """Return what waits: appointments of these days, requests of bodies, and staff whom nobody has talked to yet."""
    planned = [
        (one.reference, appointment)
        for one in requests
        if one.is_open
        for appointment in one.appointments
        if appointment.outcome is Outcome.PLANNED and (_day(appointment) - today).days <= SOON_DAYS
    ]
    planned.sort(key=lambda pair: pair[1].at)
    found = [Waiting(reference, _appointment(appointment, today)) for reference, appointment in planned]
    found += [Waiting(one.reference, _body(one)) for one in disclosures if one.is_open]
    found += [
        Waiting(one.reference, "offer support to the member of staff")
        for one in incidents
        if one.is_open and not one.support
    ]
    return tuple(found)


def _day(appointment: Appointment) -> date:
    return appointment.at.astimezone(LONDON).date()


def _appointment(appointment: Appointment, today: date) -> str:
    day, at = _day(appointment), appointment.at.astimezone(LONDON)
    if day < today:
        return f"say how the appointment of {weekday_month(day, today)} went"
    when = "today" if day == today else f"on {weekday_month(day, today)}"
    return f"listening appointment {when}, {at:%H:%M}, {appointment.room}"


def _body(one: Disclosure) -> str:
    if one.decision is None:
        return "call the body back" if one.call_back is None else "the practice manager decides"
    if one.decision.granted and one.handover is None:
        return "the practice manager hands over a copy"
    return "note the receipt" if one.decision.granted and one.receipt is None else "the practice manager closes it"
