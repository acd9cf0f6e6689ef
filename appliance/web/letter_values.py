"""What a letter says of its case and the practice, by the names that its wording uses; what is not known is a gap."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from werkzeug.exceptions import NotFound

from appliance.casework.access_requests.record import AccessRequest, Outcome, Verdict, Wanted
from appliance.casework.complaints.record import Complaint
from appliance.casework.deadlines import access_due
from appliance.casework.disclosures.record import Disclosure
from appliance.casework.duewords import weekday_month
from appliance.casework.wordings import COMMISSIONER, DETAILS, OMBUDSMAN, Wordings
from appliance.codec import from_json
from appliance.link.messages.cases import Case, CaseKind
from appliance.link.messages.settings import AskSettings, Settings
from appliance.web import words
from appliance.web.gate import practice_name
from appliance.web.parts import ask
from appliance.web.visitor import visitor

_WANTS = {
    Wanted.LISTEN: "to hear the recordings",
    Wanted.COPY: "a copy",
    Wanted.BOTH: "to hear the recordings, or a copy",
}


def practice_values(known: Wordings) -> dict[str, str]:
    """Return what letters and papers say of the practice."""
    settings = ask(AskSettings(visitor().token), Settings)
    first = settings.contact.strip().splitlines()
    found = {name: known.detail(name) for name in DETAILS}
    if settings.contact.strip() and not known.details.get("address", "").strip():
        found["address"] = ", ".join(part.strip() for part in first)
    return {
        **found,
        "practice": practice_name(),
        "practice_telephone": known.detail("telephone"),
        "months": str(settings.months),
        "kept_for": f"{settings.months} months",
        "commissioner": COMMISSIONER,
        "commissioner_contact": COMMISSIONER,
        "ombudsman_contact": OMBUDSMAN,
        "signed_by": visitor().person.name,
    }


def values_of(case: Case, known: Wordings) -> Mapping[str, str]:
    """Return what letters say of a case.

    Raises:
        NotFound: no letters are written for a case of this sort.
    """
    values = _Gaps(practice_values(known))
    if case.kind is CaseKind.ACCESS:
        return values | _of_request(from_json(case.body, AccessRequest), case)
    if case.kind is CaseKind.COMPLAINT:
        return values | _of_complaint(from_json(case.body, Complaint))
    if case.kind is CaseKind.DISCLOSURE:
        return values | _of_body(from_json(case.body, Disclosure))
    raise NotFound


class _Gaps(dict[str, str]):
    """Values of a letter; what is not known is a gap to be filled in by hand."""

    def get(self, key: str, default: Any = "") -> Any:
        """Return a value, or a gap that names it."""
        return super().get(key, "") or default or f"[{key.replace('_', ' ')}]"

    def __missing__(self, key: str) -> str:
        return f"[{key.replace('_', ' ')}]"

    def __or__(self, other: Mapping[str, str]) -> "_Gaps":  # type: ignore[override]
        return _Gaps({**self, **{name: value for name, value in other.items() if value}})


def _of_request(one: AccessRequest, case: Case) -> dict[str, str]:
    due = access_due(one.clock, case.today)
    planned = next((a for a in reversed(one.appointments) if a.outcome is Outcome.PLANNED), None)
    withheld = [v.why for v in (one.assessment.verdicts if one.assessment else ()) if v.verdict is Verdict.WITHHOLD]
    cuts = [cut.why for call_id in one.given_calls for cut in one.cuts_of(call_id)]
    count = len(one.given_calls)
    return {
        "reference": one.reference,
        "name": one.requester.name,
        "received": _said(one.received_on),
        "asked_for": _WANTS[one.ask.wanted] + (f"; {one.ask.looking_for}" if one.ask.looking_for else ""),
        "due": _said(due) if due else "",
        "question": one.clarifications[-1].question if one.clarifications else "",
        "reason": (one.authorisation.why if one.authorisation else "") or (one.extension.why if one.extension else ""),
        "when": words.day_time(planned.at) if planned else "",
        "room": planned.room if planned else "",
        "calls": words.counted(count, "call", "calls") if count else "",
        "passphrase_by": one.copies[-1].passphrase_by if one.copies else "",
        "left_out": "; ".join([*cuts, *withheld]) or "nothing",
        "searched": "; ".join(search.looked_for for search in one.searches),
        "refused": "the recordings you asked for",
    }


def _of_complaint(one: Complaint) -> dict[str, str]:
    return {
        "reference": one.reference,
        "name": one.complainant.name,
        "received": _said(one.received_on),
        "about": one.about,
        "expected": _said(one.answer_by) if one.answer_by else "",
        "reason": one.notes[-1].words if one.notes and one.delay_explained_on else "",
    }


def _of_body(one: Disclosure) -> dict[str, str]:
    count = len(one.decision.calls) if one.decision else 0
    return {
        "reference": one.reference,
        "their_reference": one.inquirer.reference,
        "name": one.inquirer.officer,
        "received": _said(one.received_on),
        "asked_for": one.asked_for,
        "calls": words.counted(count, "call", "calls") if count else "",
    }


def _said(day: date) -> str:
    return weekday_month(day)


def address_of(case: Case) -> str:
    """Return the name and address of whoever a letter goes to."""
    if case.kind is CaseKind.DISCLOSURE:
        body = from_json(case.body, Disclosure).inquirer
        return f"{body.officer}\n{body.body_name}"
    if case.kind is CaseKind.ACCESS:
        who = from_json(case.body, AccessRequest).requester
        return f"{who.name}\n{who.contact}"
    one = from_json(case.body, Complaint).complainant
    return f"{one.name}\n{one.contact}"
