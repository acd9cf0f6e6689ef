"""Every value of the casework is written as JSON by the keeper, sealed, and read back the same."""

from datetime import UTC, datetime

import pytest
import surgery
from surgery import CALLS, HASH, MANAGER, PARTNER, SENIOR, STAFF, TODAY, later

from appliance.casework import announcements, incidents
from appliance.casework.access_requests import arriving, giving
from appliance.casework.access_requests.record import AccessRequest, CopiedCall
from appliance.casework.announcements import Place, Register
from appliance.casework.cases import HoldWish, holds_wanted
from appliance.casework.complaints import acts as complaints
from appliance.casework.complaints.record import Complainant, Complaint, ComplaintKind
from appliance.casework.cuts import Redaction
from appliance.casework.disclosures import acts as disclosures
from appliance.casework.disclosures.record import Basis, Body, Disclosure, HandedCall, Inquirer
from appliance.casework.incidents import Incident, IncidentKind
from appliance.casework.policy.record import Policy, check, default_policy, replace_text
from appliance.casework.reviews import acts as reviews
from appliance.casework.reviews.record import Review
from appliance.codec import from_json, to_json


def full_request():
    request = arriving.extend(surgery.authorised(), PARTNER, TODAY, told_on=TODAY, why="400 calls")
    request = arriving.ask_clarification(request, SENIOR, TODAY, "Which year?")
    request = giving.redact(request, SENIOR, TODAY, call_id=CALLS[1], redactions=[Redaction(1.25, 2.0, "another name")])
    request = giving.invite(request, SENIOR, TODAY, at=datetime(2026, 9, 10, 9, tzinfo=UTC), room="Room 2")
    copied = [CopiedCall(CALLS[1], HASH, request.redactions_of(CALLS[1]))]
    return giving.give_copy(request, SENIOR, TODAY, calls=copied, to="her", means="USB", passphrase_by="telephone")


def full_complaint():
    days = {"received_on": TODAY, "happened_on": TODAY}
    complaint = complaints.log(
        "CO-2026-001", STAFF, TODAY, kind=ComplaintKind.PRACTICE, complainant=Complainant("a", "b"), about="x",
        calls=CALLS, **days,
    )  # fmt: skip
    return complaints.note(complaint, SENIOR, TODAY, "heard the call")


def full_disclosure():
    asker = Inquirer(Body.POLICE, "police", "officer", "1", "ref")
    what = {"asked_for": "a call", "basis": Basis.COURT_ORDER, "form": "order", "received_on": TODAY}
    case = disclosures.log("PB-2026-001", STAFF, TODAY, inquirer=asker, calls=CALLS, **what)
    case = disclosures.check_back(case, SENIOR, TODAY, found_in="website", spoke_to="clerk", genuine=True)
    case = disclosures.decide(case, MANAGER, TODAY, granted=True, necessity="ordered", calls=CALLS[:1])
    given = [HandedCall(CALLS[0], HASH)]
    case = disclosures.hand_over(case, MANAGER, TODAY, calls=given, to="clerk", means="stick")
    return disclosures.sign_receipt(case, SENIOR, TODAY, signed_by="clerk", signed_on=TODAY)


def full_incident():
    how = {"kind": IncidentKind.THREAT, "call_id": CALLS[0], "happened_on": TODAY, "note": "threatened"}
    return incidents.flag("IN-2026-001", STAFF, TODAY, **how)


def full_review():
    review = reviews.share("TR-1", SENIOR, TODAY, call_id=CALLS[0], staff=STAFF, private_setting=True, part=(1.0, 9.5))
    return reviews.give_feedback(review, SENIOR, TODAY, went_well="a", to_try="b", next_step="c")


def full_register():
    how = {"place": Place.LEAFLET, "where": "of May", "says_recorded": True, "says_purpose": True}
    return announcements.check(Register(), SENIOR, TODAY, **how)


def full_policy():
    policy = replace_text(default_policy(), MANAGER, TODAY, "The policy applies to all practice staff.")
    texts = [one.sentence.text for one in policy.carried]
    return check(policy, MANAGER, later(1), confirmed=(), remarks={texts[0]: "and to locums"})


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (full_request(), AccessRequest),
        (full_complaint(), Complaint),
        (full_disclosure(), Disclosure),
        (full_incident(), Incident),
        (full_review(), Review),
        (full_register(), Register),
        (full_policy(), Policy),
        (holds_wanted(full_complaint())[0], HoldWish),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_record_is_read_back_as_it_was_written(value, kind):
    data = to_json(value)
    assert from_json(data, kind) == value
    assert to_json(from_json(data, kind)) == data


def test_a_history_holds_no_name_number_or_note():
    words = " ".join(
        entry.act for case in (full_request(), full_complaint(), full_disclosure()) for entry in case.history
    )
    for personal in ("Patient", "High Street", "number", "Which year", "another name", "officer"):
        assert personal not in words
