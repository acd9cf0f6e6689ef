from dataclasses import replace
from datetime import datetime, time

import pytest
from surgery import CALLS, HASH, MANAGER, SENIOR, STAFF, TODAY, authorised, later

from appliance.casework import incidents
from appliance.casework.access_requests.giving import invite, record_appointment
from appliance.casework.access_requests.record import Outcome, Verdict
from appliance.casework.agenda import waiting
from appliance.casework.cases import HoldsAfter
from appliance.casework.disclosures import acts
from appliance.casework.disclosures.record import Basis, Body, HandedCall, Inquirer
from appliance.casework.incidents import IncidentKind
from appliance.clock import LONDON

POLICE = Inquirer(Body.POLICE, "the county's police", "an officer", "PC 1234", "crime 99/26")


def told(requests=(), disclosures=(), flagged=(), today=TODAY):
    return [f"{one.reference}: {one.words}" for one in waiting(requests, disclosures, flagged, today)]


def invited(days):
    at = datetime.combine(later(days), time(9, 30), LONDON)
    return invite(authorised((CALLS[0], Verdict.GIVE)), SENIOR, TODAY, at=at, room="Room 2")


@pytest.mark.parametrize(
    ("days", "today", "said"),
    [
        (0, 0, ["AR-2026-001: listening appointment today, 09:30, Room 2"]),
        (7, 0, ["AR-2026-001: listening appointment on Thursday 10 September, 09:30, Room 2"]),
        (8, 0, []),
        (0, 2, ["AR-2026-001: say how the appointment of Thursday 3 September went"]),
    ],
)
def test_an_appointment_is_told_a_week_ahead_and_until_somebody_says_how_it_went(days, today, said):
    assert told([invited(days)], today=later(today)) == said


def test_an_appointment_that_was_cancelled_waits_for_nobody():
    request = invited(0)
    assert told([record_appointment(request, SENIOR, TODAY, index=0, outcome=Outcome.CANCELLED)]) == []


def test_a_request_of_a_body_says_whose_turn_it_is_until_it_is_closed():
    what = {"asked_for": "a call", "basis": Basis.CRIME_AND_TAX, "form": "a form", "received_on": TODAY}
    one = acts.log("PB-2026-001", STAFF, TODAY, inquirer=POLICE, calls=CALLS[:1], **what)
    said = [told(disclosures=[one])]
    one = acts.check_back(one, SENIOR, TODAY, found_in="website", spoke_to="the desk", genuine=True)
    said.append(told(disclosures=[one]))
    one = acts.decide(one, MANAGER, TODAY, granted=True, necessity="an assault", calls=CALLS[:1])
    said.append(told(disclosures=[one]))
    one = acts.hand_over(one, MANAGER, TODAY, calls=[HandedCall(CALLS[0], HASH)], to="PC 1234", means="by hand")
    said.append(told(disclosures=[one]))
    one = acts.sign_receipt(one, SENIOR, TODAY, signed_by="PC 1234", signed_on=TODAY)
    said.append(told(disclosures=[one]))
    one = acts.close(one, MANAGER, TODAY, holds_after=HoldsAfter.RELEASE)
    said.append(told(disclosures=[one]))
    assert said == [
        ["PB-2026-001: call the body back"],
        ["PB-2026-001: the practice manager decides"],
        ["PB-2026-001: the practice manager hands over a copy"],
        ["PB-2026-001: note the receipt"],
        ["PB-2026-001: the practice manager closes it"],
        [],
    ]


def test_whoever_was_abused_waits_for_somebody_to_talk_with():
    one = incidents.flag(
        "IN-2026-001", STAFF, TODAY, call_id=CALLS[0], kind=IncidentKind.THREAT, note="a threat", happened_on=TODAY,
        hold=True,
    )  # fmt: skip
    assert told(flagged=[one]) == ["IN-2026-001: offer support to the member of staff"]
    assert told(flagged=[replace(one, support="a talk")]) == []
