"""Sensors on a line: contacts that bounce, pins either way round, boxes that have none."""

from itertools import pairwise

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from appliance.capture.debounce import SETTLE_S, Change, Debounce
from appliance.capture.gpio import PinSense, sense
from appliance.clock import FakeClock

PIN = 22


@pytest.fixture
def factory(monkeypatch):
    factory = MockFactory()
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield factory
    factory.reset()


@pytest.mark.parametrize("active_low", [False, True])
def test_the_hook_is_read_whichever_way_round_it_is_wired(factory, active_low):
    clock = FakeClock()
    pin = factory.pin(PIN)
    on, off = (pin.drive_low, pin.drive_high) if active_low else (pin.drive_high, pin.drive_low)
    off()
    hook = PinSense(PIN, clock, active_low=active_low)
    clock.advance(1.0)
    lifted_s = clock.monotonic()
    on()
    clock.advance(0.1)
    assert hook.changes() == [Change(lifted_s, active=True)]
    assert hook.changes() == []
    dropped_s = clock.monotonic()
    off()
    clock.advance(0.1)
    assert hook.changes() == [Change(dropped_s, active=False)]
    hook.close()


def test_a_receiver_that_is_off_when_the_box_starts_is_told_at_once(factory):
    clock = FakeClock()
    factory.pin(PIN).drive_high()
    hook = PinSense(PIN, clock)
    clock.advance(0.1)
    assert [change.active for change in hook.changes()] == [True]
    hook.close()


def test_a_contact_that_bounces_changes_once_at_its_first_touch(factory):
    clock = FakeClock()
    pin = factory.pin(PIN)
    pin.drive_low()
    hook = PinSense(PIN, clock)
    first_s = clock.monotonic()
    for _ in range(5):
        pin.drive_high()
        clock.advance(0.002)
        pin.drive_low()
        clock.advance(0.001)
    pin.drive_high()
    assert hook.changes() == []
    clock.advance(0.03)
    assert hook.changes() == [Change(first_s, active=True)]
    hook.close()


def test_a_box_without_gpio_is_done_without_and_says_so(monkeypatch, caplog):
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "native")
    assert sense(PIN, FakeClock()) is None
    assert "the sensor on pin 22 cannot be used" in caplog.text


def test_a_pin_that_two_would_have_is_refused_to_the_second(factory, caplog):
    first = sense(PIN, FakeClock())
    assert sense(PIN, FakeClock()) is None
    assert "it is done without" in caplog.text
    first.close()


@given(
    holds=st.lists(st.floats(0.0005, 0.2), min_size=1, max_size=30),
    look_every_s=st.floats(0.005, 0.3),
)
def test_the_outcome_does_not_depend_on_how_often_one_looks(holds, look_every_s):
    times, now_s = [], 0.0
    for hold in holds:
        times.append(now_s)
        now_s += hold
    often, once = Debounce(active=False), Debounce(active=False)
    changes, next_look_s = [], look_every_s
    for number, at_s in enumerate(times):
        while next_look_s < at_s:
            changes += often.settled(next_look_s)
            next_look_s += look_every_s
        often.raw(at_s, active=number % 2 == 0)
        once.raw(at_s, active=number % 2 == 0)
    changes += often.settled(now_s + 1.0)
    assert changes == once.settled(now_s + 1.0)
    for before, after in pairwise(changes):
        assert before.active is not after.active
        assert after.at_s - before.at_s >= SETTLE_S
    levels = [change.active for change in changes]
    assert (levels[-1] if levels else False) is (len(times) % 2 == 1)
