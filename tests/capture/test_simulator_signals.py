"""The simulated exchange's tones, measured in the sound itself against what the standards say."""

import tomllib
from importlib import resources

import numpy as np
import pytest

from appliance.audio import RATE, level_dbfs, positions
from appliance.capture.simulator import waves
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import ODDITIES, Profile
from appliance.capture.simulator.signals import COUNTRIES, SIT, cadence

QUIET = {"idle_dbfs": -110.0, "line_dbfs": -110.0, "room_dbfs": -110.0, "hum_dbfs": -110.0}

DIAL_HZ = {"uk": {350, 440}, "us": {350, 440}, "de": {425}, "fr": {440}, "au": {413, 438}, "nz": {400}}
RINGBACK = {
    "uk": ({400, 450}, [400, 200, 400, 2000]),
    "us": ({440, 480}, [2000, 4000]),
    "de": ({425}, [1000, 4000]),
    "fr": ({440}, [1500, 3500]),
    "es": ({425}, [1500, 3000]),
    "be": ({425}, [1000, 3000]),
    "se": ({425}, [1000, 5000]),
}
BUSY = {"uk": ({400}, [375, 375]), "us": ({480, 620}, [500, 500]), "de": ({425}, [480, 480]), "se": ({425}, [250, 250])}


def strongest_hz(samples, least_db=-15.0):
    """Frequencies of the lines that stand within ``least_db`` of the strongest, to the nearest hertz."""
    n = 8 * RATE
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), n))
    peaks = np.flatnonzero((power[1:-1] > power[:-2]) & (power[1:-1] >= power[2:])) + 1
    loud = peaks[power[peaks] > power.max() * 10 ** (least_db / 20)]
    return {round(peak * RATE / n) for peak in loud}


def on_off_ms(samples, dbfs):
    """Lengths of sound and silence in turn, beginning with the first sound, to 5 ms."""
    blocks = samples[: len(samples) // 40 * 40].reshape(-1, 40)
    loud = np.sqrt((blocks**2).mean(axis=1)) > 10 ** ((dbfs - 12) / 20)
    edges = np.flatnonzero(np.diff(loud.astype(int), prepend=0, append=0))
    return np.diff(edges) * 5


def heard(profile, verb, name):
    """What a verb on an off-hook line sends: the samples of the tone it is named for."""
    pair = SimulatedPair(profile)
    pair.lift()
    verb(pair)
    start, end, _ = next(tone for tone in pair.truth().tones if tone[2] == name)
    return pair.audio()[start:end]


@pytest.mark.parametrize("country", sorted(DIAL_HZ))
def test_dial_tone_has_the_country_s_frequencies(country):
    tone = heard(Profile(country=country, **QUIET), lambda pair: pair.dial_tone(1.5), "dial")
    assert strongest_hz(tone) == DIAL_HZ[country]


@pytest.mark.parametrize("country", sorted(RINGBACK))
def test_ringback_has_the_country_s_frequencies_and_cadence(country):
    hz, ms = RINGBACK[country]
    profile = Profile(country=country, **QUIET)
    tone = heard(profile, lambda pair: pair.ringback(2.2), "ringback")
    assert strongest_hz(tone[: positions(ms[0] / 1000)]) == hz
    np.testing.assert_allclose(on_off_ms(tone, profile.tone_dbfs)[: len(ms)], ms, atol=15)


@pytest.mark.parametrize("country", sorted(BUSY))
def test_busy_has_the_country_s_frequencies_and_cadence(country):
    hz, ms = BUSY[country]
    profile = Profile(country=country, **QUIET)
    tone = heard(profile, lambda pair: pair.busy(3.0), "busy")
    assert strongest_hz(tone[: positions(ms[0] / 1000)]) == hz
    np.testing.assert_allclose(on_off_ms(tone, profile.tone_dbfs)[:4], ms * 2, atol=15)


def test_a_modulated_tone_has_its_carrier_and_both_sidebands():
    tone = heard(Profile(country="in", **QUIET), lambda pair: pair.dial_tone(2.0), "dial")
    assert strongest_hz(tone) == {375, 400, 425}


def test_special_information_tones_rise_in_three_steps():
    tones = waves.cadenced(SIT, positions(0.99), -20.0)
    assert [strongest_hz(part) for part in np.split(tones, 3)] == [{950}, {1400}, {1800}]


@pytest.mark.parametrize("name", ["dial", "busy", "congestion", "ringback", "unobtainable"])
@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_every_tone_sounds_at_the_level_asked_for(country, name):
    pattern = getattr(COUNTRIES[country], name)
    first = pattern[0]
    length = positions((first.ms or 1000) / 1000)
    assert level_dbfs(waves.cadenced(pattern, length, -20.0)) == pytest.approx(-20.0, abs=0.3)


def test_an_adaptor_s_cadence_is_longer_and_one_frequency_louder():
    profile = Profile(**QUIET).with_(**ODDITIES["slow_cadence"]).with_(tone_skew_db=3.0)
    tone = heard(profile, lambda pair: pair.ringback(2.2), "ringback")
    np.testing.assert_allclose(on_off_ms(tone, profile.tone_dbfs)[:4], [440, 220, 440, 2200], atol=15)
    burst = tone[: positions(0.4)]
    low, high = (abs(np.dot(burst, np.exp(2j * np.pi * hz * np.arange(len(burst)) / RATE))) for hz in (400, 450))
    assert 20 * np.log10(high / low) == pytest.approx(3.0, abs=0.2)


@pytest.mark.parametrize(("kind", "fundamental_db"), [("strong", 0.0), ("weak", -8.0), ("harmonics", -60.0)])
def test_power_ringing_is_seen_as_the_tap_passes_it(kind, fundamental_db):
    burst = waves.power_ringing(kind, 25.0, RATE, -10.0)
    spectrum = np.abs(np.fft.rfft(burst))
    assert level_dbfs(burst) == pytest.approx(-10.0, abs=0.2)
    assert 20 * np.log10(spectrum[25] / spectrum.max() + 1e-9) == pytest.approx(
        fundamental_db, abs=20.0 if "h" in kind else 1.0
    )


def test_a_tap_that_filters_ringing_hears_none():
    assert not waves.power_ringing("none", 25.0, RATE, -10.0).any()


@pytest.mark.parametrize(
    ("key", "hz"), [("1", {697, 1209}), ("5", {770, 1336}), ("#", {941, 1477}), ("D", {941, 1633})]
)
def test_digits_have_the_frequencies_of_q23(key, hz):
    assert strongest_hz(waves.digit(key, positions(0.2), -13.0)) == hz


def test_twist_is_how_much_louder_the_upper_frequency_is():
    tone = waves.digit("1", positions(0.5), -13.0, twist_db=6.0)
    low, high = (abs(np.dot(tone, np.exp(2j * np.pi * hz * np.arange(len(tone)) / RATE))) for hz in (697, 1209))
    assert 20 * np.log10(high / low) == pytest.approx(6.0, abs=0.1)


def test_the_howler_grows_louder():
    sound = waves.warble(positions(14), -15.0)
    assert level_dbfs(sound[-RATE:]) - level_dbfs(sound[:RATE]) > 20


def test_the_notation_reads_silence_modulation_and_endless_tones():
    first, second, third = cadence("400*25/100 -/50 350+440")
    assert (first.frequencies, first.modulation, first.ms) == ((400.0,), 25.0, 100.0)
    assert (second.frequencies, second.ms) == ((), 50.0)
    assert (third.frequencies, third.ms) == ((350.0, 440.0), 0.0)


def plans():
    return tomllib.loads((resources.files("appliance.capture") / "toneplans.toml").read_text(encoding="utf-8"))


def test_a_country_of_the_detector_s_is_one_of_the_simulator_s_and_none_is_left_out():
    assert plans().keys() == COUNTRIES.keys(), (
        "toneplans.toml and simulator/signals.py: what the one has, the other needs"
    )


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_the_detector_s_tone_plan_says_the_same_as_this_independent_table(country):
    """Two tables by two hands: where they differ, one of them is wrong."""
    plan, signals = plans()[country], COUNTRIES[country]
    assert plan["ring"] == list(signals.ringing)
    for name in ("dial", "ringback", "busy", "congestion"):
        sent = getattr(signals, name)
        hz = sorted({hz for segment in sent for hz in segment.frequencies})
        ms = [segment.ms for segment in sent if segment.ms]
        known = [(sorted(float(f) for f in one["hz"]), [float(t) for t in one.get("ms", [])]) for one in plan[name]]
        assert (hz, ms) in known or (country, name) == ("au", "congestion"), name
