"""When a line's silence is unusual: by its own habits, in its own hours, and never over a weekend or a bank holiday."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.casework.workingdays import england_and_wales
from appliance.clock import LONDON
from appliance.keeper.quiet import Habits

WORKING = england_and_wales().is_working
TUESDAY = date(2026, 11, 24)


def here(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


def busy_weeks(last, weeks=8, every_min=10, first_hour=8, last_hour=18):
    """A practice's calls: one every so many minutes of each working day's opening hours, up to the day before."""
    days = [last - timedelta(days=back) for back in range(weeks * 7, 0, -1)]
    minutes = range(first_hour * 60, last_hour * 60, every_min)
    return [here(day, minute // 60, minute % 60) for day in days if WORKING(day) for minute in minutes]


def judge(calls, since, now):
    return Habits(sorted(calls), now, WORKING).unusual(since, now)


def test_two_hours_of_a_busy_morning_without_a_call_are_unusual():
    calls = busy_weeks(TUESDAY)
    assert judge(calls, here(TUESDAY, 9), here(TUESDAY, 11))


def test_an_hour_without_a_call_is_not():
    assert not judge(busy_weeks(TUESDAY), here(TUESDAY, 9), here(TUESDAY, 10))


def test_a_night_and_a_weekend_weigh_nothing():
    monday = date(2026, 11, 23)
    friday_evening = here(date(2026, 11, 20), 17, 50)
    assert not judge(busy_weeks(monday), friday_evening, here(monday, 8, 30))
    assert judge(busy_weeks(monday), friday_evening, here(monday, 10))


def test_christmas_is_no_fault():
    eve = date(2026, 12, 24)
    calls = busy_weeks(eve)
    assert not judge(calls, here(eve, 7, 59), here(eve, 8, 45))
    assert not judge([*calls, here(eve, 17, 50)], here(eve, 17, 50), here(date(2026, 12, 28), 23))  # all free days


def test_a_line_that_is_rarely_rung_may_be_silent_for_days():
    calls = busy_weeks(TUESDAY, every_min=300)  # two calls a day
    assert not judge(calls, here(TUESDAY - timedelta(days=1), 13), here(TUESDAY + timedelta(days=1), 17))
    assert judge(calls, here(TUESDAY - timedelta(days=1), 13), here(TUESDAY + timedelta(days=7), 17))


def test_a_line_whose_past_has_such_silences_is_given_longer():
    calls = busy_weeks(TUESDAY)
    lost_day = TUESDAY - timedelta(days=14)
    before = [at for at in calls if at.date() != lost_day or at.hour < 12]  # an afternoon without calls, once
    assert not judge(before, here(TUESDAY, 9), here(TUESDAY, 11))


@pytest.mark.parametrize("weeks", [0, 1])
def test_a_new_line_has_no_habits_and_so_no_alarm(weeks):
    assert not judge(busy_weeks(TUESDAY, weeks=weeks), here(TUESDAY, 8), here(TUESDAY + timedelta(days=3), 18))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.floats(0, 56 * 86400), min_size=30, max_size=80).map(sorted), st.floats(0, 86400), st.floats(0, 86400)
)
def test_a_longer_silence_is_never_less_unusual(offsets, a, b):
    now = here(TUESDAY, 18)
    calls = [now - timedelta(days=56) + timedelta(seconds=offset) for offset in offsets]
    habits = Habits(calls, now, WORKING)
    long, short = (now - timedelta(seconds=age_s) for age_s in (max(a, b), min(a, b)))
    assert habits.weight(long, now) >= habits.weight(short, now) >= 0.0
    assert habits.unusual(long, now) or not habits.unusual(short, now)
