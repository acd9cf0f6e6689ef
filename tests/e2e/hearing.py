"""Comparing what was on a line with what comes out of a recording."""

import io

import av
import numpy as np
import soxr
from pesq import pesq
from scipy.signal import correlate

from appliance.audio import RATE


def decoded(ogg):
    """Decode Ogg Opus to 8 kHz mono float32, as a player would."""
    with av.open(io.BytesIO(ogg)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
        rate = container.streams.audio[0].rate
    samples = np.concatenate(frames, axis=1)[0]
    samples = samples.astype(np.float32) / (32768 if samples.dtype == np.int16 else 1)
    return soxr.resample(samples, rate, RATE).astype(np.float32)


def found_at(needle, hay):
    """Return the sample of ``hay`` at which ``needle`` begins, and how alike they are there (1: the same)."""
    likeness = correlate(hay, needle, mode="valid", method="fft")
    sums = np.concatenate([[0.0], np.cumsum(hay.astype(np.float64) ** 2)])
    energy = np.sqrt((sums[len(needle) :] - sums[: -len(needle)]) * np.sum(needle**2)) + 1e-9
    best = int(np.argmax(likeness / energy))
    return best, float(likeness[best] / energy[best])


def quality(source, heard):
    """PESQ narrow band (ITU-T P.862.1) of two aligned signals at 8 kHz."""
    return pesq(RATE, source, heard, "nb")
