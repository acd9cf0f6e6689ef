"""Keyed digits: ITU-T Q.24's limits, and what must not be taken for one."""

import numpy as np
import pytest
import signals
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import RATE
from appliance.capture.dtmf import DtmfDecoder
from appliance.capture.simulator import speech

ALL = "1234567890*#ABCD"


def heard(samples):
    decoder = DtmfDecoder()
    padded = np.concatenate([np.zeros(3200), samples, np.zeros(3200)])
    return [digit for f in signals.features(padded) for digit in decoder.of(f)]


def keys(samples):
    return "".join(digit.key for digit in heard(samples))


def test_every_key_is_told_and_placed_within_twenty_milliseconds():
    digits = heard(signals.dialled(ALL))
    assert "".join(digit.key for digit in digits) == ALL
    for place, digit in enumerate(digits):
        assert abs(digit.start / RATE - (0.4 + 0.16 * place)) < 0.02
        assert abs(digit.end / RATE - (0.48 + 0.16 * place)) < 0.02


@pytest.mark.parametrize("dbfs", [-6.0, -20.0, -35.0, -50.0])
def test_level_does_not_matter(dbfs):
    assert keys(signals.dialled(ALL, dbfs=dbfs)) == ALL


@pytest.mark.parametrize("twist_db", [-8.0, -4.0, 4.0, 8.0])
def test_twist_of_eight_decibels_either_way_is_taken(twist_db):
    assert keys(signals.dialled(ALL, twist_db=twist_db)) == ALL


@pytest.mark.parametrize("off", [0.985, 1.015])
def test_frequencies_one_and_a_half_per_cent_off_are_taken(off):
    assert keys(signals.dialled(ALL, detune=off)) == ALL


@pytest.mark.parametrize("off", [0.965, 1.035])
def test_frequencies_three_and_a_half_per_cent_off_are_refused(off):
    assert keys(signals.dialled("159D", detune=off)) == ""


@pytest.mark.parametrize("seed", range(4))
def test_noise_fifteen_decibels_below_is_borne(seed):
    assert keys(signals.noisy(signals.dialled(ALL), 15.0, seed)) == ALL


@given(
    st.text(ALL, min_size=1, max_size=12),
    st.floats(0.045, 0.2),
    st.floats(0.05, 0.3),
    st.floats(-4.0, 8.0),
    st.integers(0, 159),
)
@settings(max_examples=60, deadline=None)
def test_any_number_keyed_at_any_legal_pace_is_read_exactly(text, on, off, twist_db, shift):
    sound = signals.dialled(text, on, off, twist_db=twist_db)
    assert keys(np.concatenate([np.zeros(shift), sound])) == text


def test_the_same_digit_twice_is_two_and_a_dropout_of_ten_milliseconds_is_not():
    assert keys(signals.dialled("55", 0.06, 0.05)) == "55"
    one = signals.digit("5", 0.2)
    one[800:880] = 0.0
    assert keys(one) == "5"


def test_twenty_milliseconds_are_no_digit():
    assert keys(signals.dialled("5", on=0.02)) == ""


def test_dial_tone_below_the_first_digit_does_not_hide_it():
    sound = signals.added(signals.tones((350, 440), 1.0, -22.0), 0.9, signals.digit("7", 0.1, -15.0))
    assert keys(sound) == "7"


def test_clipped_digits_are_read():
    assert keys(np.clip(signals.dialled(ALL, dbfs=-3.0), -0.5, 0.5)) == ALL


def test_single_tones_dial_tone_and_noise_hold_no_digit():
    assert keys(signals.tone(697.0, 2.0)) == keys(signals.tone(1336.0, 2.0)) == ""
    assert keys(signals.tones((350, 440), 2.0)) == keys(signals.tones((480, 620), 2.0)) == ""
    assert keys(signals.quiet(20.0, -20.0)) == ""


def test_speech_and_hold_music_hold_no_digit():
    rng = np.random.default_rng(5)
    conversation = speech.Conversation(rng)
    spoken = np.concatenate([conversation.turn().samples for _ in range(40)])
    assert len(spoken) > 60 * RATE
    assert keys(spoken * 0.3) == ""
    assert keys(speech.music(30 * RATE, rng) * 0.1) == ""


@pytest.mark.parametrize("glide", [-0.04, 0.04])
def test_a_voice_that_glides_through_a_keys_frequencies_is_no_digit(glide):
    t = np.arange(round(0.06 * RATE)) / RATE
    turn = t * (1.0 - glide / 2) + glide * t**2 / (2 * t[-1])
    voice = sum(np.sin(2.0 * np.pi * hertz * turn) for hertz in (697.0, 1633.0))
    line = signals.added(signals.quiet(1.0), 0.4, 0.1 * voice.astype(np.float32))
    assert keys(line) == ""
