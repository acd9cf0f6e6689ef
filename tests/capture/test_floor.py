"""The idle floor is learnt slowly and not led astray."""

import numpy as np
import pytest
import signals

from appliance.capture.features import HOP, FeatureExtractor, Hop
from appliance.capture.floor import IdleFloor, quiet_level


def learnt(samples, level=None):
    floor = IdleFloor(level)
    for features in signals.features(samples):
        floor.learn(features)
    return floor


def test_a_steady_line_is_known_after_a_second_and_a_half():
    floor = learnt(signals.quiet(1.4, -70.0))
    truth = np.median([quiet_level(f) for f in signals.features(signals.quiet(20.0, -70.0, 1))])
    assert floor.level == pytest.approx(truth, abs=0.5)


def test_the_floor_stands_within_a_fifth_of_a_decibel_after_half_a_minute():
    floor = learnt(signals.quiet(30.0, -70.0))
    truth = np.mean([quiet_level(f) for f in signals.features(signals.quiet(30.0, -70.0, 1))[1:]])
    assert floor.level == pytest.approx(truth, abs=0.2)


def test_loud_stretches_do_not_move_it():
    quiet = signals.quiet(20.0, -70.0)
    loud = signals.added(quiet, 5.0, signals.quiet(5.0, -40.0, 3))
    assert learnt(loud).level == pytest.approx(learnt(quiet).level, abs=0.1)


def test_a_slow_drift_is_followed():
    drifting = signals.quiet(60.0, -70.0) * np.repeat(10 ** (np.linspace(0, 3, 60) / 20), 8000).astype(np.float32)
    assert learnt(drifting).level - learnt(signals.quiet(60.0, -70.0)).level == pytest.approx(3.0, abs=0.5)


def test_a_floor_learnt_too_high_comes_down():
    assert learnt(signals.quiet(5.0, -70.0), level=-50.0).level < -70.0


def test_a_pause_between_syllables_lets_the_floor_through():
    chopped = signals.quiet(4.0, -70.0)
    for at in np.arange(0.5, 4.0, 0.25):
        chopped = signals.added(chopped, at, signals.quiet(0.1, -35.0, 4))
    lifts = [learnt(signals.quiet(5.0)).lift(f) for f in signals.features(chopped)[1:]]
    assert np.median(lifts) < 4.0


def test_lost_audio_teaches_nothing():
    floor = IdleFloor()
    silence = np.zeros(HOP, np.float32)
    for features in FeatureExtractor().of([Hop(number * HOP, silence, lost=True) for number in range(20)]):
        floor.learn(features)
    assert floor.level is None


def test_a_level_control_moved_up_is_believed_after_a_minute_and_not_before():
    floor = learnt(signals.quiet(10.0, -70.0))
    louder = signals.features(signals.quiet(75.0, -66.0, 2))
    for features in louder[:250]:
        floor.learn(features)
    assert floor.level < -72.0
    for features in louder[250:]:
        floor.learn(features)
    assert floor.level == pytest.approx(np.mean([quiet_level(f) for f in louder]), abs=0.3)


def test_while_a_call_may_be_beginning_nothing_is_learnt():
    floor = learnt(signals.quiet(10.0, -70.0))
    before = floor.level
    for features in signals.features(signals.quiet(5.0, -69.2, 2)):
        floor.learn(features, settled=False)
    assert floor.level == before
