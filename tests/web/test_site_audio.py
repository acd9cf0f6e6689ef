"""Sound by ranges, against the whole of it."""

import io
import random
import wave

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.errors import NotAllowed
from appliance.web.audio import PIECE, pieces
from appliance.web.byterange import ByteRange


@pytest.fixture
def heard(box, manager):
    """Return where the sound of a call is, once it may be heard, and the whole of it."""
    path = f"/calls/{box.call}"
    manager.post_form(f"{path}/listen", page=f"{path}/hold", purpose="facts")
    whole = manager.get(f"{path}/audio")
    assert whole.status == 200
    return f"{path}/audio", whole.body


def test_without_a_range_the_whole_comes_with_its_length(heard, manager):
    path, whole = heard
    answer = manager.get(path)
    assert (answer.status, answer.body) == (200, whole)
    assert int(answer.headers["Content-Length"]) == len(whole)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Type"] == "audio/ogg; codecs=opus"
    assert whole.startswith(b"OggS")
    assert len(whole) > 64 * 1024, "more than one piece"


def test_sound_that_is_refused_is_refused_before_anything_of_the_answer_is_sent():
    def refused(_at, _length):
        raise NotAllowed("This is more listening than one person does.")

    with pytest.raises(NotAllowed):
        pieces(refused, ByteRange(0, 99, 100))


@given(data=st.data(), total=st.integers(1, 300_000), most=st.integers(500, 200_000))
def test_pieces_make_the_range_however_little_the_keeper_gives_at_once(data, total, most):
    sound = random.Random(total).randbytes(total)
    first = data.draw(st.integers(0, total - 1))
    last = data.draw(st.integers(first, total - 1))
    given_ = list(pieces(lambda at, length: sound[at : at + min(length, most)], ByteRange(first, last, total)))
    assert b"".join(given_) == sound[first : last + 1]
    assert all(len(piece) <= PIECE for piece in given_)


def test_a_head_says_the_length_and_gives_nothing(heard, manager):
    path, whole = heard
    answer = manager.request("HEAD", path)
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(whole)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_range_is_the_bytes_it_says(heard, manager, data):
    path, whole = heard
    end = len(whole)
    first = data.draw(st.integers(0, end - 1))
    last = data.draw(st.none() | st.integers(first, end + 10))
    answer = manager.get(path, Range=f"bytes={first}-{'' if last is None else last}")
    upto = end - 1 if last is None else min(last, end - 1)
    assert answer.status == 206
    assert answer.body == whole[first : upto + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{upto}/{end}"
    assert int(answer.headers["Content-Length"]) == upto + 1 - first


def test_the_last_bytes_are_given_by_a_suffix(heard, manager):
    path, whole = heard
    answer = manager.get(path, Range="bytes=-500")
    assert (answer.status, answer.body) == (206, whole[-500:])
    assert manager.get(path, Range=f"bytes=-{len(whole) * 2}").body == whole


@pytest.mark.parametrize("range_", ["bytes={end}-", "bytes={end}-{end}", "bytes=-0", "bytes=999999999999-"])
def test_a_range_past_the_end_is_416_with_the_length(heard, manager, range_):
    path, whole = heard
    answer = manager.get(path, Range=range_.format(end=len(whole)))
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"


@pytest.mark.parametrize("range_", ["bytes=9-3", "bytes=a-b", "items=0-4", "bytes=0-4,9-12", "bytes=--5", "bytes="])
def test_what_is_no_single_range_is_answered_with_the_whole(heard, manager, range_):
    path, whole = heard
    answer = manager.get(path, Range=range_)
    assert (answer.status, answer.body) == (200, whole)


def test_nothing_is_heard_before_the_purpose_is_said(box, manager):
    path = f"/calls/{box.other_call}"
    answer = manager.get(f"{path}/audio", Range="bytes=0-99")
    assert (answer.status, answer.body) == (403, b"")
    assert "Why do you need to listen?" in manager.get(path).text


def test_a_purpose_that_is_none_of_the_five_is_refused(box, manager):
    path = f"/calls/{box.other_call}"
    for purpose in ("", "curiosity", "FACTS"):
        assert manager.post_form(f"{path}/listen", page=f"{path}/hold", purpose=purpose).status == 400


@pytest.mark.parametrize("place", ["document", "iframe", "script", "image", "object", "embed"])
def test_sound_is_for_the_player_and_no_page_of_its_own(heard, manager, place):
    path, _ = heard
    assert manager.get(path, Sec_Fetch_Dest=place).status == 403


def test_no_plain_sound_lies_on_a_disk(box, heard):
    _, whole = heard
    for path in box.config.folders.run.rglob("*"):
        if path.is_file():
            assert whole[2000:2100] not in path.read_bytes()


def test_the_simple_version_is_a_wav_of_the_calls_length_that_sounds_the_same(heard, manager):
    path, _ = heard
    answer = manager.get(f"{path}.wav")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "audio/wav")
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    with wave.open(io.BytesIO(answer.body)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
        assert sound.getnframes() == 24 * 8000
        samples = np.frombuffer(sound.readframes(24 * 8000), "<i2").astype(float)
    assert loudest_hz(samples[4000:12000]) == pytest.approx(220, abs=4)
    assert loudest_hz(samples[20000:28000]) == pytest.approx(330, abs=4)


def loudest_hz(samples):
    return float(np.argmax(np.abs(np.fft.rfft(samples * np.hanning(len(samples))))) * 8000 / len(samples))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_range_of_the_simple_version_is_that_part_of_the_whole(heard, manager, data):
    path, _ = heard
    whole = manager.get(f"{path}.wav").body
    first = data.draw(st.integers(0, 43) | st.integers(0, len(whole) - 1))
    last = min(len(whole) - 1, first + data.draw(st.integers(0, 20_000)))
    answer = manager.get(f"{path}.wav", Range=f"bytes={first}-{last}")
    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
    assert len(answer.body) == last + 1 - first
    head = max(0, 44 - first)
    assert answer.body[:head] == whole[first : first + head][: len(answer.body)]
    start = max(first, 44) + max(first, 44) % 2
    wanted = np.frombuffer(whole[start : start + (last + 1 - start) // 2 * 2], "<i2").astype(float)
    got = np.frombuffer(answer.body[start - first :][: 2 * len(wanted)], "<i2").astype(float)
    # A decoder that begins in the middle is never the same to the last bit (RFC 7845, 4.6).
    if len(wanted) > 200:
        assert np.sqrt(np.mean((wanted - got) ** 2)) < 0.1 * np.sqrt(np.mean(wanted**2)) + 200


def test_the_simple_version_too_is_heard_only_once_its_purpose_is_said(box, manager):
    answer = manager.get(f"/calls/{box.other_call}/audio.wav", Range="bytes=0-99")
    assert (answer.status, answer.body) == (403, b"")
