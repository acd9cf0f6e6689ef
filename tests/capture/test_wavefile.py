"""Sound files as lines: every usual form is played, and what cannot be is refused in words."""

import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.audio import RATE
from appliance.capture.wavefile import WaveFile
from appliance.errors import AudioUnreadable, LineEnded
from sounds import at_rate, lag_and_likeness, speech, write_wav


@pytest.fixture(scope="module")
def source():
    return speech(2.0)


def heard(wave):
    pieces = []
    while True:
        try:
            pieces.append(wave.read(0.0).samples)
        except LineEnded:
            wave.close()
            return np.concatenate(pieces)


def riff(body, form, bits, rate=RATE, channels=1, data_length=None):
    block = bits // 8 * channels
    fmt = struct.pack("<HHIIHH", form, channels, rate, rate * block, block, bits)
    data_length = len(body) if data_length is None else data_length
    chunks = b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", data_length) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


FORMS = {
    "8 bit": (1, 8, lambda x: (np.clip(np.rint(x * 127), -128, 127) + 128).astype("u1"), 0.98),
    "16 bit": (1, 16, lambda x: np.rint(x * 32767).astype("<i2"), 0.9999),
    "24 bit": (1, 24, lambda x: np.rint(x * 8388607).astype("<i4").view("u1").reshape(-1, 4)[:, :3].copy(), 0.9999),
    "32 bit": (1, 32, lambda x: np.rint(x.astype("f8") * 2147483647).astype("<i4"), 0.9999),
    "float": (3, 32, lambda x: x.astype("<f4"), 0.9999),
    "double": (3, 64, lambda x: x.astype("<f8"), 0.9999),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_usual_form_of_sample_is_played(tmp_path, source, form):
    code, bits, encode, likeness = FORMS[form]
    path = tmp_path / "line.wav"
    path.write_bytes(riff(encode(source).tobytes(), code, bits))
    played = heard(WaveFile(path))
    assert len(played) == len(source)
    assert np.corrcoef(played, source)[0, 1] > likeness


def test_floats_that_are_no_sound_are_silence_or_full_scale(tmp_path):
    path = tmp_path / "line.wav"
    path.write_bytes(riff(np.array([np.nan, np.inf, -np.inf, 7.0, 0.25], "<f4").tobytes(), 3, 32))
    assert heard(WaveFile(path)).tolist() == [0.0, 1.0, -1.0, 1.0, 0.25]


@pytest.mark.parametrize("channel", [0, 1])
def test_a_stereo_file_at_44100_is_a_line_on_the_channel_named(tmp_path, source, channel):
    other = at_rate(speech(2.0, seed=9), 44100)
    both = np.stack([at_rate(source, 44100), other][:: -1 if channel else 1], axis=1)
    wave = WaveFile(write_wav(tmp_path / "stereo.wav", both, 44100), channel=channel)
    lag, likeness = lag_and_likeness(heard(wave), source)
    assert abs(lag) <= 1
    assert likeness > 0.999
    assert wave.remarks == (f"stereo.wav has 2 channels at 44100 Hz: channel {channel} is the line.",)


def test_nothing_above_the_telephone_band_folds_into_it(tmp_path):
    seconds = np.arange(48000) / 48000
    whistle = np.rint(np.sin(2 * np.pi * 5000 * seconds) * 20000)
    played = heard(WaveFile(write_wav(tmp_path / "whistle.wav", whistle, 48000)))
    assert np.sqrt(np.mean(played[200:-200] ** 2)) < 1e-4


def test_a_file_whose_end_is_missing_is_played_as_far_as_it_goes_and_says_so(tmp_path, source):
    body = FORMS["16 bit"][2](source).tobytes()
    path = tmp_path / "short.wav"
    path.write_bytes(riff(body[: RATE * 2], 1, 16, data_length=len(body)))
    wave = WaveFile(path)
    assert wave.remarks == ("short.wav is cut short: 1.0 s are missing at its end. What is there is used.",)
    assert len(heard(wave)) == RATE


@pytest.mark.parametrize("open_length", [0, 0xFFFFFFFF])
def test_a_header_that_leaves_the_length_open_is_no_damage(tmp_path, source, open_length):
    path = tmp_path / "streamed.wav"
    path.write_bytes(riff(FORMS["16 bit"][2](source).tobytes(), 1, 16, data_length=open_length))
    wave = WaveFile(path)
    assert wave.remarks == ()
    assert len(heard(wave)) == len(source)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "bad.wav is empty"),
        (b"RIFF", "bad.wav is cut short within its header: it has 4 bytes"),
        (riff(b"12", 1, 16)[:30], "bad.wav is cut short within its header: it has 30 bytes"),
        (riff(b"", 1, 16), "bad.wav has a WAV header and no sound behind it"),
        (b"\x89PNG" + bytes(500), "bad.wav is not a WAV file, whatever its name says"),
        (riff(b"\0" * 800, 0x7777, 16), "bad.wav"),
    ],
)
def test_what_is_no_sound_file_is_refused_in_words(tmp_path, content, words):
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(AudioUnreadable, match=words):
        WaveFile(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AudioUnreadable, match=r"nowhere.wav cannot be opened: No such file"):
        WaveFile(tmp_path / "nowhere.wav")


def test_a_channel_that_is_not_there_is_named(tmp_path, source):
    path = write_wav(tmp_path / "mono.wav", at_rate(source, RATE))
    with pytest.raises(AudioUnreadable, match=r"has 1 channel\(s\), so none numbered 1"):
        WaveFile(path, channel=1)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 2000), flips=st.lists(st.tuples(st.integers(0, 59), st.integers(0, 7)), max_size=3))
def test_no_damage_to_a_file_makes_anything_but_words_or_sound(tmp_path, cut, flips):
    damaged = bytearray(riff(bytes(1600), 1, 16))
    for at, bit in flips:
        damaged[at] ^= 1 << bit
    path = tmp_path / "damaged.wav"
    path.write_bytes(damaged[: max(0, len(damaged) - cut)])
    try:
        played = heard(WaveFile(path))
    except AudioUnreadable:
        return
    assert np.isfinite(played).all()
