"""A modem's bytes on the line's own time: what was lost is as long as it was, and nothing else moves."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import BLOCK, RATE
from appliance.capture.modem.forms import Coding, Form
from appliance.capture.modem.modemline import LEAST_LOST, ModemLine
from appliance.capture.simulator.modem import coded

FORM = Form(129, Coding.LINEAR_16)


def ramp(count, start=0):
    return ((np.arange(start, start + count) % 30000) / 32768).astype(np.float32)


def wire(samples):
    return coded(samples, Coding.LINEAR_16)


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=20))
def test_sound_cut_anywhere_even_inside_a_sample_comes_out_whole(cuts):
    data = wire(ramp(4 * BLOCK))
    line, frames, at = ModemLine(FORM), [], 0
    for number, cut in enumerate([*cuts, len(data)]):
        frames += line.push(data[at : at + cut], 100.0 + number * 0.01)
        at += cut
    samples = np.concatenate([frame.samples for frame in frames])
    np.testing.assert_array_equal(samples, ramp(4 * BLOCK)[: len(samples)])
    assert [frame.position for frame in frames] == [BLOCK * i for i in range(len(frames))]
    assert not any(frame.lost for frame in frames)


@settings(max_examples=40, deadline=None)
@given(st.integers(LEAST_LOST + 80, 4 * RATE), st.lists(st.floats(0.0, 0.008), min_size=60, max_size=60))
def test_what_an_overrun_took_is_replaced_by_as_much_silence(lost, late_s):
    line, frames = ModemLine(FORM), []
    position, began_s = 0, 1000.0
    for number, late in enumerate(late_s):
        if number == 40:
            line.overran()
            position += lost
        position += BLOCK
        frames += line.push(wire(ramp(BLOCK, position - BLOCK)), began_s + position / RATE + late)
    gone = [frame for frame in frames if frame.lost]
    assert sum(len(frame.samples) for frame in gone) == pytest.approx(lost, abs=0.008 * RATE + 1)
    assert gone[0].position == 40 * BLOCK
    for before, after in pairwise(frames):
        assert after.position == before.end
    assert max(np.abs(frame.samples).max() for frame in gone) == 0.0


def test_an_overrun_that_lost_next_to_nothing_moves_nothing():
    line, frames = ModemLine(FORM), []
    for number in range(30):
        if number == 20:
            line.overran()
        frames += line.push(wire(ramp(BLOCK)), 5.0 + number * 0.1)
    assert not any(frame.lost for frame in frames)


def test_a_modem_whose_clock_is_off_is_not_taken_for_one_that_loses():
    line, lost = ModemLine(FORM), 0
    for number in range(36_000):  # an hour; 200 ppm are 0.7 s of it
        if number == 35_000:
            line.overran()
        lost += sum(frame.lost for frame in line.push(wire(ramp(BLOCK)), 5.0 + number * 0.1 * 1.0002))
    assert lost == 0


def test_bytes_that_come_in_bursts_and_a_byte_early_are_judged_by_the_soonest():
    line, lost = ModemLine(FORM), []
    for number in range(30):
        if number == 10:
            line.overran()
        due_s = 5.0 + number * 0.1 + (0.5 if number >= 10 else 0.0)
        data = wire(ramp(BLOCK))
        lost += [len(f.samples) for part in (data[:1], data[1:]) for f in line.push(part, due_s) if f.lost]
    assert sum(lost) == RATE // 2


def test_an_overrun_before_the_first_sound_is_nothing():
    line = ModemLine(FORM)
    line.overran()
    assert line.push(wire(ramp(BLOCK)), 50.0)[0].position == 0
