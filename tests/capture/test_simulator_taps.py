"""Simulated lines as taps: their pace, their endlessness, and how they fail when told to."""

import numpy as np
import pytest

from appliance.audio import BLOCK, RATE, level_dbfs, seconds
from appliance.capture.simulator.tap import ScriptedLine, SimulatedLine
from appliance.clock import FakeClock
from appliance.errors import LineEnded, LineFault


def paced(speed=1.0, seed=1):
    """A live line whose waiting moves a fake clock."""
    clock = FakeClock()
    return SimulatedLine(seed, speed=speed, clock=clock, wait=clock.advance), clock


def audio_of(line, duration_s):
    return np.concatenate([line.read(60.0).samples for _ in range(round(duration_s * 10))])


@pytest.mark.parametrize("speed", [1.0, 10.0, 0.5])
def test_a_live_line_keeps_time(speed):
    line, clock = paced(speed)
    began = clock.monotonic()
    frames = [line.read(5.0) for _ in range(100)]
    assert clock.monotonic() - began == pytest.approx(10.0 / speed, rel=1e-6)
    assert [frame.position for frame in frames] == [BLOCK * n for n in range(100)]
    assert all(len(frame.samples) == BLOCK and not frame.lost for frame in frames)


def test_nothing_comes_before_it_is_due():
    line, clock = paced()
    began = clock.monotonic()
    assert line.read(0.04) is None
    assert line.read(0.04) is None
    assert line.read(0.04) is not None
    assert clock.monotonic() - began == pytest.approx(0.1)


def test_a_line_that_was_late_catches_up_but_lets_a_long_sleep_go():
    line, clock = paced()
    line.read(1.0)
    clock.advance(0.5)
    began = clock.monotonic()
    assert [line.read(0.0) is not None for _ in range(7)] == [True] * 5 + [False] * 2
    assert clock.monotonic() == began
    clock.advance(3600.0)
    assert sum(line.read(0.0) is not None for _ in range(50)) <= 2


def test_the_first_call_rings_within_about_six_seconds_and_is_talked_on_within_twenty():
    for seed in range(1, 6):
        line, _ = paced(seed=seed)
        audio = audio_of(line, 25.0)
        loud = [level_dbfs(block) > -45 for block in np.split(audio, 250)]
        assert 3.5 < loud.index(True) / 10 < 7
        assert sum(loud[200:]) > 25


def test_a_live_line_never_ends_and_goes_quiet_between_calls():
    line, _ = paced(speed=100.0)
    audio = audio_of(line, 600.0)
    quiet = np.array([level_dbfs(block) < -55 for block in np.split(audio, 600)])
    assert 0.1 < quiet.mean() < 0.7


def test_two_lines_of_other_seeds_have_other_calls_and_of_the_same_seed_the_same():
    first, same, other = (audio_of(paced(seed=seed)[0], 20.0) for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_a_closed_line_says_so_and_may_be_closed_twice():
    line, _ = paced()
    line.close()
    line.close()
    with pytest.raises(LineFault, match="closed"):
        line.read(1.0)


def ramp(blocks=5):
    return np.linspace(0, 1, blocks * BLOCK, dtype=np.float32)


def test_a_scripted_line_plays_its_samples_and_ends():
    line = ScriptedLine(ramp())
    frames = [line.read(0.0) for _ in range(5)]
    assert np.array_equal(np.concatenate([frame.samples for frame in frames]), ramp())
    with pytest.raises(LineEnded):
        line.read(0.0)


def test_a_scripted_line_s_last_block_may_be_short():
    line = ScriptedLine(ramp(1)[:500], block=300)
    assert [len(line.read(0.0).samples) for _ in range(2)] == [300, 200]


def test_an_unplugged_line_stays_gone():
    line = ScriptedLine(ramp())
    line.read(0.0)
    line.unplug()
    for _ in range(2):
        with pytest.raises(LineFault, match="unplugged"):
            line.read(0.0)


def test_an_overrun_is_zeros_marked_lost_in_place_of_what_was_played():
    line = ScriptedLine(ramp())
    before = line.read(0.0)
    line.overrun(1000)
    gap, after = line.read(0.0), line.read(0.0)
    assert (gap.position, len(gap.samples), gap.lost, gap.samples.any()) == (before.end, 1000, True, False)
    assert (after.position, after.lost) == (gap.end, False)
    assert np.array_equal(after.samples, ramp()[after.position : after.end])


def test_a_stalled_line_says_nothing_until_it_resumes():
    line = ScriptedLine(ramp())
    line.stall()
    assert line.read(1.0) is None
    line.resume()
    assert seconds(line.read(1.0).end) == BLOCK / RATE
