"""Cutting stretches out of a copy of a recording. The original is never touched: samples in, new samples out.

A stretch is a half-open pair of sample positions. What is cut is wholly silent or a wholly new tone: not one of its
samples depends on what was there. The sound beside it fades over 5 ms, outside of the cut, so that a codec has no step
to smear and nothing of the cut to smear from.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from appliance.audio import RATE, Samples
from appliance.casework.cuts import Fill, Redaction
from appliance.errors import RedactionWrong

EDGE_S = 0.005
"""Seconds over which the sound beside a cut fades out and in."""

TONE_HZ = 1000
TONE_PEAK = 0.1
"""Of full scale: -20 dBFS, clearly heard and never a fright."""

Stretch = tuple[int, int]
"""Sample positions from and up to, half open."""


def merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the same samples as the fewest stretches, in order; those that touch become one."""
    out: list[Stretch] = []
    for start, end in sorted(stretch for stretch in stretches if stretch[0] < stretch[1]):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return tuple(out)


def clipped(stretches: Iterable[Stretch], length: int) -> tuple[Stretch, ...]:
    """Return what of ``stretches`` lies within ``length`` samples."""
    return merged((max(0, start), min(end, length)) for start, end in stretches)


def complement(stretches: Iterable[Stretch], length: int) -> tuple[Stretch, ...]:
    """Return what of ``length`` samples no stretch covers."""
    cuts = clipped(stretches, length)
    starts = (0, *(end for _, end in cuts))
    ends = (*(start for start, _ in cuts), length)
    return tuple((start, end) for start, end in zip(starts, ends, strict=True) if start < end)


def stretches_of(redactions: Iterable[Redaction], length: int, rate: int = RATE) -> tuple[Stretch, ...]:
    """Return the samples that redactions cover, rounded outwards, merged.

    Raises:
        RedactionWrong: one has no length, is no number, or lies outside the recording: to leave it out would give away
            what somebody meant to cut.
    """
    return merged(_stretch(redaction, length, rate) for redaction in redactions)


def _stretch(redaction: Redaction, length: int, rate: int) -> Stretch:
    start_s, end_s = redaction.start_s, redaction.end_s
    if not (math.isfinite(start_s) and math.isfinite(end_s) and 0 <= start_s < end_s):
        raise RedactionWrong("A redaction needs a start and a later end, in seconds of the recording.")
    start, end = math.floor(start_s * rate), math.ceil(end_s * rate)
    if start >= length or end > length + rate:
        raise RedactionWrong(f"A redaction lies after the end of the recording ({length / rate:.1f} s).")
    return start, min(end, length)


def redacted(samples: Samples, stretches: Iterable[Stretch], fill: Fill, rate: int = RATE) -> Samples:
    """Return a copy of ``samples``, shape ``(n,)``, with ``stretches`` replaced and the edges beside them faded."""
    cuts = clipped(stretches, len(samples))
    out: Samples = np.array(samples, dtype=np.float32)
    if not cuts:
        return out
    out *= _fades(len(samples), cuts, round(EDGE_S * rate))
    for start, end in cuts:
        out[start:end] = _tone(end - start, rate) if fill is Fill.TONE else 0.0
    return out


def _fades(length: int, cuts: Sequence[Stretch], edge: int) -> NDArray[np.float32]:
    """Return the gain of each sample: 0 at a cut, 1 from ``edge`` samples away, a raised cosine between."""
    gain = np.ones(length, dtype=np.float32)
    ramp = _raised_cosine(edge)
    for start, end in cuts:
        before = gain[max(0, start - edge) : start]
        np.minimum(before, ramp[::-1][edge - len(before) :], out=before)
        behind = gain[end : end + edge]
        np.minimum(behind, ramp[: len(behind)], out=behind)
    return gain


def _tone(length: int, rate: int) -> NDArray[np.float32]:
    """Return a 1 kHz tone that itself begins and ends without a click."""
    tone = TONE_PEAK * np.sin(2 * np.pi * TONE_HZ / rate * np.arange(length))
    edge = min(round(EDGE_S * rate), length // 2)
    ramp = _raised_cosine(edge)
    tone[:edge] *= ramp
    tone[length - edge :] *= ramp[::-1]
    return np.asarray(tone, dtype=np.float32)


def _raised_cosine(edge: int) -> NDArray[np.float32]:
    """Return ``edge`` gains that rise from just above 0 to just below 1."""
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * (np.arange(edge) + 0.5) / max(edge, 1)), dtype=np.float32)
