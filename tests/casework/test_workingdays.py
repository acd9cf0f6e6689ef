from datetime import date, timedelta

import pytest
from dateutil.easter import easter

from appliance.casework.workingdays import WorkingDays, bank_holidays, england_and_wales

DAY = timedelta(days=1)


def monday_on_or_after(day):
    return next(day + n * DAY for n in range(7) if (day + n * DAY).weekday() == 0)


def by_the_act(year):
    """Work the year's free weekdays out from the Act and the proclamations, not from the list."""
    days = {easter(year) - 2 * DAY, easter(year) + DAY}
    days |= {monday_on_or_after(date(year, 5, 1)), monday_on_or_after(date(year, 5, 25))}
    days |= {monday_on_or_after(date(year, 8, 25))}
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        if day.weekday() < 5:
            days.add(day)
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        if day.weekday() > 4:
            days.add(
                next(day + n * DAY for n in range(7) if (day + n * DAY).weekday() < 5 and day + n * DAY not in days)
            )
    return days


@pytest.mark.parametrize("year", range(2026, 2036))
def test_the_list_of_each_year_is_what_the_act_says(year):
    assert {day for day in bank_holidays() if day.year == year} == by_the_act(year)


def test_the_list_has_eight_days_a_year_for_ten_years_and_all_are_weekdays():
    assert len(bank_holidays()) == 80
    assert all(day.weekday() < 5 for day in bank_holidays())


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 12, 28), "Boxing Day (substitute)"),
        (date(2027, 12, 27), "Christmas Day (substitute)"),
        (date(2027, 12, 28), "Boxing Day (substitute)"),
        (date(2028, 1, 3), "New Year's Day (substitute)"),
        (date(2033, 12, 26), "Boxing Day"),
        (date(2033, 12, 27), "Christmas Day (substitute)"),
    ],
)
def test_a_day_on_a_weekend_has_its_substitute(day, name):
    assert bank_holidays()[day] == name


def test_the_working_day_after_christmas_2027_is_a_wednesday():
    assert england_and_wales().on_or_after(date(2027, 12, 25)) == date(2027, 12, 29)


def test_working_days_are_counted_from_the_day_after():
    assert england_and_wales().after(date(2026, 12, 23), 3) == date(2026, 12, 30)


def test_beyond_the_list_a_date_is_at_most_too_early():
    empty = WorkingDays(frozenset())
    day = date(2036, 1, 1)
    assert england_and_wales().on_or_after(day) == empty.on_or_after(day) == day
