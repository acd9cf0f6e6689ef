"""The demo's casework: a case of each sort, about a call of its month, as far as a practice would have got with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from appliance.link.messages.cases import CaseKind
from appliance.model.calls import CallId

Words = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DemoCase:
    """``at``: at which part of the month. ``log`` returns the words that log it; ``acts`` what is done with it then."""

    at: float
    kind: CaseKind
    log: Callable[[CallId, date], Words]
    acts: Callable[[CallId, date], tuple[tuple[str, Words], ...]]


def _complaint(call: CallId, today: date) -> Words:
    return {
        "kind": "practice",
        "complainant": {"name": "Sample complainant", "contact": "01632 960101"},
        "about": "Unhappy with how a call was handled",
        "received_on": today,
        "happened_on": today,
        "calls": [call],
    }


def _acknowledged(_call: CallId, today: date) -> tuple[tuple[str, Words], ...]:
    return (("acknowledge", {"acknowledged_on": today}),)


def _review(call: CallId, _today: date) -> Words:
    return {"call_id": call, "staff": "staff", "private_setting": True}


def _fed_back(_call: CallId, _today: date) -> tuple[tuple[str, Words], ...]:
    said = {"went_well": "A warm greeting", "to_try": "Say your name", "next_step": "Listen to another call together"}
    return (("give_feedback", said),)


def _request(_call: CallId, today: date) -> Words:
    return {
        "requester": {"name": "Sample requester", "contact": "01632 960102"},
        "ask": {"way": "spoken", "wanted": "both"},
        "received_on": today,
    }


def _searched(call: CallId, today: date) -> tuple[tuple[str, Words], ...]:
    return (
        ("check_identity", {"seen": "Passport", "received_on": today}),
        ("record_search", {"looked_for": "Their call of that week", "found": [call]}),
    )


def _police(call: CallId, today: date) -> Words:
    return {
        "inquirer": {
            "body": "police",
            "body_name": "Sample police force",
            "officer": "Sample officer",
            "number": "1234",
            "reference": "SAMPLE/1",
        },
        "asked_for": "A call in which a threat was made",
        "basis": "crime_and_tax",
        "form": "Data protection request form",
        "received_on": today,
        "calls": [call],
    }


def _nothing(_call: CallId, _today: date) -> tuple[tuple[str, Words], ...]:
    return ()


CASES = (
    DemoCase(0.3, CaseKind.COMPLAINT, _complaint, _acknowledged),
    DemoCase(0.5, CaseKind.REVIEW, _review, _fed_back),
    DemoCase(0.7, CaseKind.ACCESS, _request, _searched),
    DemoCase(0.9, CaseKind.DISCLOSURE, _police, _nothing),
)
"""In the order of the month."""
