"""What callers hear: the shipped message and a practice's own, the beep, and a speaker that hangs in nobody's way."""

import io
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.audio import RATE as LINE_RATE
from appliance.capture import speakers
from appliance.capture.announcement import BEEP_HZ, LONGEST_S, RATE, SHIPPED, Sound, beep, message, shipped_words
from appliance.capture.cards import Cards
from appliance.capture.speakers import ALL, Speaker
from appliance.capture.speakerwire import (
    Ended,
    Failed,
    Replies,
    Request,
    Started,
    packed_reply,
    packed_request,
    read_request,
)
from appliance.clock import SystemClock
from appliance.errors import AudioUnreadable
from appliance.model.calls import MarkKind
from sounds import at_rate, lag_and_likeness, speech, write_wav
from waiting import eventually


def samples(sound):
    return np.frombuffer(sound.pcm, "<i2").astype(np.float32) / 32768


def test_the_shipped_message_is_speech_of_a_bearable_length_and_its_words_stand_beside_it():
    sound = message()
    assert sound.kind is MarkKind.ANNOUNCEMENT
    assert 4.0 < sound.length_s < 15.0
    assert 0.02 < np.sqrt(np.mean(samples(sound) ** 2)) < 0.4
    assert "recorded" in shipped_words()
    assert Path(SHIPPED).stat().st_size < 60_000


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2), (48000, 1)])
def test_a_practices_own_message_may_be_any_usual_sound_file(tmp_path, rate, channels):
    said = speech(2.0)
    mono = at_rate(said, rate)
    both = np.stack([mono] * channels, axis=-1) if channels > 1 else mono
    sound = message(write_wav(tmp_path / "own.wav", both, rate))
    assert sound.length_s == pytest.approx(2.0, abs=0.05)
    heard = samples(sound)[:: RATE // LINE_RATE]
    assert lag_and_likeness(heard, said)[1] > 0.9


def test_a_message_that_never_ends_is_cut(tmp_path):
    path = write_wav(tmp_path / "long.wav", np.zeros(round((LONGEST_S + 5) * 8000), np.int16), 8000)
    assert message(path).length_s == LONGEST_S


@pytest.mark.parametrize("content", [None, b"", b"no sound at all" * 100])
def test_a_file_that_is_no_message_is_said_by_name(tmp_path, content):
    path = tmp_path / "own.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AudioUnreadable, match=r"own\.wav"):
        message(path)


def test_the_beep_is_1400_hertz_for_a_fifth_of_a_second_and_begins_softly():
    sound = samples(beep())
    assert len(sound) == RATE // 5
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert np.argmax(spectrum) * RATE / len(sound) == pytest.approx(BEEP_HZ, rel=0.015)
    assert abs(sound[0]) < 0.001
    assert abs(sound[-1]) < 0.01


# --- the child process ----------------------------------------------------------------------------------------------


@given(
    st.lists(st.one_of(st.floats(0, 1e9).map(Started), st.just(Ended()), st.text(max_size=50).map(Failed)), max_size=8),
    st.lists(st.integers(0, 400), max_size=8),
)
def test_replies_survive_however_the_pipe_cuts_them(replies, cuts):
    data = b"".join(map(packed_reply, replies))
    reader, got, at = Replies(), [], 0
    for cut in sorted(cuts):
        got += reader.feed(data[at:cut])
        at = max(at, min(cut, len(data)))
    assert got + reader.feed(data[at:]) == replies


@given(st.text(max_size=30), st.integers(-1, 7), st.binary(max_size=100))
def test_a_request_survives_the_pipe(card, channel, pcm):
    request = Request(card, channel, RATE, pcm)
    data = packed_request(request)
    stream = io.BytesIO(data)
    assert read_request(stream.read) == request
    assert read_request(stream.read) is None


class Out:
    """Cards that only play, into files; ALSA's own, for nothing else plays without hardware."""

    def __init__(self, folder, cards):
        self.folder, self._cards = folder, cards
        self.file = folder / "out.raw"
        more = (
            "pcm.nowhere { type null }\n"
            f'pcm.loudspeaker {{ type file slave.pcm nowhere file "{self.file}" format raw }}\n'
        )
        cards.config.write_text(cards.config.read_text() + more)

    def heard(self, channel=0):
        return np.fromfile(self.file, "<i2").reshape(-1, 2)[:, channel].astype(np.float32) / 32768


@pytest.fixture
def out(sound_cards, tmp_path):
    sound_cards.add("card1", at_rate(speech(3.0), 48000))
    return Out(tmp_path, sound_cards)


@pytest.fixture
def speaker():
    made = []

    def at(card, channel=ALL):
        made.append(Speaker(card, channel, SystemClock()))
        return made[-1]

    yield at
    for one in made:
        one.close()


def outcome(speaker):
    return eventually(speaker.played, "it was played")[0]


@pytest.mark.realtime
@pytest.mark.parametrize(("channel", "left", "right"), [(ALL, True, True), (0, True, False), (1, False, True)])
def test_what_is_played_comes_out_whole_on_its_channel_alone(out, speaker, channel, left, right):
    sound = Sound(MarkKind.ANNOUNCEMENT, (np.sin(np.arange(RATE) / 20) * 9000).astype("<i2").tobytes())
    one = speaker("loudspeaker", channel)
    assert one.play(sound)
    played = outcome(one)
    assert (played.sound, played.trouble) == (sound, "")
    assert played.start_s is not None
    for number, plays in enumerate((left, right)):
        heard = out.heard(number)[:RATE]
        if plays:
            np.testing.assert_allclose(heard, samples(sound), atol=1e-4)
        else:
            assert np.abs(heard).max() == 0.0


@pytest.mark.realtime
def test_a_card_that_is_not_there_is_said_and_the_next_sound_is_tried_again(out, speaker):
    one = speaker("nothing")
    for _ in range(2):
        assert one.play(beep())
        played = outcome(one)
        assert played.start_s is None
        assert "is not there" in played.trouble


@pytest.mark.realtime
def test_a_player_that_hangs_is_killed_and_replaced_and_capture_never_notices(out, speaker, monkeypatch):
    monkeypatch.setattr(speakers, "_START_S", 1.0)
    cards = Cards()
    tap = cards.tap("card1")
    one = speaker("loudspeaker")
    one.play(beep())
    eventually(lambda: one._child, "the player is there")
    os.kill(one._child.pid, signal.SIGSTOP)
    frames, end_s = [], time.monotonic() + 3.0
    while time.monotonic() < end_s:
        frame = tap.read(0.5)
        frames += [frame] if frame else []
    played = outcome(one)
    assert "hangs or is gone" in played.trouble or played.trouble == ""
    assert frames
    assert not any(frame.lost for frame in frames)
    assert not one.busy
    monkeypatch.setattr(speakers, "_START_S", 20.0)
    assert one.play(beep())
    assert outcome(one).trouble == ""
    tap.close()
    cards.close()


@pytest.mark.realtime
def test_what_is_cut_ends_at_once_and_is_no_trouble(out, speaker):
    one = speaker("nothing")
    one.play(message())
    one.cut()
    trouble = outcome(one).trouble
    assert not trouble or "is not there" in trouble  # it may have found that out before it was cut
    assert not one.busy


def test_nothing_is_played_over_another(speaker):
    one = speaker("nothing")
    assert one.play(beep())
    assert not one.play(beep())
