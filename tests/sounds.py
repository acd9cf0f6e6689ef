"""Known sounds for the tests of taps and encoder."""

import wave

import numpy as np
import soxr

from appliance.audio import RATE
from appliance.capture.simulator.pair import SimulatedPair


def speech(s=8.0, seed=3):
    """Line audio of two people talking: float32 at 8 kHz."""
    pair = SimulatedPair(seed=seed)
    pair.lift()
    pair.talk(s)
    audio = pair.audio()
    return audio[-round(s * RATE) :]


def at_rate(samples, rate):
    """The same sound as a card at ``rate`` delivers it: int16."""
    resampled = soxr.resample(samples, RATE, rate, quality="VHQ") if rate != RATE else samples
    return np.clip(np.rint(resampled * 32768), -32768, 32767).astype("<i2")


def write_wav(path, samples, rate=RATE):
    """Write int16 samples, ``(n,)`` or ``(n, channels)``."""
    samples = np.asarray(samples, "<i2").reshape(len(samples), -1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def lag_and_likeness(heard, source, most_s=0.5):
    """Return how many samples ``heard`` is late, and how like the source it is there (correlation, at most 1)."""
    most = round(most_s * RATE)
    n = min(len(heard), len(source))
    spectrum = np.fft.rfft(heard[:n], 2 * n) * np.conj(np.fft.rfft(source[:n], 2 * n))
    products = np.fft.irfft(spectrum)
    lags = np.r_[0 : most + 1, -most:0]
    lag = int(lags[np.argmax(products[lags])])
    a, b = (heard[lag:n], source[: n - lag]) if lag >= 0 else (heard[: n + lag], source[-lag:n])
    return lag, float(np.corrcoef(a, b)[0, 1])
