"""A stretch of a recording as a stream of its own, checked with an Ogg Opus decoder nobody here wrote."""

import io
import struct

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import RATE
from appliance.capture.opus import OpusStream
from appliance.errors import AudioUnreadable
from appliance.keeper.excerpt import Excerpt, checksum

SECONDS = 12


def staircase():
    """Twelve seconds of tone, each second at a pitch of its own: 300 Hz, 400 Hz ..."""
    sink, at = io.BytesIO(), np.arange(RATE) / RATE
    stream = OpusStream(sink)
    for second in range(SECONDS):
        stream.write((0.3 * np.sin(2 * np.pi * (300 + 100 * second) * at)).astype(np.float32))
    stream.close()
    return sink.getvalue()


@pytest.fixture(scope="module")
def plain():
    return staircase()


def reader(data):
    return lambda offset, length: data[offset : offset + length]


def decoded(data):
    with av.open(io.BytesIO(data)) as container:
        frames = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
        return np.concatenate(frames), container.streams.audio[0].rate


def pitch(samples, rate):
    return np.argmax(np.abs(np.fft.rfft(samples * np.hanning(len(samples))))) * rate / len(samples)


def whole(excerpt, piece=1000):
    data = b""
    while part := excerpt.read(len(data), piece):
        data += part
    return data


def test_what_sounds_is_the_stretch_and_nothing_beside_it(plain):
    excerpt = Excerpt(reader(plain), len(plain), 4.0, 6.0)
    data = whole(excerpt)
    samples, rate = decoded(data)
    assert len(data) == excerpt.total
    assert excerpt.seconds == pytest.approx(2.0, abs=0.25)
    assert len(samples) / rate == pytest.approx(2.0, abs=0.25)
    assert pitch(samples[rate // 4 : rate * 3 // 4], rate) == pytest.approx(700, abs=5)
    assert pitch(samples[rate * 5 // 4 : rate * 7 // 4], rate) == pytest.approx(800, abs=5)
    outside = decoded(plain)[0]
    assert len(outside) / rate == pytest.approx(SECONDS, abs=0.1)


def test_a_page_beyond_the_stretch_is_at_most_a_fifth_of_a_second(plain):
    for first, last in ((0.0, 0.1), (3.01, 3.02), (11.9, 12.0), (5.0, 99.0)):
        wanted = min(last, SECONDS) - first
        assert wanted <= Excerpt(reader(plain), len(plain), first, last).seconds + 0.01 <= wanted + 0.45


def test_every_page_is_numbered_timed_and_summed_anew(plain):
    data, at, pages = whole(Excerpt(reader(plain), len(plain), 4.0, 6.0)), 0, []
    while at < len(data):
        _, _, kind, granule, _, sequence, crc, segments = struct.unpack_from("<4sBBqIIIB", data, at)
        size = 27 + segments + sum(data[at + 27 : at + 27 + segments])
        page = bytearray(data[at : at + size])
        page[22:26] = bytes(4)
        assert checksum(page) == crc
        pages.append((kind, granule, sequence))
        at += size
    assert [sequence for _, _, sequence in pages] == list(range(len(pages)))
    assert [kind & 4 for kind, _, _ in pages] == [0] * (len(pages) - 1) + [4]
    granules = [granule for _, granule, _ in pages[2:]]
    assert granules == sorted(granules)
    assert 0 < granules[0] <= 48_000 // 4


def test_the_sums_are_those_that_the_encoder_wrote(plain):
    size = 27 + plain[26] + sum(plain[27 : 27 + plain[26]])
    page = bytearray(plain[:size])
    (crc,) = struct.unpack_from("<I", page, 22)
    page[22:26] = bytes(4)
    assert checksum(page) == crc


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_range_is_that_of_the_whole(plain, data):
    excerpt = Excerpt(reader(plain), len(plain), 2.0, 7.5)
    everything = whole(excerpt, 100_000)
    offset = data.draw(st.integers(0, excerpt.total + 10))
    length = data.draw(st.integers(0, 20_000))
    assert excerpt.read(offset, length) == everything[offset : offset + length]


def test_a_recording_cut_in_a_page_and_what_is_no_stream_are_told_apart(plain):
    assert Excerpt(reader(plain[:-7]), len(plain) - 7, 0.0, 99.0).seconds > SECONDS - 0.5
    with pytest.raises(AudioUnreadable):
        Excerpt(reader(bytes(5000)), 5000, 0.0, 1.0)
    with pytest.raises(AudioUnreadable):
        Excerpt(reader(plain), len(plain), 50.0, 60.0)
