from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import RATE, level_dbfs
from appliance.casework.cuts import Fill, Redaction, listed
from appliance.casework.redaction import EDGE_S, clipped, complement, merged, redacted, stretches_of
from appliance.errors import RedactionWrong

LENGTH = 400
EDGE = round(EDGE_S * RATE)
STRETCHES = st.lists(st.tuples(st.integers(-50, 450), st.integers(-50, 450)), max_size=8)


def covered(stretches, length=LENGTH):
    """Sample by sample, the slow way."""
    return [any(start <= at < end for start, end in stretches) for at in range(length)]


def noise(length, seed=1):
    return np.random.default_rng(seed).uniform(-0.9, 0.9, length).astype(np.float32)


@settings(deadline=None)
@given(STRETCHES)
def test_merged_stretches_cover_the_same_samples_in_order_and_apart(stretches):
    out = merged(stretches)
    assert covered(out) == covered(stretches)
    assert all(one[1] < other[0] for one, other in pairwise(out))


@settings(deadline=None)
@given(STRETCHES)
def test_clipped_stretches_lie_inside(stretches):
    out = clipped(stretches, LENGTH)
    assert covered(out) == covered(stretches)
    assert all(0 <= start < end <= LENGTH for start, end in out)


@settings(deadline=None)
@given(STRETCHES)
def test_the_complement_covers_exactly_the_rest(stretches):
    assert covered(complement(stretches, LENGTH)) == [not inside for inside in covered(stretches)]
    assert complement(complement(stretches, LENGTH), LENGTH) == clipped(stretches, LENGTH)


@settings(deadline=None)
@given(st.floats(0, 9.9), st.floats(0.0001, 3))
def test_seconds_become_samples_rounded_outwards(start_s, long_s):
    ((start, end),) = stretches_of([Redaction(start_s, start_s + long_s, "x")], 10 * RATE + RATE * 4)
    assert start / RATE <= start_s
    assert end / RATE >= start_s + long_s
    assert end - start <= long_s * RATE + 2


def test_an_end_just_beyond_the_recording_is_its_end():
    assert stretches_of([Redaction(9.0, 10.4, "x")], 10 * RATE) == ((9 * RATE, 10 * RATE),)


@pytest.mark.parametrize(
    ("start_s", "end_s"),
    [(1.0, 1.0), (2.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0), (0.0, float("inf")), (10.0, 11.0), (1, 99)],
)
def test_a_redaction_that_cannot_be_meant_so_stops_the_export(start_s, end_s):
    with pytest.raises(RedactionWrong):
        stretches_of([Redaction(start_s, end_s, "x")], 10 * RATE)


@settings(deadline=None)
@given(STRETCHES, st.sampled_from(Fill), st.integers(0, 9))
def test_nothing_of_what_was_cut_is_left_and_the_rest_is_only_faded(stretches, fill, seed):
    cuts = clipped(stretches, LENGTH)
    inside = np.array(covered(cuts))
    one, other = noise(LENGTH, seed), noise(LENGTH, seed)
    other[inside] = np.nan
    first, second = redacted(one, cuts, fill), redacted(other, cuts, fill)
    assert np.array_equal(first, second), "what was cut changes what is left"
    assert np.all(np.abs(first[~inside]) <= np.abs(one[~inside]))
    if fill is Fill.SILENCE:
        assert not first[inside].any()


def test_the_original_is_untouched_and_far_sound_is_unchanged():
    original = noise(8000)
    before = original.copy()
    out = redacted(original, [(3000, 4000)], Fill.TONE)
    assert np.array_equal(original, before)
    assert out.dtype == np.float32
    assert np.array_equal(out[: 3000 - EDGE], original[: 3000 - EDGE])
    assert np.array_equal(out[4000 + EDGE :], original[4000 + EDGE :])


def test_the_sound_fades_over_five_milliseconds_on_both_sides():
    out = redacted(np.ones(1000, dtype=np.float32), [(400, 600)], Fill.SILENCE)
    before, behind = out[400 - EDGE : 400], out[600 : 600 + EDGE]
    assert EDGE == 40
    assert np.all(np.diff(before) < 0)
    assert np.allclose(before, behind[::-1])
    assert before[-1] < 0.001
    assert before[0] > 0.999


def test_a_short_sound_between_two_cuts_fades_from_both():
    out = redacted(np.ones(200, dtype=np.float32), [(0, 90), (110, 200)], Fill.SILENCE)
    assert 0 < out[90:110].max() < 0.6
    assert out[90] < 0.001


def test_the_tone_is_one_kilohertz_without_a_click():
    out = redacted(noise(RATE), [(0, RATE)], Fill.TONE)
    spectrum = np.abs(np.fft.rfft(out))
    assert np.argmax(spectrum) == 1000
    assert level_dbfs(out) == pytest.approx(-23.0, abs=0.2)
    assert abs(out[0]) < 1e-3
    assert abs(out[-1]) < 1e-3


@pytest.mark.parametrize("length", [1, 2, 3, 79, 80, 81])
def test_a_cut_shorter_than_its_edges_is_still_cut(length):
    out = redacted(np.ones(500, dtype=np.float32), [(200, 200 + length)], Fill.TONE)
    assert np.abs(out[200 : 200 + length]).max() <= 0.1


def test_the_list_of_redactions_is_in_order_of_time():
    cuts = [Redaction(61.5, 75.049, "a relative's illness"), Redaction(3.25, 7, "another patient's name")]
    assert listed(cuts) == (
        "1. 0:03.25 to 0:07.00: another patient's name",
        "2. 1:01.50 to 1:15.05: a relative's illness",
    )
