"""The features every decision rests on, hop by hop: spectra, bands, sudden steps.

A hop is 200 ms. Its rows are ten frames, one every 20 ms, each seen through a 64 ms Hann window that ends with the
frame. Calling numpy costs more than what it then does for a hop, so hops are best taken several at a time; what comes
out is the same however they are grouped.
"""

from collections.abc import Sequence
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

LEAD = WINDOW - STEP
"""Samples that a hop's first window reaches back."""

BIN_HZ = RATE / WINDOW
BINS = WINDOW // 2 + 1

CELL = 40
"""Samples in a cell of the step detector: 5 ms, shorter than a hook switch's transient."""

CELLS = HOP // CELL

DC_PACE = 0.05
"""How much of a hop's difference the card's direct offset takes over: a time constant of 4 s. Left in, it would fill
the lowest bins of every window, where power ringing lies."""

DC_MOST = 1e-4
"""Most that it moves from hop to hop: the mean of a hop of loud ringing at 16.7 Hz is 500 times that."""

LOOK_BACK = 8
"""Cells before one that it is measured against: 40 ms, longer than a period of mains hum or a pitch period."""

LEAP = 3.0
"""Times the largest step before it that makes a step sudden. Steady noise reaches 1.6, tones 1; hook switches on open
lines 5 and more."""

QUIET_ROWS = 3
"""Frames of a hop that count as its quiet part: pauses between syllables let the floor through."""

KEY_HZ = (697, 770, 852, 941, 1209, 1336, 1477, 1633)
"""The frequencies of keyed digits, rows then columns (ITU-T Q.23)."""

AROUND_KEY_HZ = 55.0
"""What counts as one of them: 1.5 % off at most, and the window's lobe, 31 Hz to either side."""

BANDS = {
    "low": (15, 280),
    "ringing": (15, 700),
    "voice": (280, 3400),
    "high": (1000, 3400),
    "data": (1000, 2600),
}
"""Hz. ``low``: hum. ``ringing``: power ringing and its harmonics. ``high``: where an open line is louder than a closed
one and hum is not. ``data``: all that caller display by frequency-shift keying sends."""

_KEYED_HZ = (560, 3400)
_LEVELS = len(BANDS)
_RINGING, _VOICE, _HIGH = 1, 2, 3


def bin_of(hertz: float) -> int:
    """Return the bin nearest to a frequency."""
    return round(hertz / BIN_HZ)


@dataclass(frozen=True, slots=True)
class Hop:
    """``HOP`` samples from ``at`` on; ``lost`` when any of them stand in for audio that never came."""

    at: int
    samples: Samples
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Leap:
    """A step in ``cell`` of a hop, ``size`` of full scale, and the largest in the ``LOOK_BACK`` cells before it."""

    cell: int
    size: float
    before: float


@dataclass(frozen=True, slots=True)
class Features:
    """One hop from ``at`` to ``end``; frame ``i`` covers ``at + i * STEP`` to ``at + (i + 1) * STEP``.

    ``audio`` is the hop and ``LEAD`` samples before it; ``squares`` the squared real and imaginary parts of each
    frame's bins, in turn. ``low`` to ``data`` are dBFS in ``BANDS`` per frame. ``loudest`` is the loudest frame's
    ``voice``, ``rumble`` the loudest frame's ``ringing``, ``depth`` the most that one frame's ``ringing`` lies
    above its ``high``; ``quiet`` is the mean of the ``QUIET_ROWS`` quietest frames'
    ``high``, ``lively`` what lies between its loudest and its quietest frame. ``keyed`` is the largest part that one
    row's and one column's frequency have of a frame, told of loud hops only. ``step`` is the largest step from one
    sample to the next, of full scale, and ``leaps`` are those that are sudden. ``lost`` says that some of what a window
    saw stands in for audio the card did not deliver.
    """

    at: int
    end: int
    audio: Samples
    squares: NDArray[np.float32]
    low: list[float]
    ringing: list[float]
    voice: list[float]
    high: list[float]
    data: list[float]
    rumble: float
    loudest: float
    quiet: float
    lively: float
    depth: float
    keyed: float
    step: float
    leaps: list[Leap]
    lost: bool

    @property
    def samples(self) -> Samples:
        """The hop's own samples."""
        return self.audio[LEAD:]


class FeatureExtractor:
    """Turns hops into features; holds the little audio that a window reaches back."""

    def __init__(self) -> None:
        """Begin in silence."""
        self._tail = np.zeros(LEAD, np.float32)
        self._last_cells = _UNKNOWN
        hann = np.hanning(WINDOW + 1)[:-1]
        self._window = (hann * np.sqrt(2.0 / (WINDOW * np.dot(hann, hann)))).astype(np.float32)
        self._bands = _bands()
        self._lost_before = True
        self._dc: float | None = None

    def of(self, hops: Sequence[Hop], loud_dbfs: float = -np.inf) -> list[Features]:
        """Return the features of ``hops``, one or more that follow each other and what came before.

        In hops whose voice band stays below ``loud_dbfs`` keys are not looked for. The hop after a lost one looks back
        into the hole, and the very first one into nothing: they count as lost.
        """
        audio = self._audio(hops)
        squares = self._squares(audio, len(hops))
        sums = squares @ self._bands
        squares = squares.reshape(-1, ROWS, 2 * BINS)
        levels = (10.0 * np.log10(sums[:, :_LEVELS] + 1e-12)).reshape(-1, ROWS, _LEVELS)
        quiet_and_lively = (np.sort(levels[:, :, _HIGH], axis=1) @ _QUIET_AND_LIVELY).tolist()
        depth = (levels[:, :, _RINGING] - levels[:, :, _HIGH]).max(axis=1).tolist()
        loudest = levels.max(axis=1)[:, _RINGING : _VOICE + 1].tolist()
        some = max(voice for _, voice in loudest) >= loud_dbfs
        keyed = _keyed(sums[:, _LEVELS:]) if some else [0.0] * len(hops)
        steps, leaps = self._steps(audio, hops)
        features = []
        for i, (hop, rows) in enumerate(zip(hops, levels.transpose(0, 2, 1).tolist(), strict=True)):
            lost, self._lost_before = hop.lost or self._lost_before, hop.lost
            key = keyed[i] if loudest[i][1] >= loud_dbfs else 0.0
            own = audio[i * HOP : (i + 1) * HOP + LEAD]
            found = (*loudest[i], *quiet_and_lively[i], depth[i], key, steps[i], leaps[i], lost)
            features.append(Features(hop.at, hop.at + HOP, own, squares[i], *rows, *found))
        return features

    def _audio(self, hops: Sequence[Hop]) -> Samples:
        """Return the sound of ``hops``, and ``LEAD`` samples before it, without the card's direct offset."""
        audio = np.concatenate([self._tail, *[hop.samples for hop in hops]])
        rows = audio[LEAD:].reshape(-1, HOP)
        offsets = []
        for mean in (np.add.reduce(rows, axis=1) / HOP).tolist():
            self._dc = mean if self._dc is None else self._dc
            self._dc += max(-DC_MOST, min(DC_MOST, DC_PACE * (mean - self._dc)))
            offsets.append(self._dc)
        rows -= np.array(offsets, np.float32)[:, None]
        self._tail = audio[-LEAD:]
        return audio

    def _squares(self, audio: Samples, hops: int) -> NDArray[np.float32]:
        """Return the squared real and imaginary parts of each frame's bins, in turn."""
        item = audio.itemsize
        frames: Samples = np.ndarray((hops * ROWS, WINDOW), np.float32, audio, 0, (STEP * item, item))
        squares = np.fft.rfft(frames * self._window).view(np.float32)
        return np.square(squares, out=squares)

    def _steps(self, audio: Samples, hops: Sequence[Hop]) -> tuple[list[float], list[list[Leap]]]:
        """Return each hop's ``step`` and ``leaps``; what is lost can be no measure of what comes after it."""
        cells = np.abs(audio[LEAD:] - audio[LEAD - 1 : -1]).reshape(-1, CELL).T.copy().max(axis=0)
        largest = cells.reshape(-1, CELLS).max(axis=1).tolist()
        before = np.concatenate([self._last_cells, cells])
        for i, hop in enumerate(hops):
            if hop.lost:
                before[i * CELLS + LOOK_BACK : (i + 1) * CELLS + LOOK_BACK] = np.inf
        self._last_cells = before[-LOOK_BACK:]
        for reach in (1, 2, 4):
            before = np.maximum(before[:-reach], before[reach:])
        leaps: list[list[Leap]] = [[] for _ in hops]
        for cell in np.flatnonzero(cells >= LEAP * before[:-1]).tolist():
            leaps[cell // CELLS].append(Leap(cell % CELLS, float(cells[cell]), float(before[cell])))
        return largest, leaps


_UNKNOWN = np.full(LOOK_BACK, np.inf, np.float32)

_QUIET_AND_LIVELY = np.zeros((ROWS, 2), np.float32)
_QUIET_AND_LIVELY[:QUIET_ROWS, 0] = 1.0 / QUIET_ROWS
_QUIET_AND_LIVELY[[0, -1], 1] = -1.0, 1.0


def _keyed(sums: NDArray[np.float32]) -> list[float]:
    """Return ``keyed`` of each hop; ``sums`` are the powers at ``KEY_HZ`` and in ``_KEYED_HZ``, a row per frame."""
    keys = sums[:, :-1].reshape(-1, 2, len(KEY_HZ) // 2).max(axis=2).sum(axis=1)
    parts: list[float] = (keys / (sums[:, -1] + 1e-12)).reshape(-1, ROWS).max(axis=1).tolist()
    return parts


def _bands() -> NDArray[np.float32]:
    """Return what sums up ``squares``: the powers in ``BANDS``, at ``KEY_HZ``, and all that is compared with those."""
    keys = [(hertz - AROUND_KEY_HZ, hertz + AROUND_KEY_HZ) for hertz in KEY_HZ]
    edges = [*BANDS.values(), *keys, _KEYED_HZ]
    bands = np.zeros((2 * BINS, len(edges)), np.float32)
    for column, (low, high) in enumerate(edges):
        bands[2 * bin_of(low) : 2 * bin_of(high) + 2, column] = 1.0
    return bands
