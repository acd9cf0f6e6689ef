"""The encoder: faithful, on time, of constant size, and able to say how many bytes hold how many seconds."""

import io
import struct
import subprocess

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pesq import pesq

from appliance.audio import BLOCK, RATE
from appliance.capture.oggpages import OggPages
from appliance.capture.opus import BIT_RATE, OpusStream
from sounds import lag_and_likeness, speech


class Bytes:
    def __init__(self):
        self.data = bytearray()

    def write(self, data):
        self.data += data
        return len(data)


def encoded(samples, block=BLOCK, complexity=5):
    sink = Bytes()
    opus = OpusStream(sink, complexity)
    for at in range(0, len(samples), block):
        opus.write(samples[at : at + block])
    opus.close()
    return bytes(sink.data), opus


def decoded(data):
    """Decode with FFmpeg's own Opus decoder, not the library that encoded it."""
    with av.open(io.BytesIO(data)) as container:
        to_line = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        frames = [out for frame in container.decode(audio=0) for out in to_line.resample(frame)]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames + to_line.resample(None)])


@pytest.fixture(scope="module")
def source():
    return speech(9.0)


@pytest.fixture(scope="module")
def recording(source):
    return encoded(source)


def test_speech_is_as_good_as_the_line_was(source, recording):
    heard = decoded(recording[0])
    n = min(len(heard), len(source))
    assert pesq(RATE, source[:n], heard[:n], "nb") >= 4.0


def test_what_is_heard_stands_where_it_was_said(source, recording):
    lag, likeness = lag_and_likeness(decoded(recording[0]), source)
    assert abs(lag) < 0.005 * RATE
    assert likeness > 0.98


def test_the_end_is_exactly_where_the_last_sample_was(source, recording):
    data, opus = recording
    assert opus.duration_s == len(source) / RATE
    assert opus.pages.seconds_in(len(data)) == pytest.approx(opus.duration_s, abs=0.001)
    assert len(decoded(data)) == pytest.approx(len(source), abs=2 * RATE // 100)


def test_bytes_come_at_a_constant_rate_whatever_is_said(source):
    loud, silent = encoded(source)[0], encoded(np.zeros_like(source))[0]
    assert len(loud) == pytest.approx(len(silent), rel=0.001)
    assert len(loud) * 8 / 9.0 == pytest.approx(BIT_RATE, rel=0.1)


def test_a_page_is_written_every_fifth_of_a_second_of_what_is_encoded(source):
    sink = Bytes()
    opus = OpusStream(sink)
    for at in range(0, len(source), BLOCK):
        opus.write(source[at : at + BLOCK])
        in_the_file = opus.pages.seconds_in(len(sink.data))
        assert opus.encoded_s - in_the_file <= 0.4
        assert opus.duration_s - opus.encoded_s <= 1.0
        if at % RATE == 0:
            opus.flush()
            assert opus.encoded_s == opus.duration_s
    opus.close()


@pytest.mark.parametrize("end_s", [0.0, 0.05, 0.2, 3.33, 8.9, 9.0, 20.0])
def test_a_recording_cut_back_to_any_moment_plays_up_to_it(source, recording, end_s):
    data, opus = recording
    part = data[: opus.pages.bytes_for(end_s)]
    assert opus.pages.seconds_in(len(part)) >= min(end_s, 9.0) - 0.001
    assert opus.pages.seconds_in(len(part)) <= end_s + 0.18 + 0.06  # a page, and the packet that its end lies in
    if end_s:
        heard = decoded(part)
        assert len(heard) >= min(end_s, 9.0) * RATE - 2 * RATE // 100
        whole = decoded(data)[: len(heard)]
        np.testing.assert_allclose(heard[: len(heard) - 200], whole[: len(heard) - 200], atol=1e-3)


def test_samples_beyond_full_scale_are_clipped_not_wrapped():
    heard = decoded(encoded(np.full(RATE, 3.0, np.float32))[0])
    assert heard.min() > -0.6


def test_closing_twice_writes_one_end(source):
    sink = Bytes()
    opus = OpusStream(sink)
    opus.write(source[:RATE])
    opus.close()
    length = len(sink.data)
    opus.close()
    assert len(sink.data) == length


class Page:
    """A page as RFC 3533 describes it, read without the code that wrote it; ``data`` begins with it."""

    def __init__(self, data):
        pattern, version, self.kind, self.granule, self.serial, self.number, checksum, segments = struct.unpack_from(
            "<4sBBqIIIB", data
        )
        assert (pattern, version) == (b"OggS", 0)
        lengths = data[27 : 27 + segments]
        self.length = 27 + segments + sum(lengths)
        assert checksum == crc(data[:22] + bytes(4) + data[26 : self.length])
        self.packets, at, begun = [], 27 + segments, 27 + segments
        for length in lengths:
            at += length
            if length < 255:
                self.packets.append(data[begun:at])
                begun = at
        assert begun == self.length, "a packet goes on in another page"


def crc(data):
    """RFC 3533, appendix: polynomial 0x04c11db7, from 0, nothing mirrored or inverted; a bit at a time."""
    register = 0
    for byte in data:
        register ^= byte << 24
        for _ in range(8):
            register = ((register << 1) ^ 0x04C11DB7 if register & 0x80000000 else register << 1) & 0xFFFFFFFF
    return register


def pages_of(data):
    found = []
    while data:
        found.append(Page(data))
        data = data[found[-1].length :]
    return found


HEAD = struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, 312, 8000, 0, 0)


@settings(deadline=None)
@given(
    packets=st.lists(st.integers(0, 1275).map(bytes), max_size=12),
    held=st.lists(st.integers(1, 600).map(bytes), max_size=4),
)
def test_every_packet_lies_whole_in_a_page_that_is_as_the_standard_says(packets, held):
    sink = Bytes()
    writer = OggPages(sink, HEAD, 0.06)
    for packet in packets:
        writer.packet(packet)
    duration_s = 0.06 * len(packets + held)
    writer.end(held, duration_s)
    head, tags, *pages = pages_of(bytes(sink.data))
    assert head.packets == [HEAD]
    assert tags.packets[0].startswith(b"OpusTags")
    assert [page.number for page in (head, tags, *pages)] == list(range(len(pages) + 2))
    assert len({page.serial for page in (head, tags, *pages)}) == 1
    assert [packet for page in pages for packet in page.packets] == packets + held
    assert [page.kind for page in (head, tags, *pages)] == [2, 0, *[0] * (len(pages) - 1), 4]
    assert pages[-1].granule == 312 + round(duration_s * 48000)
    assert writer.whole == len(sink.data)


def test_other_programs_take_the_stream_for_a_sound_one(source, recording, tmp_path):
    (tmp_path / "call.opus").write_bytes(recording[0])
    told = subprocess.run(["opusinfo", tmp_path / "call.opus"], capture_output=True, text=True, check=True).stdout
    assert "WARNING" not in told
    assert "ERROR" not in told
    assert "Playback length: 0m:09.000s" in told
