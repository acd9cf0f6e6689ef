"""What is due: access requests and complaints that are overdue or due soon, for the home page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from appliance.casework.access_requests.record import AccessRequest
from appliance.casework.complaints.record import Complaint
from appliance.casework.deadlines import access_due
from appliance.casework.duewords import is_overdue, is_soon, time_left


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
