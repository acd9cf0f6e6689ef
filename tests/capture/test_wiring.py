"""A wrongly wired line is named, and a rightly wired one is not, whatever is said on it."""

import numpy as np
import pytest
from signals import quiet, tone

from appliance.audio import BLOCK, RATE, Frame, level_dbfs
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import Profile
from appliance.capture.wiring import MINUTES, WORDS, Fault, LineHealth, faults, measured


def a_day(profile, seed=1):
    """Two minutes of a line: idle, ringing, a long call, idle."""
    pair = SimulatedPair(profile, seed)
    pair.idle(20.0)
    pair.ring(4.2, caller="01632960846")
    pair.lift()
    pair.talk(45.0)
    pair.hold(20.0)
    pair.talk(15.0)
    pair.hang_up()
    pair.idle(20.0)
    return pair.audio()


def heard(samples, block=BLOCK, lost=False):
    health = LineHealth()
    for at in range(0, len(samples), block):
        health.hear(Frame(at, samples[at : at + block], lost))
    return health


@pytest.mark.parametrize(
    ("profile", "found"),
    [
        (Profile(), ()),
        (Profile(hum_dbfs=-40.0), (Fault.HUM,)),
        (Profile(hum_dbfs=-40.0, hum_hz=60.0, country="us"), (Fault.HUM,)),
        (Profile(gain_db=14.0), (Fault.CLIPPING,)),
        (Profile(dc=0.06), (Fault.DIRECT_CURRENT,)),
        (Profile(dc=-0.06), (Fault.DIRECT_CURRENT,)),
        (Profile(gain_db=-18.0), ()),
        (Profile(room_dbfs=-42.0), ()),
        (Profile(ring_dbfs=0.0), ()),
        (Profile(crosstalk_dbfs=-55.0), ()),
    ],
)
def test_what_is_wrong_with_a_line_is_named_and_nothing_else(profile, found):
    assert heard(a_day(profile)).faults == found


@pytest.mark.parametrize("seed", range(6))
def test_no_healthy_line_is_called_wrong(seed):
    profile = Profile.random(np.random.default_rng(seed))
    assert heard(a_day(profile, seed)).faults == ()


def test_a_card_with_nothing_plugged_in_is_named():
    assert heard(np.zeros(130 * RATE, np.float32)).faults == (Fault.NOTHING,)
    assert heard(quiet(130.0, -93.0)).faults == (Fault.NOTHING,)
    assert heard(quiet(130.0, -80.0)).faults == ()


def test_nothing_is_said_before_it_has_been_so_for_minutes():
    health, silence = LineHealth(), np.zeros(BLOCK, np.float32)
    for second in range(MINUTES):
        assert health.faults == ()
        health.hear(Frame(second * RATE, silence))
    assert health.faults == (Fault.NOTHING,)
    health.hear(Frame(MINUTES * RATE, quiet(0.1, -60.0)))
    assert health.faults == ()


def a_block_a_second(blocks):
    health = LineHealth()
    for second, block in enumerate(blocks):
        health.hear(Frame(second * RATE, block))
        yield health.faults


def test_constant_noise_is_named_after_ten_minutes_and_forgotten_when_it_stops():
    noise, voice = quiet(70.0, -30.0), SimulatedPair(seed=3)
    blocks = [noise[at : at + BLOCK] for at in range(0, 700 * BLOCK, BLOCK)]
    told = list(a_block_a_second([*blocks, quiet(0.1, -60.0)]))
    assert told[598] == ()
    assert told[600:-1] == [(Fault.NOISE,)] * (len(told) - 601)
    assert told[-1] == ()
    voice.lift()
    voice.talk(70.0)
    spoken = voice.audio()[: 70 * RATE]
    assert set(a_block_a_second([spoken[at : at + BLOCK] for at in range(0, len(spoken), BLOCK)])) == {()}


def test_what_the_card_lost_is_not_taken_for_a_dead_line():
    assert heard(np.zeros(130 * RATE, np.float32), lost=True).recent == ()


@pytest.mark.parametrize("block", [800, 400, 1000, 4000])
def test_one_block_a_second_is_measured_however_the_card_delivers(block):
    assert len(heard(quiet(20.0, -60.0), block).recent) == 20


@pytest.mark.parametrize("hertz", [50.0, 60.0, 150.0, 350.0])
@pytest.mark.parametrize("dbfs", [-60.0, -35.0])
def test_hum_measures_what_it_is(hertz, dbfs):
    measure = measured(tone(hertz, 0.1, dbfs))
    assert measure.hum_dbfs == pytest.approx(dbfs, abs=1.0)
    assert measure.level_dbfs == pytest.approx(dbfs, abs=0.2)
    assert measure.floor_dbfs < dbfs - 40


def test_the_floor_is_the_noise_from_1_to_3_4_khz():
    noise = quiet(0.1, -60.0)
    part = 10 * np.log10(2400 / 4000)
    assert measured(noise).floor_dbfs == pytest.approx(level_dbfs(noise) + part, abs=1.0)


def test_a_direct_current_is_told_from_the_level_of_what_is_heard():
    measure = measured(quiet(0.1, -60.0) + np.float32(0.05))
    assert measure.dc == pytest.approx(0.05, abs=0.001)
    assert measure.hum_dbfs < -60


def test_no_measures_no_faults_and_every_fault_has_words_that_say_what_to_do():
    assert faults(()) == ()
    assert set(WORDS) == set(Fault)
