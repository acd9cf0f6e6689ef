"""Tone plans, and what a run of tones means."""

import tomllib
from importlib import resources

import numpy as np
import pytest
import signals
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import RATE
from appliance.capture.cadence import ProgressTones
from appliance.capture.tonality import ToneTracker, tonal_frames
from appliance.capture.tones import ToneKind, plan_for
from appliance.errors import ConfigWrong

COUNTRIES = sorted(tomllib.loads((resources.files("appliance.capture") / "toneplans.toml").read_text("utf-8")))
IDLE = signals.quiet(8.0, -70.0)


def cadenced(tone, seconds, stretch=1.0, dbfs=-20.0, cut_s=0.0):
    """A plan's tone as it sounds; ``cut_s`` leaves so much of its beginning away."""
    if not tone.ms:
        return signals.tones(tone.hz, seconds, dbfs)
    parts, lasting = [], 0.0
    while lasting < seconds + cut_s:
        for place, ms in enumerate(tone.ms):
            length = ms * stretch / 1000
            parts.append(np.zeros(round(length * RATE)) if place % 2 else signals.tones(tone.hz, length, dbfs))
            lasting += length
    return np.concatenate(parts)[round(cut_s * RATE) :]


def meanings(sound, country="uk", floor_dbfs=-60.0):
    """All that is heard, hop by hop, over an open line's noise."""
    padded = np.concatenate([np.zeros(RATE), sound, np.zeros(RATE)])
    line = padded + signals.quiet(len(padded) / RATE + 0.1, floor_dbfs)[: len(padded)]
    tracker, progress = ToneTracker(), ProgressTones(plan_for(country))
    heard = []
    for features in signals.features(line):
        ended = tracker.of(features, *tonal_frames([features], -70.0))
        heard.append(progress.hear(ended, tracker.sounding, features.end))
    return [h for h in heard if h]


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_has_a_plan_with_what_a_caller_hears(country):
    plan = plan_for(country)
    kinds = {tone.kind for tone in plan.tones}
    assert {ToneKind.DIAL, ToneKind.RINGBACK, ToneKind.BUSY, ToneKind.CONGESTION} <= kinds
    assert len(plan.ring) % 2 == 0
    assert sum(plan.ring) > 2000


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("stretch", [0.9, 1.1])
def test_ringback_and_busy_are_named_with_a_cadence_a_tenth_off(country, stretch):
    plan = plan_for(country)
    for tone in plan.tones:
        if tone.kind in (ToneKind.RINGBACK, ToneKind.BUSY):
            seconds = 2.2 * sum(tone.ms) * stretch / 1000 + 4.0 * (tone.kind is ToneKind.BUSY)
            last = meanings(cadenced(tone, seconds, stretch), country)[-1]
            expected = {ToneKind.RINGBACK} if tone.kind is ToneKind.RINGBACK else {ToneKind.BUSY, ToneKind.CONGESTION}
            assert last.kind in expected, (tone, last)


@pytest.mark.parametrize("country", ["uk", "us", "de", "au", "jp", "nz"])
def test_a_continuous_tone_is_dial_tone_or_unobtainable_and_its_start_is_known(country):
    dial = next(tone for tone in plan_for(country).tones if tone.kind is ToneKind.DIAL)
    heard = meanings(cadenced(dial, 5.0), country)
    assert heard[-1].kind in (ToneKind.DIAL, ToneKind.UNOBTAINABLE)
    assert abs(heard[-1].start / RATE - 1.0) < 0.06


def test_number_unobtainable_is_told_from_dial_tone_in_britain():
    assert meanings(signals.tones((350, 440), 4.0))[-1].kind is ToneKind.DIAL
    assert meanings(signals.tone(400.0, 4.0))[-1].kind is ToneKind.UNOBTAINABLE


@given(st.sampled_from(COUNTRIES), st.floats(0.0, 2.0), st.floats(-32.0, -10.0))
@settings(max_examples=15, deadline=None)
def test_ringback_is_named_wherever_in_its_cycle_one_begins_to_listen(country, cut_s, dbfs):
    tone = next(tone for tone in plan_for(country).tones if tone.kind is ToneKind.RINGBACK)
    sound = cadenced(tone, 2.5 * sum(tone.ms) / 1000, dbfs=dbfs, cut_s=cut_s)
    kinds = {heard.kind for heard in meanings(sound, country)}
    assert ToneKind.RINGBACK in kinds
    assert ToneKind.BUSY not in kinds


def test_a_foreign_exchange_is_understood_by_the_ranges_all_countries_keep_to():
    german = next(tone for tone in plan_for("de").tones if tone.kind is ToneKind.BUSY)
    assert meanings(cadenced(german, 6.0), "uk")[-1].kind is ToneKind.BUSY
    ringback = next(tone for tone in plan_for("us").tones if tone.kind is ToneKind.RINGBACK)
    assert meanings(cadenced(ringback, 14.0), "uk")[-1].kind is ToneKind.RINGBACK


def test_call_waiting_is_named_after_its_second_beep():
    waiting = next(tone for tone in plan_for("uk").tones if tone.kind is ToneKind.WAITING)
    assert meanings(cadenced(waiting, 9.0))[-1].kind is ToneKind.WAITING


def test_noise_and_a_sweep_are_no_tones():
    assert meanings(signals.quiet(10.0, -25.0)) == []
    t = np.arange(6 * RATE) / RATE
    assert meanings(0.2 * np.sin(2 * np.pi * (330 + 50 * t) * t)) == []


def test_an_unknown_country_is_refused_with_those_there_are():
    with pytest.raises(ConfigWrong, match="uk"):
        plan_for("atlantis")


def test_a_plan_of_ones_own_is_added_and_a_wrong_key_in_it_refused(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text("[lab]\nring = [500, 500]\ndial = [{ hz = [333] }]\nringback = [{ hz = [333], ms = [500, 3000] }]\n")
    assert plan_for("lab", own).ring == (500, 500)
    assert plan_for("uk", own).ring == (400, 200, 400, 2000)
    own.write_text("[lab]\nring = [500, 500]\ndail = []\n")
    with pytest.raises(ConfigWrong, match=r"own\.toml"):
        plan_for("lab", own)
    own.write_bytes(b"\xff")
    with pytest.raises(ConfigWrong, match="not text"):
        plan_for("lab", own)
    with pytest.raises(ConfigWrong, match="cannot be read"):
        plan_for("lab", tmp_path / "away.toml")


def test_a_word_at_the_tones_pitch_before_busy_tone_is_not_taken_for_its_beginning():
    busy = next(tone for tone in plan_for("uk").tones if tone.kind is ToneKind.BUSY)
    word, pause = signals.tone(400.0, 0.3), np.zeros(2 * RATE)
    heard = meanings(np.concatenate([word, pause, cadenced(busy, 5.0)]))[-1]
    assert heard.kind is ToneKind.BUSY
    assert heard.start / RATE == pytest.approx(3.3, abs=0.06)
