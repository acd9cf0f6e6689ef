from dataclasses import replace
from datetime import UTC, datetime

import pytest
from surgery import (
    AUDITOR,
    CALLS,
    DEPUTY,
    HASH,
    MANAGER,
    PARTNER,
    PEOPLE,
    SENIOR,
    STAFF,
    TECHNICIAN,
    TODAY,
    assessed,
    assessment,
    authorised,
    identified,
    later,
    logged,
    searched,
)

from appliance.casework.access_requests.arriving import (
    answer_clarification,
    ask_clarification,
    ask_identity,
    check_identity,
    extend,
)
from appliance.casework.access_requests.closing import close
from appliance.casework.access_requests.deciding import assess, authorise
from appliance.casework.access_requests.finding import record_search
from appliance.casework.access_requests.giving import decline_copy, give_copy, invite, record_appointment, redact
from appliance.casework.access_requests.record import CopiedCall, Ending, Outcome, Verdict, Wanted
from appliance.casework.access_requests.steps import StepState, steps
from appliance.casework.cases import HoldsAfter, holds_wanted, next_reference, refuse_early_release
from appliance.casework.cuts import Redaction
from appliance.casework.deadlines import access_due
from appliance.errors import (
    CaseClosed,
    DateWrong,
    DeadlinePassed,
    HoldNeeded,
    NotAllowed,
    StepMissing,
    WordsMissing,
)
from appliance.model.holds import HoldReason

CUT = (Redaction(1.0, 2.5, "another patient's name"),)
AT = datetime(2026, 9, 10, 9, 0, tzinfo=UTC)


def copy_of(request, *calls, by=SENIOR):
    copied = tuple(CopiedCall(one, HASH, request.redactions_of(one)) for one in calls)
    return give_copy(request, by, TODAY, calls=copied, to="the patient", means="USB stick", passphrase_by="telephone")


def heard(request, by=SENIOR):
    request = invite(request, by, TODAY, at=AT, room="Room 2")
    return record_appointment(
        request, by, later(7), index=0, outcome=Outcome.HEARD, present=["patient", "senior"], private_setting=True
    )


def closed(request, ending=Ending.ANSWERED, by=MANAGER, holds=HoldsAfter.RELEASE, **how):
    told = {"told_on": later(7), "told_of_commissioner": True} | how
    return close(request, by, later(8), ending=ending, holds_after=holds, **told)


def test_a_request_goes_from_the_asking_to_the_closing():
    request = redact(authorised(), SENIOR, TODAY, call_id=CALLS[1], redactions=CUT)
    done = closed(copy_of(heard(request), *CALLS[:2]))
    assert [entry.act for entry in done.history] == [
        "logged", "identity checked", "searched, calls found", "assessed", "authorised", "redactions marked",
        "invited", "appointment: heard", "copy given", "closed: answered",
    ]  # fmt: skip
    assert {step.key: step.state for step in steps(done)} == dict.fromkeys(
        ["identity", "find", "assess", "authorise", "listen", "redact", "copy", "close"], StepState.DONE
    )


def test_a_spoken_request_to_anybody_at_work_counts_and_nobody_else_may_log():
    assert logged(by=STAFF).logged_by == STAFF.username
    for outsider in (TECHNICIAN, AUDITOR):
        with pytest.raises(NotAllowed, match="Only the practice manager, a partner, senior staff or staff may log"):
            logged(by=outsider)


def test_found_calls_are_held_from_the_moment_they_are_found_even_before_the_identity():
    request = record_search(logged(), SENIOR, TODAY, looked_for="a number", found=CALLS[:2])
    wishes = holds_wanted(request)
    assert [wish.call_id for wish in wishes] == list(CALLS[:2])
    assert {wish.reason for wish in wishes} == {HoldReason.REQUEST}
    assert {wish.reference for wish in wishes} == {request.reference}


def test_a_call_that_is_not_theirs_stays_held_until_the_case_is_closed():
    request = authorised((CALLS[0], Verdict.NOT_THEIRS))
    assert [wish.call_id for wish in holds_wanted(request)] == [CALLS[0]]
    with pytest.raises(HoldNeeded, match="still open"):
        refuse_early_release(CALLS[0], request.reference, [request])
    ended = closed(request, Ending.NOTHING_FOUND)
    assert holds_wanted(ended) == ()
    refuse_early_release(CALLS[0], request.reference, [ended])


def test_holds_can_be_kept_when_a_case_closes():
    ended = closed(authorised((CALLS[0], Verdict.NOT_THEIRS)), Ending.NOTHING_FOUND, holds=HoldsAfter.KEEP)
    assert [wish.call_id for wish in holds_wanted(ended)] == [CALLS[0]]


def test_a_search_that_finds_nothing_is_on_record():
    request = record_search(identified(), SENIOR, TODAY, looked_for="a number", found=())
    assert request.searches[0].found == ()
    request = authorise(assess(request, SENIOR, TODAY, assessment()), PARTNER, TODAY, granted=True)
    assert closed(request, Ending.NOTHING_FOUND).ending is Ending.NOTHING_FOUND


def test_a_call_found_later_undoes_assessment_and_authorisation():
    request = record_search(authorised(), SENIOR, TODAY, looked_for="an older number", found=[CALLS[2]])
    assert request.assessment is None
    assert request.authorisation is None
    with pytest.raises(StepMissing, match="Assess first"):
        copy_of(request, CALLS[0])


def test_a_search_that_finds_the_same_again_undoes_nothing():
    request = record_search(authorised(), SENIOR, TODAY, looked_for="again", found=CALLS[:2])
    assert request.authorisation is not None


def test_a_new_assessment_needs_a_new_authorisation():
    request = assess(authorised(), SENIOR, TODAY, assessment((CALLS[0], Verdict.GIVE), (CALLS[1], Verdict.GIVE)))
    with pytest.raises(StepMissing, match="A partner or the practice manager has to authorise"):
        copy_of(request, CALLS[1])


@pytest.mark.parametrize(
    "request_so_far",
    [logged(), identified(), searched(), assessed()],
    ids=["logged", "identified", "found", "assessed"],
)
def test_nothing_is_released_before_it_is_authorised(request_so_far):
    with pytest.raises(StepMissing):
        copy_of(request_so_far, CALLS[0])
    with pytest.raises(StepMissing):
        invite(request_so_far, SENIOR, TODAY, at=AT, room="Room 2")


def test_assessment_waits_for_identity_and_search():
    with pytest.raises(StepMissing, match="identity"):
        assess(logged(), SENIOR, TODAY, assessment())
    with pytest.raises(StepMissing, match="Search"):
        assess(identified(), SENIOR, TODAY, assessment())
    with pytest.raises(StepMissing, match="one verdict on each"):
        assess(searched(), SENIOR, TODAY, assessment((CALLS[0], Verdict.GIVE)))


@pytest.mark.parametrize("left_out", ["third_parties", "serious_harm", "clinician", "privilege"])
def test_each_question_of_the_assessment_must_be_answered(left_out):
    whole = assessment((CALLS[0], Verdict.GIVE), (CALLS[1], Verdict.GIVE))
    with pytest.raises(WordsMissing):
        assess(searched(), SENIOR, TODAY, replace(whole, **{left_out: " "}))


def test_only_a_partner_or_the_manager_authorises():
    allowed = {person for person in PEOPLE if _accepts(lambda p=person: authorise(assessed(), p, TODAY, granted=True))}
    assert allowed == {MANAGER, DEPUTY, PARTNER}
    with pytest.raises(NotAllowed, match="Only the practice manager or a partner may authorise an access request"):
        authorise(assessed(), SENIOR, TODAY, granted=True)


def test_whoever_logged_the_request_authorises_it_only_with_a_reason():
    with pytest.raises(WordsMissing, match="nobody but the person who logged"):
        authorise(assessed(by=MANAGER), MANAGER, TODAY, granted=True)
    assert authorise(assessed(by=MANAGER), MANAGER, TODAY, granted=True, why="sole partner away").authorisation
    assert authorise(assessed(by=MANAGER), DEPUTY, TODAY, granted=True).authorisation


def test_a_refused_request_releases_nothing():
    request = authorise(assessed(), PARTNER, TODAY, granted=False, why="excessive")
    with pytest.raises(NotAllowed, match="refused"):
        copy_of(request, CALLS[0])
    assert closed(request, Ending.REFUSED).ending is Ending.REFUSED
    with pytest.raises(WordsMissing):
        authorise(assessed(), PARTNER, TODAY, granted=False)


def test_only_calls_that_the_assessment_lets_go_can_be_copied():
    request = authorised((CALLS[0], Verdict.GIVE), (CALLS[1], Verdict.WITHHOLD), (CALLS[2], Verdict.NOT_THEIRS))
    assert copy_of(request, CALLS[0]).copies
    for kept in CALLS[1:]:
        with pytest.raises(StepMissing, match="does not let this call be given"):
            copy_of(request, kept)


def test_a_call_that_must_be_cut_leaves_only_cut_as_marked():
    request = authorised()
    with pytest.raises(StepMissing, match="no redactions yet"):
        copy_of(request, CALLS[1])
    with pytest.raises(StepMissing, match="no redactions yet"):
        heard(request)
    marked = redact(request, SENIOR, TODAY, call_id=CALLS[1], redactions=CUT)
    whole = (CopiedCall(CALLS[1], HASH),)
    with pytest.raises(StepMissing, match="not cut as marked"):
        give_copy(marked, SENIOR, TODAY, calls=whole, to="patient", means="USB stick", passphrase_by="telephone")
    assert copy_of(marked, CALLS[1]).copies[0].calls[0].redactions == CUT


def test_redactions_are_only_for_calls_that_are_to_be_cut_and_each_has_a_reason():
    with pytest.raises(StepMissing):
        redact(authorised(), SENIOR, TODAY, call_id=CALLS[0], redactions=CUT)
    with pytest.raises(WordsMissing):
        redact(authorised(), SENIOR, TODAY, call_id=CALLS[1], redactions=[Redaction(1, 2, "")])
    with pytest.raises(WordsMissing):
        redact(authorised(), SENIOR, TODAY, call_id=CALLS[1], redactions=[])


def test_the_passphrase_never_goes_the_way_of_the_file():
    copied = (CopiedCall(CALLS[0], HASH),)
    with pytest.raises(WordsMissing, match="another way"):
        give_copy(authorised(), SENIOR, TODAY, calls=copied, to="patient", means="Email", passphrase_by=" email ")


@pytest.mark.parametrize("bad", ["", "0F" * 32, "0f" * 31])
def test_a_copy_without_its_hash_is_no_record(bad):
    with pytest.raises(WordsMissing, match="SHA-256"):
        give_copy(
            authorised(),
            SENIOR,
            TODAY,
            calls=[CopiedCall(CALLS[0], bad)],
            to="patient",
            means="USB",
            passphrase_by="phone",
        )


def test_hearing_says_who_was_there_and_that_it_was_private():
    request = invite(authorised((CALLS[0], Verdict.GIVE)), SENIOR, TODAY, at=AT, room="Room 2")
    how = {"index": 0, "outcome": Outcome.HEARD}
    with pytest.raises(WordsMissing, match="present"):
        record_appointment(request, SENIOR, later(7), **how, private_setting=True)
    with pytest.raises(WordsMissing, match="private setting"):
        record_appointment(request, SENIOR, later(7), **how, present=["patient"])
    with pytest.raises(DateWrong):
        record_appointment(request, SENIOR, TODAY, **how, present=["patient"], private_setting=True)


def test_an_appointment_is_recorded_once_and_a_missed_one_can_be_made_anew():
    request = invite(authorised((CALLS[0], Verdict.GIVE)), SENIOR, TODAY, at=AT, room="Room 2")
    request = record_appointment(request, SENIOR, later(8), index=0, outcome=Outcome.NOT_ATTENDED)
    with pytest.raises(StepMissing):
        record_appointment(request, SENIOR, later(8), index=0, outcome=Outcome.CANCELLED)
    again = invite(request, SENIOR, later(8), at=datetime(2026, 9, 20, 9, tzinfo=UTC), room="Room 1")
    assert [one.outcome for one in again.appointments] == [Outcome.NOT_ATTENDED, Outcome.PLANNED]


def test_the_invitation_does_not_take_the_place_of_a_copy():
    request = heard(authorised((CALLS[0], Verdict.GIVE), wanted=Wanted.LISTEN))
    with pytest.raises(StepMissing, match="declined"):
        closed(request)
    assert closed(decline_copy(request, SENIOR, later(7), later(7))).ending is Ending.ANSWERED
    assert closed(copy_of(request, CALLS[0])).ending is Ending.ANSWERED


def test_who_asked_to_listen_was_invited():
    request = copy_of(authorised((CALLS[0], Verdict.GIVE), wanted=Wanted.LISTEN), CALLS[0])
    with pytest.raises(StepMissing, match="asked to listen"):
        closed(request)


def test_a_declined_copy_alone_answers_nothing():
    request = decline_copy(authorised((CALLS[0], Verdict.GIVE), wanted=Wanted.COPY), SENIOR, TODAY, TODAY)
    with pytest.raises(StepMissing, match="neither heard"):
        closed(request)


def test_closing_needs_the_word_of_the_commissioner_and_the_day_it_was_told():
    request = copy_of(authorised((CALLS[0], Verdict.GIVE), wanted=Wanted.COPY), CALLS[0])
    with pytest.raises(WordsMissing, match="Commissioner"):
        closed(request, told_of_commissioner=False)
    with pytest.raises(WordsMissing, match="when the requester was told"):
        closed(request, told_on=None)
    with pytest.raises(NotAllowed, match="Only the practice manager or a partner may close"):
        closed(request, by=SENIOR)


def test_calls_that_were_found_cannot_be_closed_away():
    with pytest.raises(StepMissing):
        closed(authorised(), Ending.NOTHING_FOUND)
    with pytest.raises(StepMissing):
        closed(authorised(), Ending.REFUSED)
    with pytest.raises(StepMissing):
        closed(assessed(), Ending.REFUSED)


def test_a_request_whose_calls_are_all_withheld_is_refused():
    assert closed(authorised((CALLS[0], Verdict.WITHHOLD)), Ending.REFUSED).ending is Ending.REFUSED


def test_a_requester_may_withdraw_at_any_time():
    with pytest.raises(WordsMissing):
        closed(logged(), Ending.WITHDRAWN)
    assert closed(logged(), Ending.WITHDRAWN, why="by telephone, 9 September").ending is Ending.WITHDRAWN


def test_a_closed_request_is_no_longer_changed():
    done = closed(logged(), Ending.WITHDRAWN, why="by letter")
    acts = [
        lambda: ask_identity(done, SENIOR, TODAY),
        lambda: check_identity(done, SENIOR, TODAY, seen="passport", received_on=TODAY),
        lambda: record_search(done, SENIOR, TODAY, looked_for="x", found=()),
        lambda: assess(done, SENIOR, TODAY, assessment()),
        lambda: authorise(done, MANAGER, TODAY, granted=True),
        lambda: copy_of(done, CALLS[0]),
        lambda: extend(done, MANAGER, TODAY, told_on=TODAY, why="complex"),
        lambda: closed(done, Ending.WITHDRAWN, why="again"),
    ]
    for act in acts:
        with pytest.raises(CaseClosed, match="AR-2026-001 is closed"):
            act()


def test_identity_is_asked_for_once_and_the_check_is_not_replaced():
    asked = ask_identity(logged(), SENIOR, TODAY)
    assert access_due(asked.clock, TODAY) is None
    with pytest.raises(StepMissing):
        ask_identity(asked, SENIOR, later(1))
    checked = check_identity(asked, SENIOR, later(5), seen="passport", received_on=later(4))
    assert access_due(checked.clock, later(5)) == access_due(replace(logged(), received_on=later(4)).clock, later(5))
    with pytest.raises(StepMissing):
        check_identity(checked, SENIOR, later(6), seen="a bill", received_on=later(6))


def test_identity_asked_for_after_the_month_does_not_begin_it_again():
    with pytest.raises(DeadlinePassed):
        ask_identity(logged(), SENIOR, later(40))


def test_somebody_who_asks_for_a_patient_shows_their_authority():
    for_mother = logged(on_behalf_of="her mother")
    with pytest.raises(WordsMissing, match="may act for the patient"):
        check_identity(for_mother, SENIOR, TODAY, seen="passport", received_on=TODAY)
    checked = check_identity(
        for_mother, SENIOR, TODAY, seen="passport", received_on=TODAY, authority="power of attorney, seen"
    )
    assert checked.requester.authority == "power of attorney, seen"


def test_one_question_at_a_time_pauses_the_clock():
    asked = ask_clarification(logged(), SENIOR, later(1), "Which of your two numbers?")
    with pytest.raises(StepMissing):
        ask_clarification(asked, SENIOR, later(2), "Which year?")
    answered = answer_clarification(asked, SENIOR, later(9), later(8))
    assert access_due(answered.clock, later(9)) == later(39)
    with pytest.raises(StepMissing):
        answer_clarification(answered, SENIOR, later(9), later(9))
    with pytest.raises(DeadlinePassed):
        ask_clarification(logged(), SENIOR, later(40), "Which?")


def test_an_extension_is_told_within_the_first_month_by_those_who_decide():
    assert extend(logged(), MANAGER, later(30), told_on=later(30), why="400 calls").extension
    with pytest.raises(DeadlinePassed, match="2026-10-05"):
        extend(logged(), MANAGER, later(33), told_on=later(33), why="400 calls")
    with pytest.raises(NotAllowed):
        extend(logged(), SENIOR, later(30), told_on=later(30), why="400 calls")
    with pytest.raises(StepMissing, match="has not begun"):
        extend(ask_identity(logged(), SENIOR, TODAY), MANAGER, later(1), told_on=later(1), why="400 calls")
    once = extend(logged(), MANAGER, later(2), told_on=later(2), why="400 calls")
    with pytest.raises(StepMissing):
        extend(once, MANAGER, later(3), told_on=later(3), why="again")


def test_no_date_lies_in_the_future_or_before_the_request():
    with pytest.raises(DateWrong, match="future"):
        check_identity(logged(), SENIOR, TODAY, seen="passport", received_on=later(1))
    with pytest.raises(DateWrong, match="before 2026-09-03"):
        check_identity(logged(), SENIOR, TODAY, seen="passport", received_on=later(-1))


def test_the_task_list_says_what_each_step_waits_for():
    states = {step.key: (step.state, step.words) for step in steps(logged())}
    assert states["identity"] == (StepState.OPEN, "")
    assert states["assess"] == (StepState.WAITING, "Waits for identity and search")
    assert states["copy"] == (StepState.WAITING, "Waits for the decision")
    refused = {step.key: step.state for step in steps(authorise(assessed(), PARTNER, TODAY, granted=False, why="no"))}
    assert refused["copy"] is StepState.NOT_NEEDED


def test_a_reference_is_never_given_twice():
    taken = ["AR-2026-001", "AR-2026-019", "CO-2026-040", "AR-2025-900", "AR-2026-old"]
    assert next_reference("AR", TODAY, taken) == "AR-2026-020"
    assert next_reference("DP", TODAY, taken) == "DP-2026-001"


def _accepts(act):
    try:
        act()
    except NotAllowed:
        return False
    return True
