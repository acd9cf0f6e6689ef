"""What a page says of a complaint before its calls go."""

from datetime import date

from appliance.casework.complaints.record import Complaint
from appliance.casework.deadlines import COMPLAIN_MONTHS, complain_until, corresponding_date
from appliance.casework.duewords import weekday_month


def closing_words(complaint: Complaint, today: date, last_deletion: date | None) -> str:
    """Say what closing means for the calls. ``last_deletion``: when the last of them goes if released, None if never.

    The choice is not neutral: a complainant has another twelve months to go to the ombudsman.
    """
    if not complaint.calls:
        return "No call is held for this complaint."
    count = f"{len(complaint.calls)} call{'' if len(complaint.calls) == 1 else 's'}"
    goes = "kept by other holds" if last_deletion is None else f"deleted by {weekday_month(last_deletion, today)}"
    until = weekday_month(corresponding_date(complaint.answered_on or today, COMPLAIN_MONTHS), today)
    return f"If you release the hold, {count} will be {goes}. The {complaint.next_body} may still ask until {until}."


def still_open_to_complaint(call_on: date, kept_until: date, today: date) -> str:
    """Warn of a call that goes while a complaint about it could still be made; empty where it does not."""
    last = complain_until(call_on)
    if today > last or kept_until > last:
        return ""
    return f"A complaint about this call can be made until {weekday_month(last, today)}. Hold it if you expect one."
