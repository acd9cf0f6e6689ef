"""Power ringing, with and without its low frequencies."""

import numpy as np
import pytest
import signals

from appliance.audio import RATE
from appliance.capture.ring import RingDetector
from appliance.capture.tonality import ToneTracker, tonal_frames

IDLE_DBFS = -70.0


def bursts(samples):
    ring, tones = RingDetector(), ToneTracker()
    found = []
    for features in signals.features(samples):
        tones.of(features, *tonal_frames([features], IDLE_DBFS))
        found += ring.of(features, IDLE_DBFS, tones.rows)
    return found


@pytest.mark.parametrize("hertz", [16.7, 20.0, 25.0, 50.0])
@pytest.mark.parametrize("dbfs", [-6.0, -30.0])
def test_british_double_rings_are_found_to_thirty_milliseconds(hertz, dbfs):
    line = signals.quiet(5.0)
    for at in (1.0, 1.6, 4.0):
        line = signals.added(line, at, signals.ring_burst(0.4, hertz, dbfs))
    found = bursts(line)
    assert [round(burst.start / RATE, 1) for burst in found] == [1.0, 1.6, 4.0]
    for burst, at in zip(found, (1.0, 1.6, 4.0), strict=True):
        assert abs(burst.start / RATE - at) < 0.03
        assert abs(burst.length / RATE - 0.4) < 0.04


def test_ringing_of_which_an_adaptor_passes_only_upper_harmonics_is_found():
    line = signals.added(signals.quiet(4.0), 1.0, signals.ring_burst(1.0, 25.0, -25.0, (7, 9, 11, 13, 15)))
    assert len(bursts(line)) == 1


@pytest.mark.parametrize("hertz", [(350, 440), (425,), (400, 450), (480, 620), (50, 150), (1300, 2100)])
def test_exchange_tones_hum_below_the_threshold_and_data_are_no_ringing(hertz):
    dbfs = -68.0 if hertz == (50, 150) else -20.0
    assert bursts(signals.added(signals.quiet(4.0), 1.0, signals.tones(hertz, 2.0, dbfs))) == []


def test_a_hook_transient_and_a_loud_voice_are_no_ringing():
    assert bursts(signals.added(signals.quiet(3.0), 1.0, signals.click(0.5, 0.01))) == []
    rng = np.random.default_rng(1)
    babble = np.convolve(rng.standard_normal(3 * RATE), np.ones(16) / 16, "same") * 0.1
    swelling = babble * (1 + np.sin(np.arange(len(babble)) / 600))
    assert bursts(swelling.astype(np.float32)) == []


def test_a_burst_is_known_while_it_sounds():
    ring, tones = RingDetector(), ToneTracker()
    line = signals.added(signals.quiet(4.0), 1.0, signals.ring_burst(2.0))
    known = []
    for features in signals.features(line):
        tones.of(features, *tonal_frames([features], IDLE_DBFS))
        ring.of(features, IDLE_DBFS, tones.rows)
        known.append(ring.sounding_since is not None)
    assert known.index(True) * 0.2 <= 1.4
    assert not known[-1]
