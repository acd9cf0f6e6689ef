"""The lamps show the table of the printed card, read from the pins themselves."""

import time
from itertools import pairwise

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory

from appliance.capture.lamps import SWEEP_S, Lamps, LampThread, Shown, pattern
from appliance.config import LampPins
from appliance.model.status import LineState
from waiting import eventually

RED, GREEN, BOX_RED, BOX_GREEN = 17, 27, 5, 6


@pytest.fixture
def pins(monkeypatch):
    factory = MockFactory()
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    yield lambda *numbers: tuple(bool(factory.pin(number).state) for number in numbers)
    factory.reset()


@pytest.fixture
def lamps(pins):
    lamps = Lamps([LampPins(RED, GREEN)], LampPins(BOX_RED, BOX_GREEN))
    yield lamps
    lamps.close()


DARK, RED_LIT, GREEN_LIT, AMBER = (False, False), (True, False), (False, True), (True, True)


@pytest.mark.parametrize(
    ("state", "colour", "flashes_per_s"),
    [
        (LineState.IDLE, GREEN_LIT, 0),
        (LineState.RINGING, GREEN_LIT, 1),
        (LineState.RECORDING, RED_LIT, 0),
        (LineState.FAULT, AMBER, 2),
        (LineState.OFF, AMBER, 0),
    ],
)
def test_each_state_has_its_colour_and_rate_on_the_pins(pins, lamps, state, colour, flashes_per_s):
    seen = []
    for step in range(400):
        lamps.show(Shown((state,), attention=False), 100 + step / 100)
        seen.append(pins(RED, GREEN))
    assert set(seen) == ({colour, DARK} if flashes_per_s else {colour})
    lit = sum(now == colour and before == DARK for before, now in pairwise(seen))
    assert abs(lit - 4 * flashes_per_s) <= 1


def test_a_starting_box_sweeps_through_the_colours_once(pins, lamps):
    seen = []
    for step in range(60):
        lamps.show(Shown((LineState.STARTING,), attention=False), step * SWEEP_S / 10)
        if not seen or seen[-1] != pins(RED, GREEN):
            seen.append(pins(RED, GREEN))
    assert seen == [RED_LIT, GREEN_LIT, AMBER, DARK]


@pytest.mark.parametrize(("attention", "colour"), [(False, DARK), (True, AMBER)])
def test_the_box_s_own_lamp_is_amber_when_something_needs_looking_at(pins, lamps, attention, colour):
    lamps.show(Shown((LineState.IDLE,), attention=attention), 0.0)
    assert pins(BOX_RED, BOX_GREEN) == colour


def test_no_flash_is_faster_than_three_a_second():
    assert max(pattern(state, 60.0).flashes_per_s for state in LineState) < 3


def test_a_line_without_a_lamp_is_done_without(pins):
    lamps = Lamps([None, LampPins(RED, GREEN)], None)
    lamps.show(Shown((LineState.IDLE, LineState.RECORDING), attention=True), 0.0)
    assert pins(RED, GREEN) == RED_LIT
    lamps.close()


def test_a_box_without_gpio_says_so_once_and_goes_on(monkeypatch, caplog, recwarn):
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "native")
    lamps = Lamps([LampPins(RED, GREEN), LampPins(5, 6)], LampPins(7, 8))
    lamps.show(Shown((LineState.RECORDING, LineState.IDLE), attention=True), 0.0)
    lamps.close()
    assert len(caplog.records) == 1
    assert caplog.records[0].message.startswith("there are no lamps: the pins cannot be used")
    assert not recwarn.list


def test_a_red_lamp_does_not_stay_when_nobody_knows_how_the_line_stands(pins, caplog):
    lamps = Lamps([LampPins(RED, GREEN)], None)
    lamps.show(Shown((LineState.RECORDING,), attention=False), 0.0)

    def nobody_knows():
        raise ZeroDivisionError

    thread = LampThread(lamps, nobody_knows, time.monotonic)
    thread.start()
    eventually(lambda: pins(RED, GREEN) != RED_LIT, "the lamp is no longer red")
    thread.stop()
    assert "the lamps cannot be told" in caplog.text


def test_the_thread_follows_the_state_and_leaves_the_lamps_dark(pins):
    lamps, state = Lamps([LampPins(RED, GREEN)], LampPins(BOX_RED, BOX_GREEN)), [LineState.IDLE]
    thread = LampThread(lamps, lambda: Shown((state[0],), attention=False), time.monotonic)
    thread.start()
    for wanted, colour in [(LineState.IDLE, GREEN_LIT), (LineState.RECORDING, RED_LIT), (LineState.OFF, AMBER)]:
        state[0] = wanted
        eventually(lambda colour=colour: pins(RED, GREEN) == colour, f"the lamp shows {wanted}")
    thread.stop()
    assert pins(RED, GREEN, BOX_RED, BOX_GREEN) == (False,) * 4


def test_pins_that_were_taken_at_the_start_are_lit_once_they_are_free(pins, caplog):
    other = gpiozero.LED(GREEN)
    lamps = Lamps([LampPins(RED, GREEN), LampPins(5, 6)], None)
    lamps.show(Shown((LineState.RECORDING, LineState.RECORDING), attention=False), 0.0)
    assert lamps.lacking
    assert pins(5, 6) == RED_LIT  # one lamp's trouble is no other's
    lamps.fit()
    assert lamps.lacking
    other.close()
    lamps.fit()
    lamps.show(Shown((LineState.RECORDING, LineState.IDLE), attention=False), 0.0)
    assert pins(RED, GREEN) == RED_LIT
    assert not lamps.lacking
    lamps.close()
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


def test_a_paused_line_winks_amber_which_is_neither_steady_nor_the_fault_flash():
    lit = [pattern(LineState.PAUSED, 0.0).at(step * 0.05) for step in range(80)]  # four seconds
    assert set(lit) == {(True, True), (False, False)}
    assert lit.count((True, True)) == 10
    changes = sum(before != after for before, after in pairwise(lit))
    assert changes == 3
    assert pattern(LineState.OBJECTED, 0.0) == pattern(LineState.PAUSED, 0.0)


def test_a_lamp_test_shows_every_colour_and_never_puts_out_a_lamp_that_says_how_a_call_is_recorded(pins):
    lamps = Lamps([LampPins(RED, GREEN), LampPins(5, 6)], LampPins(BOX_RED, BOX_GREEN))
    seen = set()
    for step in range(45):
        lamps.show(Shown((LineState.RECORDING, LineState.IDLE), attention=False, test_s=step * 0.1), 100.0)
        assert pins(RED, GREEN) == RED_LIT
        assert pins(5, 6) == pins(BOX_RED, BOX_GREEN)
        seen.add(tuple(pins(5, 6)))
    assert seen == {(True, False), (False, True), (True, True), (False, False)}
    lamps.show(Shown((LineState.RECORDING, LineState.IDLE), attention=False), 105.0)
    assert tuple(pins(5, 6)) == (False, True)
    lamps.close()
