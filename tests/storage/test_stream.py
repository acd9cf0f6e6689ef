"""Sealed streams: what tink makes of them, what a cut or a changed bit makes of them."""

import io
import os
import random

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealed import KeptBytes, MemorySink, sealed_stream, tink_stream

from appliance.errors import SealBroken, SealIncomplete
from appliance.storage.stream import HEADER, SEGMENT, StreamWriter
from appliance.storage.streamreader import StreamCheck, StreamReader

KEY = bytes(range(32))
EDGES = (0, 1, 967, 968, 969, 1975, 1976, 1977, 2984, 5000)  # 968 fill the first segment, 1008 each one after


def plain_of(size, seed=1):
    return random.Random(seed).randbytes(size)


def opened(blob, key=KEY, associated=b"id", segment=SEGMENT):
    return StreamReader(io.BytesIO(blob), key, associated, segment)


def sizes():
    chance = random.Random(7)
    return [*EDGES, *(chance.randrange(0, 40_000) for _ in range(90))]


def test_tink_reads_what_we_write_from_any_place():
    theirs, chance = tink_stream(KEY), random.Random(1)
    for number, size in enumerate(sizes()):
        plain, aad = plain_of(size, number), f"id-{number}".encode()
        source = theirs.new_decrypting_stream(io.BytesIO(sealed_stream(plain, KEY, aad)), aad)
        assert source.read() == plain
        if size:
            at = chance.randrange(size)
            with theirs.new_decrypting_stream(io.BytesIO(sealed_stream(plain, KEY, aad)), aad) as again:
                again.read(at)
                assert again.read(100) == plain[at : at + 100]


def test_we_read_what_tink_writes_from_any_place():
    theirs, chance = tink_stream(KEY), random.Random(2)
    for number, size in enumerate(sizes()):
        plain, aad, sink = plain_of(size, number), f"id-{number}".encode(), KeptBytes()
        with theirs.new_encrypting_stream(sink, aad) as target:
            target.write(plain)
        reader = opened(sink.kept, associated=aad)
        assert reader.complete
        assert reader.size == size
        assert reader.read() == plain
        for _ in range(3):
            at = chance.randrange(size + 1)
            reader.seek(at)
            assert reader.read(3000) == plain[at : at + 3000]


@settings(deadline=None)
@given(st.binary(max_size=4000), st.integers(1, 900), st.sampled_from([64, 100, 1024]))
def test_any_bytes_in_any_pieces_come_back(plain, chunk, segment):
    reader = opened(sealed_stream(plain, KEY, segment=segment, chunk=chunk), segment=segment)
    assert reader.complete
    assert reader.read() == plain
    assert reader.check().genuine_bytes == len(plain)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 3000)), max_size=8))
def test_seeking_agrees_with_a_plain_file(steps):
    plain = plain_of(5555)
    reader, model = opened(sealed_stream(plain, KEY)), io.BytesIO(plain)
    for at, length in steps:
        reader.seek(at)
        model.seek(at)
        assert reader.read(length) == model.read(length)
    reader.seek(-10, os.SEEK_END)
    assert reader.read() == plain[-10:]


def test_a_stream_cut_at_any_byte_gives_only_genuine_bytes_and_is_never_complete():
    plain = plain_of(5000)
    blob = sealed_stream(plain, KEY)
    for cut in range(len(blob)):
        try:
            reader = opened(blob[:cut])
        except SealIncomplete:
            assert cut < HEADER
            continue
        got = reader.read()
        assert not reader.complete
        assert plain.startswith(got)
        assert len(got) >= max(0, (cut // SEGMENT) * (SEGMENT - 16) - HEADER)


def test_a_changed_bit_is_never_read_as_audio_and_never_complete():
    plain, chance = plain_of(5000), random.Random(3)
    blob = sealed_stream(plain, KEY)
    for _ in range(5000):
        at, bit = chance.randrange(len(blob)), 1 << chance.randrange(8)
        bad = bytearray(blob)
        bad[at] ^= bit
        try:
            reader = opened(bytes(bad))
        except SealBroken:
            assert at < HEADER
            continue
        check = reader.check()
        assert not (check.complete and not check.damaged)
        assert check.genuine_bytes < len(plain)
        for place in (0, 2000, 4500):
            reader.seek(place)
            try:
                got = reader.read(700)
            except SealBroken:
                continue
            assert plain[place:].startswith(got)


def test_damage_inside_names_the_segment_and_leaves_the_rest_readable():
    plain = plain_of(6000)
    blob = bytearray(sealed_stream(plain, KEY))
    blob[2 * SEGMENT + 5] ^= 1
    reader = opened(bytes(blob))
    assert reader.check().damaged == (2,)
    assert reader.read(10_000) == plain[: 968 + 1008]
    with pytest.raises(SealBroken, match="Segment 2 "):
        reader.read(1)
    reader.seek(968 + 2 * 1008)
    assert reader.read() == plain[968 + 2 * 1008 :]


def test_segments_of_one_stream_do_not_pass_for_others():
    chance = random.Random(5)
    plains = plain_of(6000, 1), plain_of(6000, 2)
    blobs = [sealed_stream(plain, KEY) for plain in plains]
    for _ in range(300):
        first, second = chance.sample(range(5), 2)
        swapped, mixed = bytearray(blobs[0]), bytearray(blobs[0])
        cuts = [slice(max(HEADER, n * SEGMENT), (n + 1) * SEGMENT) for n in (first, second)]
        if first and second:
            swapped[cuts[0]], swapped[cuts[1]] = swapped[cuts[1]], swapped[cuts[0]]
            assert set(opened(bytes(swapped)).check().damaged) == {first, second}
        mixed[cuts[0]] = blobs[1][cuts[0]]
        assert opened(bytes(mixed)).check().damaged == (first,)


def test_another_key_or_another_recordings_id_opens_nothing():
    blob = sealed_stream(plain_of(5000), KEY)
    with pytest.raises(SealBroken):
        opened(blob, key=bytes(32))
    with pytest.raises(SealBroken):
        opened(blob, associated=b"another")


def test_one_whole_segment_that_does_not_open_is_no_empty_recording():
    blob = sealed_stream(plain_of(5000), KEY)[:SEGMENT]
    assert opened(blob).size == 968
    with pytest.raises(SealBroken):
        opened(blob, key=bytes(32))


def test_what_follows_the_end_is_not_read_and_the_stream_is_no_longer_complete():
    plain = plain_of(968 + 1008)
    reader = opened(sealed_stream(plain, KEY) + bytes(300))
    assert reader.read() == plain
    assert not reader.complete


def test_a_page_that_the_disk_left_zero_at_the_end_counts_as_torn():
    plain = plain_of(9000)
    blob = bytearray(sealed_stream(plain, KEY))
    blob[4096:] = bytes(len(blob) - 4096)
    reader = opened(bytes(blob))
    assert not reader.complete
    assert reader.read() == plain[: 968 + 3 * 1008]


def test_a_stream_under_way_is_readable_up_to_its_last_whole_segment():
    plain = plain_of(5000)
    reader = opened(sealed_stream(plain, KEY, end=False))
    assert not reader.complete
    assert reader.read() == plain[: 968 + 3 * 1008]


def test_a_writer_that_is_thrown_away_leaves_no_end():
    sink = MemorySink()
    writer = StreamWriter(sink, KEY, b"id")
    writer.write(plain_of(3000))
    del writer
    assert not opened(bytes(sink.data)).complete


def test_after_close_nothing_is_taken_and_the_end_is_written_once():
    sink = MemorySink()
    writer = StreamWriter(sink, KEY, b"id")
    writer.close()
    once = bytes(sink.data)
    writer.close()
    assert bytes(sink.data) == once
    assert sink.closed
    with pytest.raises(ValueError, match="closed"):
        writer.write(b"more")


def test_a_recording_that_is_abandoned_lets_go_of_its_sink_and_never_looks_finished():
    sink = MemorySink()
    writer = StreamWriter(sink, KEY, b"id")
    writer.write(plain_of(3000))
    writer.abandon()
    writer.close()
    assert sink.closed
    assert not opened(bytes(sink.data)).complete
    with pytest.raises(ValueError, match="closed"):
        writer.write(b"more")


def test_a_sync_makes_whole_segments_durable_and_the_end_is_durable_before_the_sink_goes():
    order = []

    class Ordered(MemorySink):
        def sync(self):
            order.append(len(self.data))

        def close(self):
            order.append("closed")

    sink = Ordered()
    writer = StreamWriter(sink, KEY, b"id")
    writer.write(plain_of(3000))
    writer.sync()
    writer.close()
    assert order == [HEADER + 968 + 16 + 2 * SEGMENT, len(sink.data), "closed"]


def test_a_check_says_how_much_there_is_and_how_much_of_it_is_genuine():
    plain = plain_of(5000)
    blob = bytearray(sealed_stream(plain, KEY))
    assert opened(bytes(blob)).check() == StreamCheck(True, 5000, 5000, ())
    blob[2 * SEGMENT + 5] ^= 1
    assert opened(bytes(blob)).check() == StreamCheck(True, 5000, 5000 - 1008, (2,))
    assert opened(sealed_stream(plain, KEY, end=False)).check() == StreamCheck(False, 3992, 3992, ())


def test_a_reader_can_be_read_and_sought_as_files_can_and_not_before_the_start():
    reader = opened(sealed_stream(plain_of(3000), KEY))
    assert reader.readable()
    assert reader.seekable()
    assert reader.seek(100) == reader.tell() == 100
    assert reader.seek(-20, os.SEEK_CUR) == 80
    assert reader.seek(-3000, os.SEEK_END) == 0
    with pytest.raises(ValueError, match="before the start"):
        reader.seek(-1)
    reader.seek(4000)
    assert reader.read(10) == b""


def test_the_length_of_what_was_written_is_told_and_counted():
    writer = StreamWriter(MemorySink(), KEY, b"id")
    assert [writer.write(b"x" * size) for size in (0, 5, 2000)] == [0, 5, 2000]
    assert writer.plain_bytes == 2005


def test_a_stream_cut_in_its_header_and_one_that_is_none_are_told_apart():
    blob = sealed_stream(plain_of(10), KEY)
    with pytest.raises(SealIncomplete):
        opened(blob[: HEADER - 1])
    assert opened(blob[:HEADER]).size == 0
    with pytest.raises(SealBroken):
        opened(b"OggS" + bytes(3000))


def test_opus_goes_straight_in_and_comes_out_decodable():
    sink = MemorySink()
    writer = StreamWriter(sink, KEY, b"id")
    with av.open(writer, "w", format="ogg", options={"page_duration": "200000", "flush_packets": "1"}) as container:
        stream = container.add_stream("libopus", rate=8000, layout="mono")
        for second in range(3):
            tone = (8000 * np.sin(np.arange(8000) / 8)).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
            frame.rate, frame.pts = 8000, second * 8000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    writer.close()
    reader = opened(bytes(sink.data))
    assert reader.size == writer.plain_bytes
    with av.open(reader) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples >= 3 * 48_000 * 0.99
