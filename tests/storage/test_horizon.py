"""How far "now" may be believed when something is to be deleted."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.clock import ClockQuality, FakeClock
from appliance.storage.horizon import (
    FARTHEST_AHEAD_DAYS,
    MOST_CREDIT_DAYS,
    Horizon,
    HorizonState,
    Permission,
    Waiting,
    stepped,
)
from vaultbox import UnsyncedDisk

DAY_S = 86400


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def horizon(tmp_path, clock):
    return Horizon(tmp_path / "horizon.json", clock)


def days_on(horizon, clock, days, newest=None):
    """Let whole days pass with the box on, sweeping thrice a day; return the last permission."""
    permission = horizon.advance(newest)
    for _ in range(days * 3):
        clock.advance(DAY_S / 3)
        permission = horizon.advance(newest)
    return permission


def test_a_box_that_is_on_keeps_up_with_the_date(horizon, clock):
    permission = days_on(horizon, clock, 20)
    assert permission.upto == clock.now().at.date()
    assert permission.waiting is Waiting.NOTHING


def test_an_unsure_clock_of_1970_permits_nothing(tmp_path):
    clock = FakeClock(datetime(1970, 1, 1, tzinfo=UTC), ClockQuality.UNSURE)
    permission = Horizon(tmp_path / "h.json", clock).advance(date(2026, 11, 23))
    assert permission.upto is None
    assert permission.waiting is Waiting.CLOCK_UNSURE
    assert not (tmp_path / "h.json").exists()


@pytest.mark.parametrize("quality", [ClockQuality.UNSURE, ClockQuality.RTC])
def test_only_the_network_confirms_a_clock(horizon, clock, quality):
    days_on(horizon, clock, 2)
    clock.jump(clock.now().at, quality)
    assert horizon.advance(None).upto is None


def test_a_jump_of_ten_years_permits_nothing_and_says_why(horizon, clock):
    days_on(horizon, clock, 2)
    clock.jump(clock.now().at + timedelta(days=3652))
    assert days_on(horizon, clock, 3).upto is None
    assert horizon.advance(None).waiting is Waiting.TOO_FAR_AHEAD


def test_a_jump_of_a_month_moves_three_days_a_powered_day_at_most(horizon, clock):
    days_on(horizon, clock, 2)
    before = horizon.advance(None).upto
    clock.jump(clock.now().at + timedelta(days=30))
    permission = days_on(horizon, clock, 1)
    assert permission.upto - before <= timedelta(days=3 + MOST_CREDIT_DAYS)
    assert permission.waiting is Waiting.CATCHING_UP


def test_a_box_off_for_three_weeks_catches_up_by_itself(horizon, clock):
    days_on(horizon, clock, 2)
    clock.reboot(down_s=21 * DAY_S)
    assert days_on(horizon, clock, 12).upto == clock.now().at.date()


def test_a_clock_that_went_back_permits_nothing(horizon, clock):
    days_on(horizon, clock, 5)
    clock.jump(clock.now().at - timedelta(days=2))
    assert horizon.advance(None).waiting is Waiting.CLOCK_WENT_BACK


def test_a_person_who_confirms_the_date_ends_the_waiting(horizon, clock):
    days_on(horizon, clock, 2)
    clock.jump(clock.now().at + timedelta(days=400))
    assert horizon.advance(None).upto is None
    horizon.confirm()
    assert horizon.advance(None).upto == clock.now().at.date()


def test_a_lost_horizon_starts_no_later_than_the_newest_recording(tmp_path, clock):
    newest = clock.now().at.date() - timedelta(days=20)
    assert Horizon(tmp_path / "new.json", clock).advance(newest).upto == newest


def test_a_horizon_that_cannot_be_read_permits_nothing_and_is_not_made_anew(tmp_path, clock):
    path = tmp_path / "horizon.json"
    path.write_bytes(b"\0" * 40)
    assert Horizon(path, clock).advance(None).waiting is Waiting.UNREADABLE
    assert path.read_bytes() == b"\0" * 40


TODAY = date(2026, 11, 23)


def test_the_horizon_moves_by_whole_days_of_its_credit_and_keeps_the_rest():
    moved, permission = stepped(HorizonState(TODAY - timedelta(days=10), 3.75, "boot", 7.0), TODAY)
    assert moved == HorizonState(TODAY - timedelta(days=7), 0.75, "boot", 7.0)
    assert permission == Permission(TODAY - timedelta(days=7), Waiting.CATCHING_UP)


def test_a_horizon_that_comes_up_to_the_date_waits_for_nothing_and_spends_no_more():
    for ahead, credit, left in ((3, 3.75, 0.75), (2, 3.75, 1.75), (0, 3.75, 3.75)):
        moved, permission = stepped(HorizonState(TODAY - timedelta(days=ahead), credit), TODAY)
        assert moved == HorizonState(TODAY, left)
        assert permission == Permission(TODAY, Waiting.NOTHING)


def test_a_date_a_day_before_the_horizon_or_too_far_ahead_of_it_moves_nothing():
    for upto, waiting in (
        (TODAY + timedelta(days=1), Waiting.CLOCK_WENT_BACK),
        (TODAY - timedelta(days=FARTHEST_AHEAD_DAYS + 1), Waiting.TOO_FAR_AHEAD),
    ):
        state = HorizonState(upto, 5.0)
        assert stepped(state, TODAY) == (state, Permission(None, waiting))
    at_the_edge = HorizonState(TODAY - timedelta(days=FARTHEST_AHEAD_DAYS), 5.0)
    assert stepped(at_the_edge, TODAY)[1].upto == at_the_edge.upto + timedelta(days=5)


def test_credit_grows_three_days_a_powered_day_up_to_six_and_never_shrinks(horizon, clock):
    start = clock.now().at.date()
    assert horizon.advance(start - timedelta(days=30)) == Permission(start - timedelta(days=30), Waiting.CATCHING_UP)
    clock.advance(DAY_S)
    assert horizon.advance(None).upto == start - timedelta(days=27)
    clock.advance(DAY_S / 2)
    assert horizon.advance(None).upto == start - timedelta(days=26)
    clock.advance(5 * DAY_S)
    assert horizon.advance(None).upto == start - timedelta(days=20)


def test_powered_time_counts_though_nobody_can_vouch_for_the_clock_and_across_a_restart_of_the_box(horizon, clock):
    start = clock.now().at.date()
    horizon.advance(start - timedelta(days=30))
    clock.jump(clock.now().at, ClockQuality.RTC)
    clock.advance(DAY_S)
    assert horizon.advance(None) == Permission(None, Waiting.CLOCK_UNSURE)
    clock.reboot()
    clock.advance(DAY_S)
    clock.jump(clock.now().at, ClockQuality.SYNCHRONISED)
    assert horizon.advance(None).upto == start - timedelta(days=24)


def test_a_recording_from_the_future_does_not_start_the_horizon_there(horizon, clock):
    assert horizon.advance(clock.now().at.date() + timedelta(days=9)).upto == clock.now().at.date()


def test_where_the_horizon_stands_can_be_asked_without_moving_it(tmp_path, horizon, clock):
    assert horizon.upto() is None
    start = clock.now().at.date()
    horizon.advance(start - timedelta(days=30))
    clock.advance(DAY_S)
    assert horizon.upto() == start - timedelta(days=30)
    assert horizon.confirm() == clock.now().at.date() == horizon.upto()
    (tmp_path / "horizon.json").write_bytes(b"{")
    assert horizon.upto() is None


steps = st.one_of(
    st.tuples(st.just("on"), st.floats(60, 5 * DAY_S)),
    st.tuples(st.just("off"), st.floats(60, 100 * DAY_S)),
    st.tuples(st.just("jump"), st.floats(-4000 * DAY_S, 4000 * DAY_S)),
    st.tuples(st.just("quality"), st.sampled_from(list(ClockQuality))),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(steps, max_size=25))
def test_whatever_the_clock_does_the_horizon_moves_three_days_a_powered_day_at_most(tmp_path_factory, done):
    clock, on_s = FakeClock(), 0.0
    horizon = Horizon(tmp_path_factory.mktemp("horizon") / "h.json", clock, UnsyncedDisk())
    first = horizon.advance(None).upto
    for kind, amount in done:
        if kind == "on":
            clock.advance(amount)
            on_s += amount
        elif kind == "off":
            clock.reboot(amount)
            on_s += 5  # the fake boot begins at five seconds
        elif kind == "jump":
            at = clock.now().at + timedelta(seconds=amount)
            clock.jump(min(max(at, datetime(1970, 1, 2, tzinfo=UTC)), datetime(2090, 1, 1, tzinfo=UTC)))
        else:
            clock.jump(clock.now().at, amount)
        permission = horizon.advance(None)
        if permission.upto is not None:
            assert clock.now().quality is ClockQuality.SYNCHRONISED
            assert permission.upto <= clock.now().at.date() + timedelta(days=1)
            assert (permission.upto - first).days <= on_s / DAY_S * 3 + 0.001
