"""Twelve calendar months, in London's days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.clock import LONDON
from appliance.storage.retention import destroyed_on, has_expired, kept_until, kept_until_day, last_kept_until

moments = st.integers(31_536_000, 4_070_908_800).map(lambda second: datetime.fromtimestamp(second, UTC))


@pytest.mark.parametrize(
    ("recorded", "last_day"),
    [
        (datetime(2026, 11, 23, 16, 33, tzinfo=UTC), date(2027, 11, 23)),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), date(2029, 2, 28)),
        (datetime(2027, 2, 28, 12, 0, tzinfo=UTC), date(2028, 2, 28)),
        # Half past eleven at night UTC is the next day in British Summer Time.
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), date(2027, 7, 2)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2027, 12, 31)),
    ],
)
def test_a_recording_is_kept_to_the_same_day_a_year_on(recorded, last_day):
    assert kept_until(recorded) == last_day


@given(moments)
def test_nothing_expires_within_365_days_or_survives_367(recorded):
    day = recorded.astimezone(LONDON).date()
    assert not has_expired(recorded, day + timedelta(days=365))
    assert has_expired(recorded, day + timedelta(days=367))


@given(moments, moments)
def test_who_was_recorded_later_never_expires_earlier(one, other):
    first, second = sorted((one, other))
    assert kept_until(first) <= kept_until(second)


@given(st.dates(date(1971, 1, 1), date(2099, 1, 1)))
def test_a_recording_of_unknown_age_never_expires(horizon):
    assert not has_expired(None, horizon)


@given(moments, st.dates(date(1971, 1, 1), date(2099, 1, 1)))
def test_destruction_is_at_least_a_week_off_and_a_week_after_the_last_day(recorded, today):
    day = destroyed_on(recorded, today)
    assert day >= today + timedelta(days=7)
    assert day >= kept_until(recorded) + timedelta(days=8)


def test_what_expires_tomorrow_is_destroyed_a_week_after_and_what_is_overdue_a_week_from_today():
    recorded = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)
    assert destroyed_on(recorded, date(2026, 11, 23)) == date(2027, 12, 1)
    assert destroyed_on(recorded, date(2027, 11, 24)) == date(2027, 12, 1)
    assert destroyed_on(recorded, date(2028, 3, 1)) == date(2028, 3, 8)
    assert destroyed_on(recorded, date(2026, 11, 23), months=24) == date(2028, 12, 1)


def test_the_last_day_itself_still_counts_as_kept_however_many_months_were_agreed():
    recorded = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)
    for months, last in ((12, date(2027, 11, 23)), (24, date(2028, 11, 23))):
        assert not has_expired(recorded, last, months)
        assert has_expired(recorded, last + timedelta(days=1), months)
    assert not has_expired(recorded, date(2027, 11, 23))
    assert has_expired(recorded, date(2027, 11, 24))


def test_the_last_day_to_have_begun_counts_twelve_months_unless_others_were_agreed():
    assert last_kept_until(date(2027, 11, 23)) == date(2026, 11, 23)
    assert last_kept_until(date(2029, 2, 28)) == date(2028, 2, 29)


@given(st.dates(date(1971, 1, 1), date(2099, 1, 1)), st.integers(1, 120))
def test_what_began_up_to_a_day_is_what_is_kept_until_another_and_no_more(day, months):
    last = last_kept_until(day, months)
    assert kept_until_day(last, months) <= day < kept_until_day(last + timedelta(days=1), months)


@given(moments, st.integers(1, 120), st.integers(1, 120))
def test_fewer_months_never_keep_longer(recorded, one, other):
    fewer, more = sorted((one, other))
    assert kept_until(recorded, fewer) <= kept_until(recorded, more)
