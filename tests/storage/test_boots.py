"""When recordings began, on a box whose clock is set late, wrongly, or never."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.clock import ClockQuality, FakeClock
from appliance.storage.boots import Boots
from appliance.storage.entry import Stated
from vaultbox import UnsyncedDisk

TRUE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PAST = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock():
    return FakeClock(PAST, ClockQuality.UNSURE)


@pytest.fixture
def boots(tmp_path, clock):
    return Boots(tmp_path / "boots.json", clock)


def stated(clock):
    now = clock.now()
    return Stated(now.at, now.quality, clock.boot_id(), clock.monotonic())


def test_a_call_before_the_clock_was_set_gets_its_true_start(boots, clock):
    call = stated(clock)
    boots.heard_of(call.boot_id)
    clock.advance(90)
    clock.jump(TRUE, ClockQuality.SYNCHRONISED)
    assert boots.observe()
    assert boots.started_at(call) == TRUE - timedelta(seconds=90)
    assert boots.counted_from(call) == TRUE - timedelta(seconds=90)
    assert boots.is_sure(call)


def test_a_start_stays_as_stated_until_the_clock_is_set_and_its_age_is_not_counted(boots, clock):
    call = stated(clock)
    boots.heard_of(call.boot_id)
    assert not boots.observe()
    assert boots.started_at(call) == PAST
    assert boots.counted_from(call) is None
    assert not boots.is_sure(call)


def test_a_boot_that_never_knew_the_time_counts_from_the_first_sure_moment_after_it(boots, clock):
    call = stated(clock)
    boots.heard_of(call.boot_id)
    clock.reboot()
    clock.jump(TRUE, ClockQuality.SYNCHRONISED)
    assert boots.observe()
    assert boots.counted_from(call) == TRUE
    assert boots.started_at(call) == PAST  # earlier than that is all that is known


def test_what_was_learnt_outlives_a_restart(tmp_path, boots, clock):
    call = stated(clock)
    clock.advance(5)
    clock.jump(TRUE, ClockQuality.SYNCHRONISED)
    boots.observe()
    again = Boots(tmp_path / "boots.json", clock)
    assert again.started_at(call) == TRUE - timedelta(seconds=5)
    assert not again.observe()


def test_a_synchronised_clock_is_believed_as_it_was_stated(boots, clock):
    clock.jump(TRUE, ClockQuality.SYNCHRONISED)
    boots.observe()
    call = stated(clock)
    boots.heard_of(call.boot_id)
    assert boots.started_at(call) == boots.counted_from(call) == TRUE


def test_a_clock_that_went_back_teaches_nothing_and_ages_nothing_early(boots, clock):
    clock.jump(TRUE, ClockQuality.SYNCHRONISED)
    boots.observe()
    clock.reboot()
    clock.jump(TRUE - timedelta(days=3000), ClockQuality.SYNCHRONISED)
    call = stated(clock)
    boots.heard_of(call.boot_id)
    assert not boots.observe()
    assert boots.went_back()
    assert boots.counted_from(call) is None
    clock.jump(TRUE + timedelta(days=1), ClockQuality.SYNCHRONISED)
    assert boots.observe()
    assert boots.counted_from(call) > TRUE


def test_a_person_can_end_a_wrong_future(boots, clock):
    clock.jump(TRUE + timedelta(days=4000), ClockQuality.SYNCHRONISED)
    boots.observe()
    clock.reboot()
    clock.jump(TRUE, ClockQuality.SYNCHRONISED)
    assert not boots.observe()
    boots.confirm()
    assert boots.observe()
    assert not boots.went_back()


def test_a_file_that_cannot_be_read_is_begun_anew(tmp_path, clock):
    (tmp_path / "boots.json").write_bytes(b"\0\0")
    clock.jump(TRUE, ClockQuality.SYNCHRONISED)
    boots = Boots(tmp_path / "boots.json", clock)
    assert boots.counted_from(stated(clock)) == TRUE


steps = st.one_of(
    st.tuples(st.just("on"), st.floats(1, 86400)),
    st.tuples(st.just("off"), st.floats(1, 30 * 86400)),
    st.tuples(st.just("set"), st.just(0.0)),
    st.tuples(st.just("lost"), st.floats(-3000, 3000)),
    st.tuples(st.just("call"), st.just(0.0)),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(steps, min_size=3, max_size=25))
def test_age_never_counts_from_before_a_call_truly_began(tmp_path_factory, done):
    """The true time goes on beside the clock, which loses it with the power and gets it back, or does not."""
    clock, true = FakeClock(TRUE), TRUE
    boots = Boots(tmp_path_factory.mktemp("boots") / "boots.json", clock, UnsyncedDisk())
    boots.observe()
    calls = []
    for kind, amount in done:
        if kind == "on":
            clock.advance(amount)
            true += timedelta(seconds=amount)
        elif kind == "off":
            clock.reboot(amount)
            clock.jump(clock.now().at - timedelta(seconds=amount), ClockQuality.UNSURE)
            true += timedelta(seconds=amount)
        elif kind == "set":
            clock.jump(true, ClockQuality.SYNCHRONISED)
        elif kind == "lost":
            clock.jump(clock.now().at + timedelta(days=amount), ClockQuality.UNSURE)
        else:
            calls.append((true, stated(clock)))
            boots.heard_of(clock.boot_id())
        boots.observe()
        for began, call in calls:
            counted = boots.counted_from(call)
            assert counted is None or counted >= began - timedelta(seconds=3)
            assert boots.started_at(call) <= (counted or datetime.max.replace(tzinfo=UTC))
    clock.jump(true, ClockQuality.SYNCHRONISED)
    boots.observe()
    assert all(boots.counted_from(call) is not None for _, call in calls)
