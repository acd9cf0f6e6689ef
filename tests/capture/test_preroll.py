"""The ring of the newest frames, and the peaks of a recording."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.audio import RATE, Frame
from appliance.capture.peaks import Peaks
from appliance.capture.preroll import PreRoll


def numbered(position, n, lost=False):
    """A frame whose samples tell their own positions."""
    return Frame(position, np.arange(position, position + n, dtype=np.float32), lost)


@given(
    sizes=st.lists(st.integers(1, 900), min_size=1, max_size=200),
    start=st.integers(-2000, 100_000),
    length=st.integers(0, 50_000),
)
def test_the_ring_gives_back_exactly_what_it_holds_of_any_stretch(sizes, start, length):
    ring, position = PreRoll(span_s=2.0), 0
    for size in sizes:
        ring.append(numbered(position, size))
        position += size
    assert ring.end == position
    assert ring.end - ring.start >= min(position, 2 * RATE)
    assert ring.end - ring.start < 2 * RATE + 900
    got = [sample for frame in ring.between(start, start + length) for sample in frame.samples]
    assert got == list(range(max(start, ring.start), min(start + length, ring.end)))


def test_a_stretch_keeps_what_was_lost_apart():
    ring = PreRoll()
    ring.append(numbered(0, 800))
    ring.append(numbered(800, 400, lost=True))
    assert [(f.position, f.end, f.lost) for f in ring.between(700, 900)] == [(700, 800, False), (800, 900, True)]


def test_a_frame_out_of_place_starts_the_ring_afresh():
    ring = PreRoll()
    ring.append(numbered(0, 800))
    ring.append(numbered(5000, 800))
    assert (ring.start, ring.end) == (5000, 5800)


@given(st.lists(st.integers(1, 3000), max_size=12), st.integers(0, 20_000))
def test_peaks_do_not_depend_on_how_the_samples_come(sizes, up_to):
    samples = np.random.default_rng(len(sizes)).uniform(-1, 1, sum(sizes)).astype(np.float32)
    pieces, whole = Peaks(), Peaks()
    at = 0
    for size in sizes:
        pieces.write(samples[at : at + size])
        at += size
    whole.write(samples)
    assert pieces.up_to(up_to) == whole.up_to(up_to)


@pytest.mark.parametrize(("magnitude", "peak"), [(0.0, 0), (0.5, 128), (-0.5, 128), (1.0, 255), (2.0, 255)])
def test_a_peak_is_the_loudest_magnitude_of_its_tenth_of_a_second(magnitude, peak):
    samples = np.zeros(1600, np.float32)
    samples[900] = magnitude
    peaks = Peaks()
    peaks.write(samples)
    assert peaks.up_to(1600) == bytes([0, peak])
    assert peaks.up_to(801) == bytes([0, peak])
    assert peaks.up_to(800) == bytes([0])
