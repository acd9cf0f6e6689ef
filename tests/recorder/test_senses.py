"""A line's sensors as the recorder asks them."""

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory

from appliance.capture.debounce import Change
from appliance.clock import FakeClock
from appliance.config import LineConfig, Tap
from appliance.recorder.senses import senses

HOOK, RING = 22, 23


@pytest.fixture
def factory(monkeypatch):
    factory = MockFactory()
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield factory
    factory.reset()


def line(**pins):
    return LineConfig("Reception", Tap.SIMULATED, **pins)


def test_a_line_without_sensors_senses_nothing():
    nothing = senses(line(), FakeClock())
    assert nothing.hook() == nothing.ring() == []
    assert not nothing.rings()
    nothing.close()


def test_ringing_is_sensed_through_the_silence_of_its_cadence_and_then_forgotten(factory):
    clock = FakeClock()
    ring = factory.pin(RING)
    ring.drive_low()
    fitted = senses(line(ring_pin=RING), clock)
    assert not fitted.rings()
    for _ in range(3):
        ring.drive_high()
        clock.advance(1.0)
        assert [change.active for change in fitted.ring()] == [True]
        assert fitted.rings()
        ring.drive_low()
        clock.advance(4.0)
        assert [change.active for change in fitted.ring()] == [False]
        assert fitted.rings()
    clock.advance(2.0)
    assert fitted.ring() == []
    assert not fitted.rings()
    assert fitted.hook() == []
    fitted.close()


def test_the_hook_is_told_with_its_moment(factory):
    clock = FakeClock()
    hook = factory.pin(HOOK)
    hook.drive_high()
    fitted = senses(line(hook_pin=HOOK, hook_active_low=True), clock)
    clock.advance(1.0)
    lifted_s = clock.monotonic()
    hook.drive_low()
    clock.advance(0.5)
    assert fitted.hook() == [Change(lifted_s, active=True)]
    assert not fitted.rings()
    fitted.close()


def test_a_ring_sensor_that_follows_each_half_wave_is_told_change_by_change(factory):
    clock = FakeClock()
    ring = factory.pin(RING)
    ring.drive_low()
    fitted = senses(line(ring_pin=RING), clock)
    for _ in range(10):
        ring.drive_high()
        clock.advance(0.008)
        ring.drive_low()
        clock.advance(0.012)
    changes = fitted.ring()
    assert [change.active for change in changes] == [True, False] * 10
    assert changes[-1].at_s - changes[0].at_s == pytest.approx(0.188)
    fitted.close()
