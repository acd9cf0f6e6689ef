"""What every sense rests on: the same however hops are grouped, right in level, and undisturbed by a direct offset."""

import numpy as np
import pytest
import signals
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import RATE
from appliance.capture.features import HOP, FeatureExtractor, Hop


def hops(samples):
    samples = np.asarray(samples, np.float32)
    return [Hop(at, samples[at : at + HOP]) for at in range(0, len(samples) - HOP + 1, HOP)]


LINE = hops(
    signals.added(signals.quiet(4.0, -60.0), 0.7, signals.digit("5", 0.1), signals.click(), signals.ring_burst(0.6))
)
TOGETHER = FeatureExtractor().of(LINE)


@given(st.lists(st.integers(1, 7), min_size=1), st.sets(st.integers(0, len(LINE) - 1), max_size=3))
@settings(max_examples=40, deadline=None)
def test_what_is_heard_does_not_depend_on_how_many_hops_are_taken_together(groups, lost):
    line = [Hop(hop.at, hop.samples, number in lost) for number, hop in enumerate(LINE)]
    together, extractor, apart = FeatureExtractor().of(line), FeatureExtractor(), []
    while len(apart) < len(line):
        for size in groups:
            part = line[len(apart) : len(apart) + size]
            apart += extractor.of(part) if part else []
    for one, other in zip(together, apart, strict=True):
        assert (one.at, one.end, one.lost, one.leaps, one.step) == (
            other.at,
            other.end,
            other.lost,
            other.leaps,
            other.step,
        )
        for name in ("low", "ringing", "voice", "high", "data", "loudest", "quiet", "lively", "rumble", "keyed"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-3)


def test_levels_are_those_of_the_sound():
    heard = FeatureExtractor().of(hops(signals.tone(1500.0, 2.0, -23.0)))[3]
    assert heard.voice == pytest.approx([-23.0] * 10, abs=0.1)
    assert heard.high == pytest.approx([-23.0] * 10, abs=0.1)
    assert heard.data == pytest.approx([-23.0] * 10, abs=0.1)
    assert max(heard.ringing) < -60.0


def test_a_direct_offset_of_the_card_fills_no_band():
    clean, offset = (FeatureExtractor().of(hops(signals.quiet(3.0, -70.0) + dc))[-1] for dc in (0.0, 0.05))
    assert offset.low == pytest.approx(clean.low, abs=0.5)


def test_loud_slow_ringing_does_not_move_the_offset_that_is_taken_off():
    ringing = np.concatenate([signals.quiet(1.0), signals.ring_burst(2.1, 16.7, -6.0), signals.quiet(1.0)])
    heard = FeatureExtractor().of(hops(ringing))[-1]
    assert heard.rumble < -50.0


def test_a_keyed_digit_fills_its_two_frequencies_and_speech_band_noise_does_not():
    keyed = [heard.keyed for heard in TOGETHER]
    assert max(keyed[3:5]) > 0.9
    assert max(keyed[8:]) < 0.7


def test_below_the_level_that_is_loud_no_key_is_looked_for():
    line = hops(signals.added(signals.quiet(2.0, -70.0), 0.5, signals.digit("5", 0.4, dbfs=-30.0)))
    assert max(heard.keyed for heard in FeatureExtractor().of(line, -25.0)) == 0.0
    assert max(heard.keyed for heard in FeatureExtractor().of(line, -40.0)) > 0.9


def test_a_sudden_step_is_told_to_its_cell_and_none_after_lost_audio():
    samples = signals.added(signals.quiet(2.0, -60.0), 1.1, signals.click(0.3))
    line = hops(samples)
    (leap,) = [leap for heard in FeatureExtractor().of(line) for leap in heard.leaps]
    assert leap.cell == round(0.1 * RATE / 40)
    assert leap.size > 0.2
    lost = [Hop(hop.at, np.zeros(HOP, np.float32), lost=True) if hop.at == 4 * HOP else hop for hop in line]
    after = [heard for heard in FeatureExtractor().of(lost) if heard.at == 5 * HOP]
    assert [heard.lost for heard in after] == [True]
