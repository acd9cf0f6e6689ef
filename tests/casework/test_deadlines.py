from calendar import monthrange
from datetime import date, timedelta

import pytest
from dateutil.easter import easter
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.casework.deadlines import (
    AccessClock,
    Pause,
    access_due,
    acknowledge_by,
    complain_until,
    data_protection_acknowledge_by,
    explain_by,
    extend_until,
)
from appliance.casework.duewords import access_sentence, received_due, time_left
from appliance.casework.workingdays import WorkingDays, england_and_wales

DAY = timedelta(days=1)
TWENTY_YEARS = st.dates(date(2026, 1, 1), date(2045, 12, 31))


class Oracle:
    """The same law written another way: month by month, day by day, holidays from the Act."""

    @staticmethod
    def free(day):
        if day.strftime("%a") in {"Sat", "Sun"}:
            return True
        if day.year > 2035:
            return False  # the list ends there: only weekends are sure
        return day in Oracle.holidays(day.year)

    @staticmethod
    def holidays(year):
        mondays_of_may = [date(year, 5, n) for n in range(1, 32) if date(year, 5, n).weekday() == 0]
        mondays_of_august = [date(year, 8, n) for n in range(1, 32) if date(year, 8, n).weekday() == 0]
        days = {
            easter(year) - 2 * DAY,
            easter(year) + DAY,
            mondays_of_may[0],
            mondays_of_may[-1],
            mondays_of_august[-1],
        }
        days.add({5: date(year, 1, 3), 6: date(year, 1, 2)}.get(date(year, 1, 1).weekday(), date(year, 1, 1)))
        christmas = date(year, 12, 25).weekday()
        dates = {4: (25, 28), 5: (27, 28), 6: (26, 27)}.get(christmas, (25, 26))
        return days | {date(year, 12, dates[0]), date(year, 12, dates[1])}

    @staticmethod
    def months_on(day, months):
        year, month = day.year, day.month
        for _ in range(months):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return date(year, month, min(day.day, monthrange(year, month)[1]))

    @staticmethod
    def working(day):
        while Oracle.free(day):
            day += DAY
        return day

    @staticmethod
    def due(start, months, pauses, today):
        """Walk the days: each day that began with an open question moves the end by one."""
        end = Oracle.months_on(start, months)
        for asked, answered in pauses:
            if asked > Oracle.working(end):
                break
            day = asked
            while day < (answered or today):
                if day >= start:
                    end += DAY
                day += DAY
        return Oracle.working(end)


def test_the_worked_examples_hold():
    assert access_due(AccessClock(date(2026, 9, 3)), date(2026, 9, 3)) == date(2026, 10, 5)
    assert access_due(AccessClock(date(2027, 1, 31)), date(2027, 1, 31)) == date(2027, 3, 1)


def test_a_month_that_ends_at_christmas_ends_after_it():
    assert access_due(AccessClock(date(2027, 11, 25)), date(2027, 11, 25)) == date(2027, 12, 29)


def test_the_month_begins_with_proof_of_identity_where_it_was_asked_for():
    asked = AccessClock(date(2026, 9, 3), identity_asked_on=date(2026, 9, 4))
    assert access_due(asked, date(2026, 9, 4)) is None
    shown = AccessClock(date(2026, 9, 3), date(2026, 9, 4), date(2026, 9, 10))
    assert access_due(shown, date(2026, 9, 10)) == date(2026, 10, 12)


def test_proof_that_was_not_asked_for_does_not_move_the_month():
    clock = AccessClock(date(2026, 9, 3), identity_received_on=date(2026, 9, 10))
    assert access_due(clock, date(2026, 9, 10)) == date(2026, 10, 5)


def test_a_question_stops_the_clock_until_it_is_answered():
    clock = AccessClock(date(2026, 9, 3), pauses=(Pause(date(2026, 9, 7), date(2026, 9, 14)),))
    assert access_due(clock, date(2026, 9, 20)) == date(2026, 10, 12)


def test_an_open_question_moves_the_date_day_by_day():
    clock = AccessClock(date(2026, 9, 3), pauses=(Pause(date(2026, 9, 7)),))
    assert access_due(clock, date(2026, 9, 14)) == date(2026, 10, 12)


def test_a_question_that_is_asked_too_late_brings_nothing_back():
    clock = AccessClock(date(2026, 9, 3), pauses=(Pause(date(2026, 10, 6), date(2026, 11, 6)),))
    assert access_due(clock, date(2026, 11, 6)) == date(2026, 10, 5)


def test_an_extension_told_within_the_month_gives_two_more():
    clock = AccessClock(date(2026, 9, 3), extension_told_on=date(2026, 10, 5))
    assert extend_until(clock, date(2026, 10, 5)) == date(2026, 10, 5)
    assert access_due(clock, date(2026, 10, 5)) == date(2026, 12, 3)


def test_an_extension_told_too_late_gives_nothing():
    clock = AccessClock(date(2026, 9, 3), extension_told_on=date(2026, 10, 6))
    assert access_due(clock, date(2026, 10, 6)) == date(2026, 10, 5)


def test_a_day_proclaimed_free_gives_one_more_to_answer_and_to_tell_of_an_extension():
    days = WorkingDays(england_and_wales().holidays | {date(2026, 10, 5)})
    received = date(2026, 9, 3)
    assert access_due(AccessClock(received), received, days) == date(2026, 10, 6)
    told = AccessClock(received, extension_told_on=date(2026, 10, 6))
    assert access_due(told, date(2026, 10, 6), days) == date(2026, 12, 3)


@st.composite
def clocks(draw):
    received = draw(TWENTY_YEARS)
    days = st.integers(0, 60)
    asked = draw(st.none() | days.map(lambda n: received + n * DAY))
    shown = None if asked is None else asked + draw(days) * DAY
    pauses, at = [], received
    for gap, length in draw(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 90)), max_size=4)):
        begun = at + gap * DAY
        at = begun + length * DAY
        pauses.append((begun, at))
    today = at + draw(days) * DAY
    if pauses and draw(st.booleans()):
        pauses[-1] = (pauses[-1][0], None)
    told = draw(st.none() | st.integers(0, 120).map(lambda n: received + n * DAY))
    return received, asked, shown, pauses, told, today


@settings(max_examples=300, deadline=None)
@given(clocks())
def test_every_clock_of_twenty_years_agrees_with_the_oracle(drawn):
    received, asked, shown, pauses, told, today = drawn
    clock = AccessClock(received, asked, shown, tuple(Pause(*one) for one in pauses), told)
    start = received if asked is None else max(received, shown)
    first = Oracle.due(start, 1, pauses, today)
    extended = told is not None and told <= first
    assert extend_until(clock, today) == first
    assert access_due(clock, today) == (Oracle.due(start, 3, pauses, today) if extended else first)


def test_every_single_day_of_twenty_years_agrees_with_the_oracle():
    day = date(2026, 1, 1)
    while day <= date(2045, 12, 31):
        assert access_due(AccessClock(day), day) == Oracle.due(day, 1, (), day)
        assert data_protection_acknowledge_by(day) == Oracle.working(day + 30 * DAY)
        day += DAY


@settings(deadline=None)
@given(TWENTY_YEARS)
def test_a_due_date_is_a_working_day_and_never_less_than_four_weeks_away(received):
    due = access_due(AccessClock(received), received)
    assert not Oracle.free(due)
    assert 28 <= (due - received).days <= 36


@settings(deadline=None)
@given(TWENTY_YEARS)
def test_three_working_days_are_three_days_that_are_not_free(received):
    due = acknowledge_by(received)
    assert sum(not Oracle.free(received + n * DAY) for n in range(1, (due - received).days + 1)) == 3
    assert not Oracle.free(due)


@settings(deadline=None)
@given(TWENTY_YEARS)
def test_six_and_twelve_months_are_corresponding_dates(day):
    assert explain_by(day) == Oracle.months_on(day, 6)
    assert complain_until(day) == Oracle.months_on(day, 12)


def test_a_complaint_before_easter_is_acknowledged_after_it():
    assert acknowledge_by(date(2027, 3, 24)) == date(2027, 3, 31)


def test_thirty_days_of_a_data_protection_complaint_begin_on_the_day_after():
    assert data_protection_acknowledge_by(date(2026, 7, 1)) == date(2026, 7, 31)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (12, "in 12 days"),
        (2, "in 2 days"),
        (1, "tomorrow"),
        (0, "today"),
        (-1, "Overdue by 1 day"),
        (-2, "Overdue by 2 days"),
    ],
)
def test_the_time_left_is_said_in_words(days, words):
    today = date(2026, 9, 23)
    assert time_left(today + days * DAY, today) == words


def test_received_and_due_are_one_sentence():
    assert received_due(date(2026, 9, 3), date(2026, 10, 5)) == "Received 3 September, due Monday 5 October"


def test_the_years_are_said_where_they_differ():
    words = "Received 10 December 2026, due Monday 11 January 2027"
    assert received_due(date(2026, 12, 10), date(2027, 1, 11)) == words


def test_a_clock_that_has_not_begun_or_stands_still_says_so():
    today = date(2026, 9, 14)
    awaited = AccessClock(date(2026, 9, 3), identity_asked_on=date(2026, 9, 4))
    assert access_sentence(awaited, today) == (
        "Received 3 September. Proof of identity was asked for on 4 September; the month begins when it arrives"
    )
    paused = AccessClock(date(2026, 9, 3), pauses=(Pause(date(2026, 9, 7)),))
    assert access_sentence(paused, today) == (
        "Received 3 September, due Monday 12 October if answered today; "
        "the clock stands still since the question of 7 September"
    )
