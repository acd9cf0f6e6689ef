"""Keyed digits: pairs of tones, one of four rows and one of four columns (ITU-T Q.23, Q.24; ETSI ES 201 235-3)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appliance.audio import RATE
from appliance.capture.features import HOP, Features

ROWS_HZ = (697, 770, 852, 941)
COLUMNS_HZ = (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")

STEP = 80
"""Samples from one look to the next: 10 ms."""

WINDOW = 256
"""Samples of a look's Hann window: 32 ms, less than the shortest digit (40 ms); its lobe is 62 Hz each way."""

OFF_NOMINAL = 0.018
"""Each frequency is probed at its nominal value and this much to either side (accepted: +-1.5 %)."""

EDGE_DB = 6.0
"""A side probe louder than the nominal one by more than this: the tone is off by 2.5 % and more."""

TWIST_DB = 11.0
"""Most that row and column may differ in level; Q.24 asks for 8 and 4 dB, a long line's slope comes on top."""

OWN_PART = 0.7
"""Part of the energy above 560 Hz that the two tones must hold: 15 dB of noise leaves 0.97, clipping 0.8."""

RUNNER_UP_DB = 9.0
"""How far the next best row or column must stay behind."""

GATE_PART = 0.5
"""Part of a 64 ms frame's speech band in the two groups from which it is worth looking closer."""

FADE_DB = 12.0
"""A look that is this much weaker than the digit at its loudest is the gap after it."""

LOOKS = 3
"""Looks in a row that must agree: a digit of 40 ms gives four."""

BRIDGE = 1
"""Looks in a digit that may fail: a click on the line."""


@dataclass(frozen=True, slots=True)
class Digit:
    """One keyed digit (``0-9*#A-D``) from ``start`` to ``end``, sample positions good to 10 ms."""

    key: str
    start: int
    end: int
    level_dbfs: float


@dataclass(slots=True)
class _Run:
    key: str
    start: int
    last: int
    looks: int
    level: float
    missed: int = 0


class DtmfDecoder:
    """Finds the digits in consecutive hops; looks closely only where the two groups of frequencies stand out."""

    def __init__(self) -> None:
        """Begin on a silent line."""
        self._audio = np.zeros(WINDOW - STEP + HOP, np.float32)
        self._looks = np.lib.stride_tricks.sliding_window_view(self._audio, WINDOW)[::STEP]
        hann = np.hanning(WINDOW + 1)[:-1]
        self._window = (hann * np.sqrt(2.0 / (WINDOW * np.dot(hann, hann)))).astype(np.float32)
        self._probes = _probes(hann)
        self._run: _Run | None = None

    @property
    def keying(self) -> bool:
        """True while a digit is being heard."""
        return self._run is not None

    def of(self, features: Features) -> list[Digit]:
        """Return the digits that ended in this hop."""
        self._audio[:-HOP] = self._audio[HOP:]
        self._audio[-HOP:] = features.samples
        digits: list[Digit] = []
        if features.lost or (self._run is None and not _worth_a_look(features)):
            self._finish(digits)
            return digits
        keys, levels = self._closely()
        first = features.at - WINDOW + STEP
        for look, (key, level) in enumerate(zip(keys, levels, strict=True)):
            self._take(first + look * STEP, key, level, digits)
        return digits

    def _closely(self) -> tuple[list[str], list[float]]:
        spectrum = np.fft.rfft(self._looks * self._window)[:, _bin(560) : _bin(3400)]
        total = (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
        parts = self._looks @ self._probes
        power = (parts[:, :24] ** 2 + parts[:, 24:] ** 2).reshape(-1, 8, 3)
        best = power.max(axis=2)
        decibel = 10.0 * np.log10(best + 1e-14)
        centred = decibel - 10.0 * np.log10(power[:, :, 1] + 1e-14) < EDGE_DB
        row, column = decibel[:, :4].argmax(axis=1), decibel[:, 4:].argmax(axis=1) + 4
        looks = np.arange(len(total))
        ordered = np.sort(decibel.reshape(-1, 2, 4), axis=2)
        pure = best[looks, row] + best[looks, column] > OWN_PART * total
        clear = (ordered[:, :, 3] - ordered[:, :, 2] > RUNNER_UP_DB).all(axis=1)
        even = np.abs(decibel[looks, row] - decibel[looks, column]) < TWIST_DB
        good = pure & clear & even & centred[looks, row] & centred[looks, column]
        keys = [KEYS[r][c - 4] if ok else "" for r, c, ok in zip(row, column, good, strict=True)]
        return keys, decibel.max(axis=1).tolist()

    def _take(self, at: int, key: str, level: float, digits: list[Digit]) -> None:
        run = self._run
        if run and key == run.key and level > run.level - FADE_DB:
            run.last, run.looks, run.missed, run.level = at, run.looks + 1, 0, max(run.level, level)
            return
        if run:
            run.missed += 1
            if run.missed <= BRIDGE and level > run.level - FADE_DB:
                return
        self._finish(digits)
        if key:
            self._run = _Run(key, at, at, 1, level)

    def _finish(self, digits: list[Digit]) -> None:
        run, self._run = self._run, None
        if run and run.looks >= LOOKS:
            digits.append(Digit(run.key, run.start + WINDOW // 2 - STEP, run.last + WINDOW // 2 + STEP, run.level))


def _bin(hertz: float) -> int:
    return round(hertz * WINDOW / RATE)


def _probes(hann: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return cosine and sine probes, ``(WINDOW, 2 * 24)``: rows then columns, each below, at and above nominal.

    Scaled so that a probe's power is that of the whole lobe of its tone in ``_closely``'s spectrum.
    """
    shifts = np.array([1.0 - OFF_NOMINAL, 1.0, 1.0 + OFF_NOMINAL])
    hertz = (np.array(ROWS_HZ + COLUMNS_HZ)[:, None] * shifts).ravel()
    turns = 2.0 * np.pi * np.arange(WINDOW)[:, None] * hertz / RATE
    scale = np.sqrt(2.0) / hann.sum()
    return np.concatenate([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32) * (hann * scale)[:, None].astype(
        np.float32
    )


def _worth_a_look(features: Features) -> bool:
    """Say whether a frame has most of its speech band in the two groups of frequencies."""
    for voice, row, column in zip(features.voice, features.rows, features.columns, strict=True):
        least = voice - TWIST_DB - 3.0
        if (
            row > least
            and column > least
            and 10.0 ** ((row - voice) / 10) + 10.0 ** ((column - voice) / 10) > GATE_PART
        ):
            return True
    return False
