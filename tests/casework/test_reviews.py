from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from surgery import AUDITOR, CALLS, MANAGER, SENIOR, STAFF, TECHNICIAN, TODAY, call, later

from appliance.casework.announcements import Place, PlaceState, Register, check, prompts, rows
from appliance.casework.reviews import acts
from appliance.casework.reviews.record import ReviewReport, report
from appliance.casework.reviews.sample import SampleCall, fair_sample
from appliance.errors import (
    CaseClosed,
    DateWrong,
    DeadlinePassed,
    NotAllowed,
    RedactionWrong,
    StepMissing,
    WordsMissing,
)
from appliance.model.people import Person, Role

MONDAY = date(2026, 9, 7)


def drawable(day, line, who, number):
    on = MONDAY + timedelta(days=day)
    salt = 1000 * day + 100 * line + 10 * EVERYBODY.index(who) + number
    return SampleCall(call(salt, on), on, line, who)


EVERYBODY = ("reception", "secretary", "nurse")
MONTH = [
    drawable(day, line, who, number) for day in range(5) for line in (1, 2) for who in EVERYBODY for number in range(4)
]
FRESH = Register()


def of(sample, attribute):
    by_id = {one.call_id: one for one in MONTH}
    return Counter(attribute(by_id[name]) for name in sample)


@settings(deadline=None)
@given(st.integers(1, 60), st.text(max_size=8))
def test_a_sample_is_even_over_staff_lines_and_days_of_the_week(size, seed):
    sample = fair_sample(MONTH, size, seed)
    assert len(sample) == len(set(sample)) == size
    everybody = [EVERYBODY, (1, 2), range(5)]
    attributes = [lambda one: one.staff, lambda one: one.line, lambda one: one.on.weekday()]
    for values, attribute in zip(everybody, attributes, strict=True):
        counts = of(sample, attribute)
        drawn = [counts[value] for value in values]
        assert max(drawn) - min(drawn) <= 1


@settings(deadline=None)
@given(st.permutations(MONTH[:30]))
def test_the_same_seed_draws_the_same_calls_in_whatever_order_they_come(shuffled):
    assert fair_sample(shuffled, 5, "2026-09") == fair_sample(MONTH[:30], 5, "2026-09")


def test_another_seed_draws_other_calls_and_none_is_drawn_twice():
    first = fair_sample(MONTH, 10, "2026-09")
    assert fair_sample(MONTH, 10, "2026-10") != first
    assert not set(fair_sample(MONTH, 10, "2026-09", already=frozenset(first))) & set(first)


def test_somebody_with_few_calls_is_drawn_as_often_as_somebody_with_many():
    many = [SampleCall(call(n), MONDAY, 1, "reception") for n in range(1, 100)]
    few = [SampleCall(call(n), MONDAY, 1, "nurse") for n in range(200, 203)]
    sample = fair_sample([*many, *few], 6, "s")
    assert sum(name in {one.call_id for one in few} for name in sample) == 3


def test_a_sample_larger_than_the_month_is_the_month():
    assert len(fair_sample(MONTH[:3], 50, "s")) == 3


def shared(by=SENIOR, staff=STAFF, **how):
    how = {"private_setting": True} | how
    return acts.share("TR-2026-001", by, TODAY, call_id=CALLS[0], staff=staff, **how)


def with_feedback(review):
    return acts.give_feedback(review, SENIOR, later(2), went_well="calm", to_try="say it back", next_step="a course")


def test_a_review_goes_from_the_share_to_the_countersignature():
    review = acts.listen(shared(), STAFF, later(1), private_setting=True)
    done = acts.countersign(with_feedback(review), STAFF, later(3), reply="thank you")
    assert [entry.act for entry in done.history] == ["shared", "heard", "feedback given", "countersigned"]
    assert not done.is_open
    with pytest.raises(CaseClosed):
        with_feedback(done)


def test_a_call_is_shared_for_fourteen_days_with_one_person_and_only_then():
    review = shared()
    assert review.may_hear(STAFF, later(14))
    assert not review.may_hear(STAFF, later(15))
    assert not review.may_hear(MANAGER, TODAY)
    assert not review.may_hear(Person(STAFF.username, "Reception", Role.TECHNICIAN), TODAY)
    with pytest.raises(DeadlinePassed):
        acts.listen(review, STAFF, later(15), private_setting=True)
    assert acts.share_longer(review, SENIOR, later(15), later(20)).may_hear(STAFF, later(20))


def test_a_withdrawn_share_cannot_be_heard():
    review = acts.withdraw(shared(), SENIOR, TODAY, "the wrong call")
    assert not review.may_hear(STAFF, TODAY)
    with pytest.raises(CaseClosed):
        acts.listen(review, STAFF, TODAY, private_setting=True)


def test_both_listen_in_private():
    with pytest.raises(WordsMissing, match="private setting"):
        shared(private_setting=False)
    with pytest.raises(WordsMissing, match="private setting"):
        acts.listen(shared(), STAFF, TODAY, private_setting=False)


def test_a_call_is_never_shared_with_technician_auditor_or_oneself():
    for other in (TECHNICIAN, AUDITOR, SENIOR):
        with pytest.raises(NotAllowed):
            shared(staff=other)
    with pytest.raises(NotAllowed, match="Only the practice manager, a partner or senior staff"):
        shared(by=STAFF, staff=SENIOR)


def test_a_share_has_a_last_day_and_a_part_has_a_length():
    for bad in (later(-1), later(93)):
        with pytest.raises(DateWrong):
            shared(until=bad)
    for part in ((2.0, 2.0), (-1.0, 3.0)):
        with pytest.raises(RedactionWrong):
            shared(part=part)


def test_only_the_member_of_staff_countersigns_after_hearing_or_declining():
    review = with_feedback(shared())
    with pytest.raises(NotAllowed, match="whom the call was shared with"):
        acts.countersign(review, MANAGER, later(3))
    with pytest.raises(StepMissing, match="Hear the call"):
        acts.countersign(review, STAFF, later(3))
    assert acts.countersign(review, STAFF, later(3), listening_declined=True).countersigned_on == later(3)
    with pytest.raises(StepMissing, match="no feedback"):
        acts.countersign(shared(), STAFF, later(3), listening_declined=True)


def test_feedback_says_what_went_well_what_to_try_and_what_comes_next():
    for empty in ("went_well", "to_try", "next_step"):
        how = {"went_well": "a", "to_try": "b", "next_step": "c", empty: " "}
        with pytest.raises(WordsMissing):
            acts.give_feedback(shared(), SENIOR, TODAY, **how)
    with pytest.raises(NotAllowed):
        acts.give_feedback(shared(by=MANAGER, staff=SENIOR), SENIOR, TODAY, went_well="a", to_try="b", next_step="c")


def test_the_report_counts_and_names_nobody():
    reviews = [shared(), acts.listen(shared(drawn=True), STAFF, TODAY, private_setting=True)]
    counts = report(reviews, TODAY, later(30))
    assert counts == ReviewReport(TODAY, later(30), 2, 1, 1, 0, 0, 2)
    assert report(reviews, later(1), later(30)).shared == 0
    assert STAFF.username not in repr(counts)


def looked(register=FRESH, place=Place.MESSAGE, on=TODAY, *, good=True, note="", by=SENIOR):
    return check(
        register, by, on, place=place, where="called 01632 960000", says_recorded=True, says_purpose=good, note=note
    )


def test_each_place_is_checked_every_quarter():
    register = looked()
    message = rows(register, later(30))[0]
    assert message.state is PlaceState.GOOD
    assert message.words == "Message that callers hear: last checked 3 September, next check in 61 days"
    assert rows(register, date(2026, 12, 3))[0].state is PlaceState.GOOD
    assert rows(register, date(2026, 12, 4))[0].state is PlaceState.DUE


def test_places_that_were_never_checked_are_asked_for():
    assert prompts(rows(looked(), TODAY)) == (
        "Practice leaflet: never checked. Check it now",
        "Website: never checked. Check it now",
    )


def test_a_fault_stays_until_a_later_check_finds_it_gone():
    faulty = looked(good=False, note="the purpose is missing; the telephone firm puts it right")
    assert rows(faulty, TODAY)[0].state is PlaceState.FAULTY
    assert rows(looked(faulty), TODAY)[0].state is PlaceState.GOOD
    assert len(looked(faulty).checks) == 2
    with pytest.raises(WordsMissing, match="what is wrong"):
        looked(good=False)


def test_checks_are_made_by_senior_staff_and_never_dated_back():
    with pytest.raises(NotAllowed):
        looked(by=STAFF)
    with pytest.raises(DateWrong):
        check(
            looked(), SENIOR, later(1), place=Place.MESSAGE, where="x", says_recorded=True, says_purpose=True,
            checked_on=later(-1),
        )  # fmt: skip
