"""Sounds of a telephone line as arrays: tones, digits, ringing, hook steps, noise. 8 kHz float32 throughout.

Levels are RMS in dBFS unless a name says peak. Nothing here draws from a clock or keeps a state.
"""

import numpy as np

from appliance.audio import RATE, Samples, positions
from appliance.capture.simulator.signals import Cadence, Segment

PACKET = 160
"""Samples in a packet of an internet telephone: 20 ms."""

_DTMF_ROWS = (697.0, 770.0, 852.0, 941.0)
_DTMF_COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
_DTMF_KEYS = "123A456B789C*0#D"

RINGING_HARMONICS: dict[str, dict[int, float]] = {
    "strong": {1: 1.0, 3: 0.25, 5: 0.09, 7: 0.05},
    "weak": {1: 0.4, 3: 1.0, 5: 0.7, 7: 0.5, 9: 0.3, 11: 0.2},
    "harmonics": {7: 1.0, 9: 0.9, 11: 0.7, 13: 0.6, 15: 0.45, 17: 0.35},
}
"""What a tap passes of power ringing: a wide one all, a small transformer little, some adaptors only the upper part."""


def amplitude(dbfs: float) -> float:
    """The linear value of a level."""
    return float(10.0 ** (dbfs / 20.0))


def at_level(samples: Samples, dbfs: float) -> Samples:
    """Return ``samples`` scaled to the RMS level ``dbfs``; silence stays silence."""
    rms = float(np.sqrt(np.dot(samples, samples) / max(1, len(samples))))
    return samples * np.float32(amplitude(dbfs) / rms) if rms > 0 else samples


def _ramp(samples: Samples, ms: float = 2.0) -> Samples:
    """Switch on and off without a click, as an exchange's tone sender does. Changes and returns ``samples``."""
    n = min(round(ms * RATE / 1000), len(samples) // 2)
    edge = np.linspace(0, 1, n, endpoint=False, dtype=np.float32)
    samples[:n] *= edge
    samples[len(samples) - n :] *= edge[::-1]
    return samples


def sines(frequencies: tuple[float, ...], n: int, weights: tuple[float, ...] = ()) -> Samples:
    """The sum of sines, each of RMS 1 times its weight (1 if none is given)."""
    t = np.arange(n) / RATE
    total = np.zeros(n)
    for frequency, weight in zip(frequencies, weights or (1.0,) * len(frequencies), strict=True):
        total += weight * np.sqrt(2) * np.sin(2 * np.pi * frequency * t)
    return total.astype(np.float32)


def _segment(segment: Segment, n: int, skew_db: float, detune: float) -> Samples:
    if not segment.frequencies:
        return np.zeros(n, np.float32)
    tilt = (amplitude(-skew_db / 2), amplitude(skew_db / 2)) if len(segment.frequencies) == 2 else ()
    sound = sines(tuple(f * detune for f in segment.frequencies), n, tilt)
    if segment.modulation:
        sound *= (1 + 0.9 * np.cos(2 * np.pi * segment.modulation * np.arange(n) / RATE)).astype(np.float32)
    return _ramp(at_level(sound, 0.0))


def cadenced(
    pattern: Cadence, n: int, dbfs: float, *, stretch: float = 1.0, skew_db: float = 0.0, detune: float = 1.0
) -> Samples:
    """``n`` samples of a signal at ``dbfs`` while it sounds.

    ``stretch`` makes all its times longer, ``detune`` all its frequencies higher; ``skew_db`` is by how much the
    upper of two frequencies is louder.
    """
    out = np.zeros(n, np.float32)
    at = index = 0
    while at < n:
        segment = pattern[index % len(pattern)]
        length = min(positions(segment.ms * stretch / 1000) or n, n - at)
        out[at : at + length] = _segment(segment, length, skew_db, detune)
        at, index = at + length, index + 1
    return out * np.float32(amplitude(dbfs))


def digit(key: str, n: int, dbfs: float, twist_db: float = 0.0) -> Samples:
    """One DTMF digit (ITU-T Q.23). ``twist_db`` is by how much the upper frequency is louder."""
    row, column = divmod(_DTMF_KEYS.index(key), 4)
    weights = (amplitude(-twist_db / 2), amplitude(twist_db / 2))
    sound = sines((_DTMF_ROWS[row], _DTMF_COLUMNS[column]), n, weights)
    return _ramp(at_level(sound, dbfs), 1.0)


def power_ringing(kind: str, hz: float, n: int, dbfs: float) -> Samples:
    """A burst of power ringing as a tap of that ``kind`` (``RINGING_HARMONICS``, or ``none``) passes it."""
    harmonics = RINGING_HARMONICS.get(kind)
    if harmonics is None:
        return np.zeros(n, np.float32)
    return _ramp(at_level(sines(tuple(hz * k for k in harmonics), n, tuple(harmonics.values())), dbfs), 4.0)


def hook_step(peak: float, tau_ms: float, ring_hz: float) -> Samples:
    """What a step of the line's direct voltage leaves behind a coupling capacitor: it decays, and rings a little."""
    t = np.arange(round(8 * tau_ms * RATE / 1000)) / RATE
    decay = np.exp(-t * 1000 / tau_ms)
    ringing = 1 + 0.4 * np.exp(-t * 1000 / (0.6 * tau_ms)) * np.sin(2 * np.pi * ring_hz * t)
    return (peak * decay * ringing).astype(np.float32)


def coloured_noise(rng: np.random.Generator, n: int, low_hz: float, high_hz: float, tilt_db: float) -> Samples:
    """``n`` samples of endless (circular) noise of RMS 1 from ``low_hz`` to ``high_hz``, ``tilt_db`` per octave."""
    frequencies = np.fft.rfftfreq(n, 1 / RATE)
    shape = np.where((frequencies >= low_hz) & (frequencies <= high_hz), 1.0, 0.0)
    shape *= np.maximum(frequencies / 1000, 0.01) ** (tilt_db / 6.02)
    phases = rng.uniform(0, 2 * np.pi, len(frequencies))
    return at_level(np.fft.irfft(shape * np.exp(1j * phases), n).astype(np.float32), 0.0)


def warble(n: int, dbfs: float) -> Samples:
    """The British howler: a warble which rises in pitch over and over, and in level from 30 dB below (SIN 351)."""
    t = np.arange(n) / RATE
    frequency = 800.0 + 1700.0 * (t * 2.5 % 1.0)
    swell = 10 ** np.minimum(t / 10 - 1.5, 0)
    sound: Samples = (np.sqrt(2) * np.sin(2 * np.pi * np.cumsum(frequency) / RATE) * swell).astype(np.float32)
    return sound * np.float32(amplitude(dbfs))


def faded(samples: Samples, ms: float = 20.0) -> Samples:
    """A copy of ``samples`` with soft edges."""
    return _ramp(samples.copy(), ms)


def packets_lost(samples: Samples, share: float, rng: np.random.Generator) -> Samples:
    """What arrives over the internet where that ``share`` of the packets does not: nothing is played for a lost one."""
    if not share:
        return samples
    arrived = rng.random(-(-len(samples) // PACKET)) >= share
    return samples * np.repeat(arrived, PACKET)[: len(samples)].astype(np.float32)
