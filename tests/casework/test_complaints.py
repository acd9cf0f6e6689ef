from datetime import date

import pytest
from surgery import AUDITOR, CALLS, MANAGER, PARTNER, PEOPLE, SENIOR, STAFF, TODAY, later

from appliance.casework.access_requests.arriving import log as log_request
from appliance.casework.access_requests.record import Ask, Requester, Wanted, Way
from appliance.casework.agenda import agenda
from appliance.casework.cases import HoldsAfter, holds_wanted
from appliance.casework.complaints import acts
from appliance.casework.complaints.record import Complainant, ComplaintKind, NextBody
from appliance.casework.complaints.words import closing_words, still_open_to_complaint
from appliance.errors import CaseClosed, DateWrong, NotAllowed, StepMissing, WordsMissing
from appliance.model.holds import HoldReason
from appliance.model.people import Role


def logged(kind=ComplaintKind.PRACTICE, by=STAFF, happened_on=TODAY, **more):
    how = {"about": "nobody called back", "received_on": TODAY, "calls": CALLS[:1]} | more
    who = Complainant("A. Patient", "1 High Street")
    return acts.log("CO-2026-001", by, TODAY, kind=kind, complainant=who, happened_on=happened_on, **how)


def answered(kind=ComplaintKind.PRACTICE):
    complaint = acts.acknowledge(logged(kind), SENIOR, later(1), later(1))
    return acts.answer(complaint, PARTNER, later(20), answered_on=later(20), next_body_told=True)


def test_the_calls_of_a_complaint_are_held_while_it_is_open():
    complaint = acts.add_calls(logged(), SENIOR, TODAY, CALLS)
    wishes = holds_wanted(complaint)
    assert [wish.call_id for wish in wishes] == list(CALLS)
    assert wishes[0].reason is HoldReason.COMPLAINT
    done = acts.close(answered(), MANAGER, later(21), holds_after=HoldsAfter.RELEASE)
    assert holds_wanted(done) == ()


def test_a_complaint_is_acknowledged_in_three_working_days_and_then_due_in_six_months():
    complaint = logged()
    assert complaint.due_on == date(2026, 9, 8)
    complaint = acts.acknowledge(complaint, SENIOR, later(1), later(1))
    assert complaint.due_on == date(2027, 3, 3)
    explained = acts.explain_delay(complaint, SENIOR, later(180), later(180), "a witness is away")
    assert explained.due_on is None
    assert explained.notes[-1].words == "a witness is away"


def test_a_data_protection_complaint_has_thirty_days_and_the_commissioner():
    complaint = logged(ComplaintKind.DATA_PROTECTION)
    assert complaint.due_on == date(2026, 10, 5)
    assert complaint.answer_by is None
    assert complaint.next_body is NextBody.COMMISSIONER
    assert logged().next_body is NextBody.OMBUDSMAN


def test_an_answer_names_the_next_body_and_follows_the_acknowledgement():
    with pytest.raises(StepMissing):
        acts.answer(logged(), PARTNER, later(2), answered_on=later(2), next_body_told=True)
    acknowledged = acts.acknowledge(logged(), SENIOR, later(1), later(1))
    with pytest.raises(WordsMissing, match="Ombudsman"):
        acts.answer(acknowledged, PARTNER, later(2), answered_on=later(2), next_body_told=False)
    with pytest.raises(DateWrong):
        acts.answer(acknowledged, PARTNER, later(2), answered_on=TODAY, next_body_told=True)
    with pytest.raises(StepMissing, match="already"):
        acts.acknowledge(acknowledged, SENIOR, later(2), later(2))


def test_a_complaint_closes_answered_or_withdrawn():
    with pytest.raises(StepMissing):
        acts.close(logged(), MANAGER, later(1), holds_after=HoldsAfter.KEEP)
    gone = acts.close(logged(), MANAGER, later(1), holds_after=HoldsAfter.KEEP, withdrawn_because="by telephone")
    assert [wish.call_id for wish in holds_wanted(gone)] == [CALLS[0]]
    with pytest.raises(CaseClosed):
        acts.note(gone, SENIOR, later(2), "late")


def test_a_complaint_is_taken_up_again_when_the_ombudsman_asks_and_its_calls_are_held_again():
    closed = acts.close(answered(), MANAGER, later(21), holds_after=HoldsAfter.RELEASE)
    again = acts.reopen(closed, MANAGER, later(60), "the ombudsman asks")
    assert again.is_open
    assert again.reopened == 1
    assert [wish.call_id for wish in holds_wanted(again)] == [CALLS[0]]
    assert again.history[: len(closed.history)] == closed.history
    with pytest.raises(StepMissing):
        acts.reopen(again, MANAGER, later(61), "twice")


def test_a_complaint_after_twelve_months_needs_a_reason_to_be_taken_up():
    long_ago = date(2025, 9, 2)
    with pytest.raises(WordsMissing, match="twelve months"):
        logged(happened_on=long_ago)
    assert logged(happened_on=date(2025, 9, 3)).late_because == ""
    assert logged(happened_on=long_ago, late_because="was in hospital").late_because
    assert logged(ComplaintKind.DATA_PROTECTION, happened_on=long_ago).late_because == ""


def test_nobody_but_the_manager_and_partners_answers_and_closes():
    acknowledged = acts.acknowledge(logged(), SENIOR, later(1), later(1))
    for person in PEOPLE:
        if person.role in {Role.MANAGER, Role.PARTNER}:
            continue
        with pytest.raises(NotAllowed, match="Only the practice manager or a partner"):
            acts.answer(acknowledged, person, later(2), answered_on=later(2), next_body_told=True)
        with pytest.raises(NotAllowed, match="Only the practice manager or a partner"):
            acts.close(answered(), person, later(21), holds_after=HoldsAfter.KEEP)
    with pytest.raises(NotAllowed):
        logged(by=AUDITOR)


def test_closing_names_the_day_of_deletion_and_who_may_still_ask():
    words = closing_words(answered(), later(21), date(2027, 9, 10))
    assert words == (
        "If you release the hold, 1 call will be deleted by Friday 10 September 2027. "
        "The Parliamentary and Health Service Ombudsman may still ask until Thursday 23 September 2027."
    )
    assert "kept by other holds" in closing_words(answered(), later(21), None)
    assert closing_words(logged(calls=()), TODAY, None) == "No call is held for this complaint."


def test_a_call_is_not_deleted_unwarned_while_a_complaint_about_it_can_be_made():
    call_on, kept_until = date(2025, 9, 10), date(2026, 9, 10)
    assert "can be made until Thursday 10 September" in still_open_to_complaint(call_on, kept_until, TODAY)
    assert still_open_to_complaint(call_on, kept_until, later(10)) == ""
    assert still_open_to_complaint(call_on, date(2027, 9, 10), TODAY) == ""


def test_the_agenda_has_the_most_urgent_first_and_none_that_is_closed():
    ask = Ask(Way.LETTER, Wanted.COPY)
    request = log_request("AR-2026-001", STAFF, TODAY, requester=Requester("a", "b"), ask=ask, received_on=TODAY)
    closed = acts.close(answered(), MANAGER, later(21), holds_after=HoldsAfter.RELEASE)
    due = agenda([request], [logged(), closed], later(7))
    assert [(one.reference, one.words, one.overdue, one.soon) for one in due] == [
        ("CO-2026-001", "Overdue by 2 days", True, False),
        ("AR-2026-001", "in 25 days", False, False),
    ]
