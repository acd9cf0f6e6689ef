"""Keyed digits: pairs of tones, one of four rows and one of four columns (ITU-T Q.23, Q.24; ETSI ES 201 235-3)."""

from dataclasses import dataclass
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from appliance.audio import RATE
from appliance.capture.features import KEY_HZ, LEAD, Features

KEYS = ("123A", "456B", "789C", "*0#D")

STEP = 80
"""Samples from one look to the next: 10 ms."""

WINDOW = 256
"""Samples of a look's Hann window: 32 ms, less than the shortest digit (40 ms); its lobe is 62 Hz each way."""

OFF_NOMINAL = 0.018
"""Each frequency is probed at its nominal value and this much to either side (accepted: +-1.5 %)."""

OFF_MOST = 0.025
"""A digit whose frequencies are off by more, over its whole length, is refused (Q.24: by 3.5 %)."""

GLIDE_MOST = 0.006
"""Most that a tone's frequency may move while it lasts, as a part of it: noise 15 dB below moves it by 0.001, a voice
that passes for two tones by 0.01 and more."""

TWIST_DB = 11.0
"""Most that row and column may differ in level; Q.24 asks for 8 and 4 dB, a long line's slope comes on top."""

OWN_PART = 0.8
"""Part of the energy above 560 Hz that the two tones must hold: 15 dB of noise leaves 0.97; vowels seldom reach it."""

RUNNER_UP_DB = 9.0
"""How far the next best row or column must stay behind."""

GATE_PART = 0.75
"""Part of a 64 ms frame above 560 Hz at one row's and one column's frequency from which it is worth looking closer: the
shortest digit has 0.94 with 15 dB of noise, one hop of speech in forty so much."""

FADE_DB = 12.0
"""A look that is this much weaker than the digit at its loudest is the gap after it."""

LOOKS = 3
"""Looks that must agree: a digit of 40 ms gives three to five."""

BRIDGE = 4
"""Looks in a digit that may fail while it stays loud: a click, a packet lost."""


@dataclass(frozen=True, slots=True)
class Digit:
    """One keyed digit (``0-9*#A-D``) from ``start`` to ``end``, sample positions good to 10 ms."""

    key: str
    start: int
    end: int
    level_dbfs: float


@dataclass(slots=True)
class _Run:
    """A digit being heard; ``off`` are the looks' deviations from nominal, of row and column, as parts of it."""

    key: str
    start: int
    last: int
    level: float
    off: list[tuple[float, float]]
    looks: int = 1
    missed: int = 0

    def is_tuned(self) -> bool:
        """Say whether both tones kept to their frequencies."""
        return all(abs(fmean(off)) < OFF_MOST for off in zip(*self.off, strict=True))

    def is_steady(self) -> bool:
        """Say whether neither tone glided from its first half to its second, as the pitch of a voice does."""
        half = len(self.off) // 2
        if half == 0:
            return False
        first, second = (zip(*part, strict=True) for part in (self.off[:half], self.off[half:]))
        return all(abs(median(a) - median(b)) < GLIDE_MOST for a, b in zip(first, second, strict=True))


@dataclass(frozen=True, slots=True)
class _Look:
    key: str
    level: float
    off: tuple[float, float]


class DtmfDecoder:
    """Finds the digits in consecutive hops; looks closely only where the two groups of frequencies stand out."""

    def __init__(self) -> None:
        """Begin on a silent line."""
        hann = np.hanning(WINDOW + 1)[:-1]
        self._window = (hann * np.sqrt(2.0 / (WINDOW * np.dot(hann, hann)))).astype(np.float32)
        self._probes = _probes(hann)
        self._nominal = _UNKNOWN
        self._run: _Run | None = None

    @property
    def keying(self) -> bool:
        """True while a digit is being heard."""
        return self._run is not None

    def of(self, features: Features) -> list[Digit]:
        """Return the digits that ended in this hop."""
        digits: list[Digit] = []
        if features.lost or (self._run is None and features.keyed < GATE_PART):
            self._finish(digits)
            self._nominal = _UNKNOWN
            return digits
        looks = np.lib.stride_tricks.sliding_window_view(features.audio[LEAD + STEP - WINDOW :], WINDOW)
        first = features.at - WINDOW + STEP
        for number, look in enumerate(self._closely(looks[::STEP])):
            self._take(first + number * STEP, look, digits)
        return digits

    def _closely(self, audio: NDArray[np.float32]) -> list[_Look]:
        spectrum = np.fft.rfft(audio * self._window)[:, _bin(560) : _bin(3400)]
        total = (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
        parts = audio @ self._probes
        power = (parts[:, :24] ** 2 + parts[:, 24:] ** 2).reshape(-1, 8, 3).max(axis=2)
        decibel = 10.0 * np.log10(power + 1e-14)
        looks = np.arange(len(total))
        row, column = decibel[:, :4].argmax(axis=1), decibel[:, 4:].argmax(axis=1) + 4
        ordered = np.sort(decibel.reshape(-1, 2, 4), axis=2)
        pure = power[looks, row] + power[looks, column] > OWN_PART * total
        clear = (ordered[:, :, 3] - ordered[:, :, 2] > RUNNER_UP_DB).all(axis=1)
        even = np.abs(decibel[looks, row] - decibel[looks, column]) < TWIST_DB
        off = self._deviations(parts)
        keys = [KEYS[r][c - 4] if ok else "" for r, c, ok in zip(row, column, pure & clear & even, strict=True)]
        offs = zip(off[looks, row].tolist(), off[looks, column].tolist(), strict=True)
        return [_Look(*look) for look in zip(keys, decibel.max(axis=1).tolist(), offs, strict=True)]

    def _deviations(self, parts: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return how far off nominal each frequency is in each look: how its phase turned since the look before."""
        nominal = parts[:, 1:24:3] - 1j * parts[:, 25::3]
        before = np.concatenate([self._nominal[None], nominal[:-1]])
        self._nominal = nominal[-1]
        turned = np.angle(nominal * before.conj()) - 2.0 * np.pi * _HERTZ * STEP / RATE
        deviations: NDArray[np.float64] = _wrapped(turned) / (2.0 * np.pi * _HERTZ * STEP / RATE)
        return deviations

    def _take(self, at: int, look: _Look, digits: list[Digit]) -> None:
        run = self._run
        if run and look.level > run.level - FADE_DB:
            if look.key == run.key:
                run.last, run.looks, run.missed, run.level = at, run.looks + 1, 0, max(run.level, look.level)
                run.off.append(look.off)
                return
            run.missed += 1
            if not look.key and run.missed <= BRIDGE:
                return
        self._finish(digits)
        if look.key:
            self._run = _Run(look.key, at, at, look.level, [])

    def _finish(self, digits: list[Digit]) -> None:
        run, self._run = self._run, None
        if run and run.looks >= LOOKS and run.is_tuned() and run.is_steady():
            digits.append(Digit(run.key, run.start + WINDOW // 2 - STEP, run.last + WINDOW // 2 + STEP, run.level))


_UNKNOWN = np.zeros(len(KEY_HZ), np.complex64)
_HERTZ = np.array(KEY_HZ)


def _wrapped(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an angle as one between -pi and pi."""
    wrapped: NDArray[np.float64] = (angle + np.pi) % (2.0 * np.pi) - np.pi
    return wrapped


def _bin(hertz: float) -> int:
    return round(hertz * WINDOW / RATE)


def _probes(hann: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return cosine and sine probes, ``(WINDOW, 2 * 24)``: rows then columns, each below, at and above nominal.

    Scaled so that a probe's power is that of the whole lobe of its tone in ``_closely``'s spectrum.
    """
    shifts = np.array([1.0 - OFF_NOMINAL, 1.0, 1.0 + OFF_NOMINAL])
    hertz = (_HERTZ[:, None] * shifts).ravel()
    turns = 2.0 * np.pi * np.arange(WINDOW)[:, None] * hertz / RATE
    scale = np.sqrt(2.0) / hann.sum()
    return np.asarray(np.concatenate([np.cos(turns), np.sin(turns)], axis=1) * (hann * scale)[:, None], np.float32)
