"""Signals made from their definitions, independently of the code under test and of the simulator."""

import numpy as np

from appliance.audio import RATE, Frame

ROWS = (697.0, 770.0, 852.0, 941.0)
COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = "123A456B789C*0#D"


def level(dbfs):
    return 10.0 ** (dbfs / 20.0)


def quiet(seconds, dbfs=-72.0, seed=0):
    """White noise."""
    rng = np.random.default_rng(seed)
    return (rng.standard_normal(round(seconds * RATE)) * level(dbfs)).astype(np.float32)


def tone(hertz, seconds, dbfs=-20.0, phase=0.0):
    """A sine of RMS ``dbfs``."""
    t = np.arange(round(seconds * RATE)) / RATE
    return (np.sqrt(2.0) * level(dbfs) * np.sin(2 * np.pi * hertz * t + phase)).astype(np.float32)


def tones(hertz, seconds, dbfs=-20.0):
    return sum(tone(f, seconds, dbfs) for f in hertz)


def digit(key, seconds=0.08, dbfs=-15.0, twist_db=0.0, detune=1.0):
    """A keyed digit: the column ``twist_db`` louder than the row, frequencies ``detune`` times nominal."""
    place = KEYS.index(key)
    row = tone(ROWS[place // 4] * detune, seconds, dbfs - twist_db / 2)
    return row + tone(COLUMNS[place % 4] * detune, seconds, dbfs + twist_db / 2, 0.7)


def dialled(keys, on=0.08, off=0.08, **how):
    return np.concatenate([part for key in keys for part in (digit(key, on, **how), np.zeros(round(off * RATE)))])


def noisy(signal, snr_db, seed=0):
    """The signal with white noise ``snr_db`` below its loud parts."""
    rng = np.random.default_rng(seed)
    power = np.mean(np.square(signal[signal != 0.0]))
    return (signal + rng.standard_normal(len(signal)) * np.sqrt(power * 10 ** (-snr_db / 10))).astype(np.float32)


def fsk(bits, mark, space, dbfs=-25.0, space_db=0.0, baud=1200.0):
    """Continuous-phase keying of ``bits``; the space ``space_db`` louder than the mark."""
    n = int(len(bits) * RATE / baud)
    which = np.array(bits)[np.minimum((np.arange(n) * baud / RATE).astype(int), len(bits) - 1)]
    phase = np.cumsum(2 * np.pi * np.where(which == 1, mark, space) / RATE)
    gain = np.sqrt(2.0) * level(dbfs) * np.where(which == 1, 1.0, level(space_db))
    return (gain * np.sin(phase)).astype(np.float32)


def framed(octets, seizure=96, marks=72):
    """Channel seizure, mark, then each octet with start and stop bit, lowest bit first (V.23, SIN 227)."""
    bits = [i % 2 for i in range(seizure)] + [1] * marks
    for octet in octets:
        bits += [0, *((octet >> place) & 1 for place in range(8)), 1]
    return bits + [1] * 10


def checked(kind, body):
    """A message with its length and checksum (two's complement modulo 256)."""
    head = bytes([kind, len(body)]) + body
    return head + bytes([-sum(head) % 256])


def fields(*pairs):
    return b"".join(bytes([kind, len(text)]) + text for kind, text in pairs)


def ring_burst(seconds, hertz=25.0, dbfs=-10.0, harmonics=(1, 3, 5, 7)):
    parts = [tone(hertz * k, seconds, dbfs - 6.0 * np.log2(k)) for k in harmonics]
    return np.sum(parts, axis=0).astype(np.float32)


def click(peak=0.2, decay_s=0.004):
    """A hook transient: a step that dies away."""
    t = np.arange(round(0.03 * RATE)) / RATE
    return (peak * np.exp(-t / decay_s)).astype(np.float32)


def added(base, at_s, *parts):
    """``base`` with ``parts`` laid over it, one after another from ``at_s`` on."""
    out = base.copy()
    start = round(at_s * RATE)
    for part in parts:
        out[start : start + len(part)] += part[: len(out) - start]
        start += len(part)
    return out


def frames(samples, block=800, position=0):
    samples = np.asarray(samples, np.float32)
    for start in range(0, len(samples), block):
        yield Frame(position + start, samples[start : start + block])


def features(samples):
    """The features of every whole hop of ``samples``."""
    from appliance.capture.features import HOP, FeatureExtractor, Hop

    samples = np.asarray(samples, np.float32)
    hops = [Hop(at, samples[at : at + HOP]) for at in range(0, len(samples) - HOP + 1, HOP)]
    return FeatureExtractor().of(hops)
