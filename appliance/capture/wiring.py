"""How well a line is wired to its card: a few measures of what comes through, and what they say in plain words.

One block in each second is measured. What is wrong with wiring is wrong all the time, so nothing is said until it has
been so throughout.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from statistics import median

import numpy as np

from appliance.audio import BLOCK, RATE, SILENCE_DBFS, Frame, Samples, level_dbfs

EVERY = RATE
"""From one measured block to the next."""

MINUTES = 120
"""Measures, two minutes, over which something must have been wrong before it is said of a line."""

FULL = 0.98
"""A sample beyond this is taken for cut off: full scale, less what a resampler's ripple takes back."""

NOTHING_DBFS = -90.0
"""Quieter than this there is no wire: one step of 16 bits is -90 dBFS, and any amplifier's own noise is louder."""

HUM_DBFS = -50.0
"""Hum from here on is heard under a far party's speech (about -25 dBFS at the tap), 25 dB below it."""

DC = 0.03
"""Of full scale. A card's own offset is below 0.01; a transformer or a capacitor between line and card passes none."""

CLIPPED = 0.02
"""Part of a block's samples cut off from which it is no longer a peak now and then but a distorted voice."""

CLIPPED_BLOCKS = 5

NOISE_DBFS, NOISE_SPREAD_DB = -40.0, 6.0
"""Above the first from 1 to 3.4 kHz, and never moving by more than the second, is noise: as loud as a voice is there,
which moves by 20 dB with every pause."""

NOISE_MEASURES = 600
"""Measures, ten minutes, for which noise must have lasted: a facsimile's pages are as steady, and shorter."""

_MAINS_HZ = (50.0, 60.0)
_HARMONICS = (1, 2, 3, 5, 7)
_HIGH_HZ, _RINGING_HZ = (1000.0, 3400.0), (15.0, 280.0)
_LEAST = BLOCK // 2


class Fault(StrEnum):
    """What may be wrong with a line's wiring."""

    NOTHING = "nothing"
    HUM = "hum"
    NOISE = "noise"
    CLIPPING = "clipping"
    DIRECT_CURRENT = "direct_current"


WORDS = {
    Fault.NOTHING: "The card hears nothing at all. Plug the line's tap into the card's input, and check that the input "
    "is switched on.",
    Fault.HUM: "There is mains hum under the calls. Move the tap's cable away from mains leads and power supplies, or "
    "fit a tap with an isolating transformer.",
    Fault.NOISE: "There is constant noise, as loud as a voice, and nothing else is heard. Plug the line's tap in "
    "firmly, turn the card's input level down, or try another card: an input with nothing on it sounds so.",
    Fault.CLIPPING: "The line is too loud for the card: loud speech is cut off. Turn the card's input level down.",
    Fault.DIRECT_CURRENT: "The line's direct current reaches the card. Fit a tap with an isolating transformer between "
    "line and card.",
}
"""What is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One block. Levels are RMS in dBFS: ``floor_dbfs`` from 1 to 3.4 kHz, ``hum_dbfs`` at the mains and its harmonics.

    ``clipped`` is the part of samples at full scale, ``dc`` the mean, of full scale. ``ringing``: most of it is below
    speech, as power ringing is, which may be cut off without harm.
    """

    level_dbfs: float = SILENCE_DBFS
    floor_dbfs: float = SILENCE_DBFS
    hum_dbfs: float = SILENCE_DBFS
    clipped: float = 0.0
    dc: float = 0.0
    ringing: bool = False


def measured(samples: Samples) -> Measure:
    """Return the measures of a block of at least 50 ms."""
    dc = float(samples.mean())
    power = _power(samples - np.float32(dc))
    high, low = _band(power, _HIGH_HZ), _band(power, _RINGING_HZ)
    return Measure(
        level_dbfs=level_dbfs(samples),
        floor_dbfs=_dbfs(high),
        hum_dbfs=_dbfs(max(_hum(power, mains) for mains in _MAINS_HZ)),
        clipped=_clipped(samples),
        dc=dc,
        ringing=low > high,
    )


def faults(measures: Sequence[Measure]) -> tuple[Fault, ...]:
    """Return what is wrong with a line that measured so, a second apart."""
    if not measures:
        return ()
    if max(measure.level_dbfs for measure in measures) < NOTHING_DBFS:
        return (Fault.NOTHING,)
    found = []
    if min(measure.hum_dbfs for measure in measures) > HUM_DBFS:
        found.append(Fault.HUM)
    cut = sum(measure.clipped > CLIPPED and not measure.ringing for measure in measures)
    if cut >= min(CLIPPED_BLOCKS, len(measures)):
        found.append(Fault.CLIPPING)
    if abs(median(measure.dc for measure in measures)) > DC:
        found.append(Fault.DIRECT_CURRENT)
    return tuple(found)


class SteadyNoise:
    """Whether a line has had the same loud noise on it, and nothing else, for long."""

    def __init__(self) -> None:
        """Begin with a line that has none."""
        self._lasted, self._least, self._most = 0, 0.0, 0.0

    def hear(self, floor_dbfs: float) -> bool:
        """Take the next measure; return whether there has been noise for ``NOISE_MEASURES``."""
        least, most = min(floor_dbfs, self._least), max(floor_dbfs, self._most)
        if floor_dbfs < NOISE_DBFS:
            self._lasted = 0
        elif self._lasted and most - least <= NOISE_SPREAD_DB:
            self._lasted, self._least, self._most = self._lasted + 1, least, most
        else:
            self._lasted, self._least, self._most = 1, floor_dbfs, floor_dbfs
        return self._lasted >= NOISE_MEASURES


class LineHealth:
    """Measures a line as it goes on: a block a second.

    ``now`` is the last measure, ``faults`` what has been wrong all the time.
    """

    def __init__(self, measures: int = MINUTES) -> None:
        """Judge by the last ``measures``; before there are as many, nothing is wrong."""
        self.now, self.faults = Measure(), tuple[Fault, ...]()
        self._recent: deque[Measure] = deque(maxlen=measures)
        self._noise = SteadyNoise()
        self._next = 0

    def hear(self, frame: Frame) -> None:
        """Take the next frame; what the card lost says nothing of the wire."""
        if frame.end <= self._next or frame.lost or len(frame.samples) < _LEAST:
            return
        self._next = max(self._next + EVERY, frame.end)
        self.now = measured(frame.samples[-BLOCK:])
        self._recent.append(self.now)
        lasting = faults(self._recent) if len(self._recent) == self._recent.maxlen else ()
        self.faults = (*lasting, Fault.NOISE) if self._noise.hear(self.now.floor_dbfs) else lasting

    @property
    def recent(self) -> tuple[Measure, ...]:
        """The last measures, oldest first."""
        return tuple(self._recent)


def _power(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the power in each bin of a Hann window; a sine of RMS 1 has 1 in the bin of its frequency."""
    spectrum = np.fft.rfft(samples * _window(len(samples)))
    power: np.ndarray[tuple[int], np.dtype[np.float64]] = spectrum.real**2 + spectrum.imag**2
    return power


@lru_cache(maxsize=4)
def _window(length: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    hann = np.hanning(length + 1)[:-1]
    window: np.ndarray[tuple[int], np.dtype[np.float64]] = hann * (np.sqrt(2.0) / hann.sum())
    return window


def _clipped(samples: Samples) -> float:
    if float(samples.max()) < FULL and float(samples.min()) > -FULL:  # as nearly always
        return 0.0
    return float(np.mean(np.abs(samples) >= FULL))


def _hum(power: np.ndarray[tuple[int], np.dtype[np.float64]], mains_hz: float) -> float:
    per_bin = RATE / (2 * (len(power) - 1))
    return float(sum(power[round(mains_hz * harmonic / per_bin)] for harmonic in _HARMONICS))


def _band(power: np.ndarray[tuple[int], np.dtype[np.float64]], hertz: tuple[float, float]) -> float:
    """Return the power in a band; a Hann window counts all of it one and a half times."""
    per_bin = RATE / (2 * (len(power) - 1))
    return float(power[round(hertz[0] / per_bin) : round(hertz[1] / per_bin) + 1].sum()) / 1.5


def _dbfs(power: float) -> float:
    return max(SILENCE_DBFS, 10.0 * float(np.log10(power + 1e-12)))
