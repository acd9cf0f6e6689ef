"""The features every decision rests on, for one hop of line audio at a time: spectra, bands, sudden steps.

A hop is 200 ms. Its rows are ten frames, one every 20 ms, each seen through a 64 ms Hann window that ends with the
frame; working on rows keeps the cost to a handful of array operations a hop.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appliance.audio import RATE, Samples

HOP = 1600
"""Samples in a hop: 200 ms."""

STEP = 160
"""Samples from one frame to the next: 20 ms."""

ROWS = HOP // STEP

WINDOW = 512
"""Samples in a frame's window: 64 ms, bins of 15.6 Hz; two tones 50 Hz apart are just told apart."""

BIN_HZ = RATE / WINDOW

CELL = 40
"""Samples in a cell of the step detector: 5 ms, shorter than a hook switch's transient."""

CELLS = HOP // CELL

DC_PACE = 0.05
"""How much of a hop's difference the card's direct offset takes over: a time constant of 4 s. Left in, it would fill the
lowest bins of every window, where power ringing lies."""

Power = NDArray[np.float32]
"""Shape ``(ROWS, WINDOW // 2 + 1)``: power per bin; the bins of a full-scale sine add up to 0.5."""

BANDS = {
    "low": (15, 280),
    "ringing": (15, 700),
    "voice": (280, 3400),
    "high": (1000, 3400),
    "rows": (660, 980),
    "columns": (1170, 1680),
}
"""Hz. ``low``: hum. ``ringing``: power ringing and its harmonics. ``high``: where an open line is louder than a closed
one and hum is not. ``rows`` and ``columns``: the two groups of DTMF frequencies."""


def bin_of(hertz: float) -> int:
    """Return the bin nearest to a frequency."""
    return round(hertz / BIN_HZ)


@dataclass(frozen=True, slots=True)
class Features:
    """One hop. ``low`` to ``columns`` are dBFS in ``BANDS`` per frame, ``cells`` the largest step in each 5 ms.

    ``at`` is the position of the hop's first sample; frame ``i`` covers ``at + i * STEP`` to ``at + (i + 1) * STEP``.
    ``lost`` says that some of what a window saw stands in for audio the card did not deliver.
    """

    at: int
    samples: Samples
    power: Power
    low: list[float]
    ringing: list[float]
    voice: list[float]
    high: list[float]
    rows: list[float]
    columns: list[float]
    cells: NDArray[np.float32]
    lost: bool

    @property
    def end(self) -> int:
        """The position just after the hop."""
        return self.at + HOP


class FeatureExtractor:
    """Turns hops into features; holds the little audio that a window reaches back."""

    def __init__(self) -> None:
        """Begin in silence."""
        self._history = np.zeros(WINDOW - STEP + HOP, np.float32)
        self._frames = np.lib.stride_tricks.sliding_window_view(self._history, WINDOW)[::STEP]
        hann = np.hanning(WINDOW + 1)[:-1]
        self._window = (hann * np.sqrt(2.0 / (WINDOW * np.dot(hann, hann)))).astype(np.float32)
        self._bands = np.zeros((WINDOW // 2 + 1, len(BANDS)), np.float32)
        for column, (low, high) in enumerate(BANDS.values()):
            self._bands[bin_of(low) : bin_of(high) + 1, column] = 1.0
        self._lost_before = True
        self._dc: float | None = None

    def of(self, at: int, samples: Samples, *, lost: bool = False) -> Features:
        """Return the features of the hop ``samples`` (``HOP`` of them) at ``at``.

        The hop after a lost one looks back into the hole, and the very first one into nothing: they count as lost.
        """
        samples = self._without_dc(samples)
        history = self._history
        history[:-HOP] = history[HOP:]
        history[-HOP:] = samples
        spectrum = np.fft.rfft(self._frames * self._window)
        power = np.asarray(spectrum.real**2 + spectrum.imag**2, np.float32)
        low, ringing, voice, high, rows, columns = (10.0 * np.log10(power @ self._bands + 1e-12)).T.tolist()
        steps = np.abs(history[-HOP:] - history[-HOP - 1 : -1]).reshape(CELLS, CELL).max(axis=1)
        holed, self._lost_before = lost or self._lost_before, lost
        return Features(at, samples, power, low, ringing, voice, high, rows, columns, steps, holed)

    def _without_dc(self, samples: Samples) -> Samples:
        mean = float(np.add.reduce(samples)) / len(samples)
        self._dc = mean if self._dc is None else self._dc + DC_PACE * (mean - self._dc)
        return samples - np.float32(self._dc)
