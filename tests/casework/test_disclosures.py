import pytest
from surgery import AUDITOR, CALLS, HASH, MANAGER, PARTNER, PEOPLE, SENIOR, STAFF, TECHNICIAN, TODAY, later

from appliance.casework import incidents
from appliance.casework.cases import HoldsAfter, holds_wanted
from appliance.casework.disclosures import acts
from appliance.casework.disclosures.record import BASIS_WORDS, Basis, Body, HandedCall, Inquirer
from appliance.casework.incidents import IncidentKind
from appliance.errors import CaseClosed, DateWrong, NotAllowed, StepMissing, WordsMissing
from appliance.model.holds import HoldReason
from appliance.model.people import Role

POLICE = Inquirer(Body.POLICE, "the county's police", "an officer", "PC 1234", "crime 99/26", "an inspector")


def logged(by=STAFF, inquirer=POLICE, form="Form 1234"):
    how = {"asked_for": "the call of 2 September", "basis": Basis.CRIME_AND_TAX, "form": form, "received_on": TODAY}
    return acts.log("PB-2026-001", by, TODAY, inquirer=inquirer, calls=CALLS[:2], **how)


def checked(*, genuine=True):
    return acts.check_back(
        logged(), SENIOR, TODAY, found_in="the force's website", spoke_to="control room", genuine=genuine
    )


def granted():
    return acts.decide(checked(), MANAGER, TODAY, granted=True, necessity="a serious assault", calls=CALLS[:1])


def handed(disclosure=None, by=MANAGER, call_id=CALLS[0]):
    calls = [HandedCall(call_id, HASH)]
    return acts.hand_over(disclosure or granted(), by, TODAY, calls=calls, to="PC 1234", means="encrypted stick")


def test_a_request_goes_from_the_register_to_the_receipt():
    signed = acts.sign_receipt(handed(), SENIOR, later(1), signed_by="PC 1234", signed_on=later(1))
    done = acts.close(signed, MANAGER, later(2), holds_after=HoldsAfter.KEEP)
    acts_done = [entry.act for entry in done.history]
    assert acts_done == ["logged", "called back", "release decided", "handed over", "receipt signed", "closed"]
    assert done.handover.calls[0].sha256 == HASH
    assert [wish.call_id for wish in holds_wanted(done)] == list(CALLS[:2])


def test_its_calls_are_held_from_the_moment_it_is_logged():
    assert {wish.reason for wish in holds_wanted(logged())} == {HoldReason.POLICE}
    assert len(holds_wanted(logged())) == 2


def test_the_manager_alone_decides_hands_over_and_closes():
    for person in PEOPLE:
        if person.role is Role.MANAGER:
            continue
        with pytest.raises(NotAllowed, match="Only the practice manager may"):
            acts.decide(checked(), person, TODAY, granted=True, necessity="an assault", calls=CALLS[:1])
        with pytest.raises(NotAllowed, match="Only the practice manager may"):
            handed(by=person)
        with pytest.raises(NotAllowed, match="Only the practice manager may"):
            acts.close(granted(), person, TODAY, holds_after=HoldsAfter.KEEP)


def test_anybody_at_work_may_take_a_request_down():
    assert logged(by=STAFF).history[0].by == STAFF.username
    for outsider in (TECHNICIAN, AUDITOR):
        with pytest.raises(NotAllowed):
            logged(by=outsider)


def test_refusing_is_normal_and_needs_no_check_but_a_reason():
    refused = acts.decide(logged(), MANAGER, TODAY, granted=False, necessity="no basis was named")
    assert acts.close(refused, MANAGER, TODAY, holds_after=HoldsAfter.RELEASE).closed_on == TODAY
    with pytest.raises(WordsMissing, match="why it is refused"):
        acts.decide(logged(), MANAGER, TODAY, granted=False, necessity=" ")
    with pytest.raises(NotAllowed, match="was refused"):
        handed(refused)


def test_nothing_is_released_to_somebody_who_was_not_called_back():
    for unchecked in (logged(), checked(genuine=False)):
        with pytest.raises(StepMissing, match=r"[Cc]all"):
            acts.decide(unchecked, MANAGER, TODAY, granted=True, necessity="an assault", calls=CALLS[:1])
    with pytest.raises(WordsMissing, match="proves nothing"):
        acts.check_back(logged(), SENIOR, TODAY, found_in="", spoke_to="somebody", genuine=True)


def test_a_decision_covers_only_the_calls_it_names():
    with pytest.raises(StepMissing, match="Choose which calls"):
        acts.decide(checked(), MANAGER, TODAY, granted=True, necessity="an assault", calls=[CALLS[2]])
    with pytest.raises(StepMissing, match="Choose which calls"):
        acts.decide(checked(), MANAGER, TODAY, granted=True, necessity="an assault")
    with pytest.raises(StepMissing, match="the decision names"):
        handed(call_id=CALLS[1])


def test_what_was_handed_over_has_its_hash_and_is_handed_over_once():
    with pytest.raises(WordsMissing, match="SHA-256"):
        acts.hand_over(granted(), MANAGER, TODAY, calls=[HandedCall(CALLS[0], "")], to="PC", means="stick")
    with pytest.raises(StepMissing, match="already"):
        handed(handed())
    with pytest.raises(StepMissing, match="already"):
        acts.decide(handed(), MANAGER, TODAY, granted=False, necessity="second thoughts")


def test_a_release_is_not_closed_without_its_receipt():
    with pytest.raises(StepMissing, match="receipt"):
        acts.close(handed(), MANAGER, TODAY, holds_after=HoldsAfter.KEEP)
    with pytest.raises(DateWrong):
        acts.sign_receipt(handed(), SENIOR, later(1), signed_by="PC 1234", signed_on=later(-1))
    with pytest.raises(StepMissing):
        acts.sign_receipt(granted(), SENIOR, TODAY, signed_by="PC 1234", signed_on=TODAY)


def test_the_register_asks_who_what_and_by_which_form():
    with pytest.raises(WordsMissing, match="form"):
        logged(form="")
    with pytest.raises(WordsMissing, match="reference"):
        logged(inquirer=Inquirer(Body.COURT, "a court", "a clerk", "1", ""))
    assert set(BASIS_WORDS) == set(Basis)


def flagged(by=STAFF, *, hold=True, note="shouted and swore"):
    how = {"kind": IncidentKind.ABUSE, "call_id": CALLS[0], "happened_on": TODAY, "note": note}
    return incidents.flag("IN-2026-001", by, TODAY, hold=hold, **how)


def test_whoever_took_an_abusive_call_may_flag_it_and_it_is_held():
    assert [wish.call_id for wish in holds_wanted(flagged())] == [CALLS[0]]
    assert holds_wanted(flagged(hold=False)) == ()
    assert len(holds_wanted(incidents.hold(flagged(hold=False), SENIOR, later(1)))) == 1
    with pytest.raises(NotAllowed):
        flagged(by=TECHNICIAN)
    with pytest.raises(WordsMissing):
        flagged(note="")


def test_an_incident_closes_once_the_member_of_staff_was_offered_support():
    with pytest.raises(StepMissing, match="support"):
        incidents.close(flagged(), MANAGER, later(1), outcome="a letter", holds_after=HoldsAfter.RELEASE)
    helped = incidents.support(incidents.support(flagged(), PARTNER, TODAY, "a talk"), PARTNER, later(1), "a day off")
    assert helped.support == "a talk\na day off"
    done = incidents.close(helped, MANAGER, later(1), outcome="a letter", holds_after=HoldsAfter.RELEASE)
    assert holds_wanted(done) == ()
    with pytest.raises(CaseClosed):
        incidents.hold(done, SENIOR, later(2))
