"""One line's time over many taps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.audio import BLOCK, RATE, Frame, positions
from appliance.recorder.continuity import Continuity


def block(position, n=BLOCK):
    return Frame(position, np.ones(n, np.float32))


@given(
    taps=st.lists(st.tuples(st.integers(1, 20), st.floats(0.0, 15.0)), min_size=1, max_size=6),
    pace=st.sampled_from([1.0, 20.0]),
)
def test_positions_go_on_without_a_hole_and_true_to_the_clock_over_any_outages(taps, pace):
    continuity, now_s, position, lost = Continuity(pace), 1000.0, 0, 0
    for blocks, outage_s in taps:
        for number in range(blocks):
            now_s += 0.1 / pace
            for frame in continuity.place(block(number * BLOCK), now_s):
                assert frame.position == position
                assert 0 < len(frame.samples) <= BLOCK
                assert frame.lost is not frame.samples.all()
                position, lost = frame.end, lost + len(frame.samples) * frame.lost
        continuity.tap_lost()
        now_s += outage_s / pace
    heard_s = sum(blocks for blocks, _ in taps) * 0.1
    missed_s = sum(outage_s for _, outage_s in taps[:-1])
    assert abs(position - (heard_s + missed_s) * RATE) <= 2 + len(taps)
    assert abs(lost - positions(missed_s)) <= 2 + len(taps)


def test_a_line_begun_again_fills_nothing():
    continuity = Continuity()
    list(continuity.place(block(0), 10.0))
    continuity.tap_lost()
    continuity.begin_again()
    assert [(f.position, f.lost) for f in continuity.place(block(0), 99.0)] == [(BLOCK, False)]


def test_a_moment_of_the_clock_is_a_position_of_the_line():
    continuity = Continuity()
    list(continuity.place(block(0), 10.0))
    assert continuity.position_at(10.0) == BLOCK
    assert continuity.position_at(9.95) == BLOCK // 2
    assert continuity.position_at(10.05) == BLOCK + BLOCK // 2
    assert continuity.position_at(1.0) == 0


def test_a_device_that_keeps_time_knows_the_length_of_an_outage_better_than_a_busy_machine():
    continuity = Continuity()
    list(continuity.place(block(0), 10.1, 5000.1))
    continuity.tap_lost()
    *lost, frame = continuity.place(block(0), 13.9, 5003.6)  # it came 0.3 s late
    assert frame.position == round(3.5 * RATE)
    assert all(one.lost for one in lost)


def test_a_device_s_time_that_was_set_during_an_outage_is_not_believed():
    continuity = Continuity()
    list(continuity.place(block(0), 10.1, 5000.1))
    continuity.tap_lost()
    *_, frame = continuity.place(block(0), 13.6, 8600.0)
    assert abs(frame.position - 3.5 * RATE) <= 1


def test_a_busy_machine_does_not_move_the_line_s_time():
    rng, continuity = np.random.default_rng(3), Continuity()
    for number in range(300):
        late_s = 0.0 if number % 20 == 0 else float(rng.uniform(0, 0.8))
        list(continuity.place(block(number * BLOCK), 10.1 + number * 0.1 + late_s))
        assert abs(continuity.position_at(10.0 + number * 0.1) - number * BLOCK) <= 1


def test_a_card_whose_clock_is_slow_is_followed():
    continuity = Continuity()
    for number in range(3000):
        list(continuity.place(block(number * BLOCK), 10.1 + number * 0.1001))
    assert abs(continuity.position_at(10.0 + 2999 * 0.1001) - 2999 * BLOCK) <= 0.02 * RATE


def test_what_a_tap_itself_calls_lost_stays_lost():
    continuity = Continuity()
    (frame,) = continuity.place(Frame(0, np.zeros(BLOCK, np.float32), lost=True), 5.0)
    assert frame.lost
