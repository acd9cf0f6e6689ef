"""Frequency-shift keyed data bursts at 1200 bit/s, as caller display sends them: ITU-T V.23 and Bell 202."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from appliance.audio import RATE, Samples

BAUD = 1200.0

BIT = RATE / BAUD
"""Samples in a bit: 6.67."""

PASS_HZ = (900.0, 3000.0)
"""What is kept of a burst before it is looked at: hum, room and DC lie below."""

WIDTHS = (3, 5)
"""Samples, less than a bit, over which its frequency is taken."""

TILTS = (1.0, 3.0, 1.0 / 3.0)
"""Gain given to the space against the mark, tried in turn: lines and adaptors slope by up to 9 dB over this octave."""


Signal = NDArray[np.complexfloating[Any, Any]]
"""An analytic signal: what lies at negative frequencies is left out."""


@dataclass(frozen=True, slots=True)
class Modem:
    """A pair of frequencies: ``mark`` is a one and what an idle line sends, ``space`` a zero."""

    mark_hz: float
    space_hz: float


V23 = Modem(1300.0, 2100.0)
BELL_202 = Modem(1200.0, 2200.0)
MODEMS = (V23, BELL_202)


def band_passed(burst: Samples) -> Signal:
    """Return the analytic signal of the burst without what lies outside ``PASS_HZ``; no delay."""
    spectrum = np.zeros(len(burst), np.complex64)
    passed = slice(round(PASS_HZ[0] * len(burst) / RATE), round(PASS_HZ[1] * len(burst) / RATE) + 1)
    spectrum[passed] = 2.0 * np.fft.rfft(burst)[passed]
    signal: Signal = np.fft.ifft(spectrum)
    return signal


def softened(signal: Signal, modem: Modem) -> Iterator[NDArray[np.float32]]:
    """Yield how much each sample of a band-passed burst belongs to a mark (above nought) or a space (below).

    First by the energies at the two frequencies within the one bit centred on the sample, once for each of ``TILTS``;
    they stand noise best. Then by the frequency alone, whatever the two levels: it stands slopes and echoes best.
    """
    mark, space = (_energy(signal, hertz) for hertz in (modem.mark_hz, modem.space_hz))
    for tilt in TILTS:
        yield np.asarray((mark - tilt * space) / (mark + tilt * space + 1e-12), np.float32)
    turn = signal[1:] * signal[:-1].conj()
    middle = np.exp(-2j * np.pi * (modem.mark_hz + modem.space_hz) / 2 / RATE)
    for width in WIDTHS:
        yield -np.angle(_summed(turn * middle, width)).astype(np.float32)


_BIT_CENTRES = np.round((np.arange(10) + 0.5) * BIT).astype(np.intp)
_PLACES = 1 << np.arange(8)


def starts_of(soft: NDArray[np.float32], values: tuple[int, ...]) -> list[int]:
    """Return every sample at which a well-formed octet begins that has one of ``values``."""
    first = np.flatnonzero((soft[:-1] > 0) & (soft[1:] <= 0)) + 1
    first = first[first + _BIT_CENTRES[-1] < len(soft)]
    bits = soft[first[:, None] + _BIT_CENTRES] > 0
    formed = ~bits[:, 0] & bits[:, 9] & np.isin(bits[:, 1:9] @ _PLACES, values)
    starts: list[int] = first[formed].tolist()
    return starts


def octets(soft: NDArray[np.float32], first: int) -> Iterator[tuple[int, float]]:
    """Yield the octets that follow each other from ``first`` on, and where each ends, till one is not well formed.

    An octet is a zero, eight bits with the lowest first, a one; extra ones between octets are passed over. The first
    start bit begins at ``first``, where ``soft`` turns from mark to space.
    """
    at = float(first)
    while at + 10.5 * BIT < len(soft):
        bits = soft[np.round(at + (np.arange(10) + 0.5) * BIT).astype(np.intp)] > 0
        if bits[0] or not bits[9]:
            return
        yield int(bits[1:9] @ _PLACES), at + 10 * BIT
        falling = _next_fall(soft, round(at + 9.4 * BIT), round(at + 20.5 * BIT))
        if falling is None:
            return
        at = falling


def _next_fall(soft: NDArray[np.float32], start: int, stop: int) -> float | None:
    window = soft[start:stop]
    turns = np.flatnonzero((window[:-1] > 0) & (window[1:] <= 0))
    if not len(turns):
        return None
    turn = int(turns[0])
    before, after = float(window[turn]), float(window[turn + 1])
    return start + turn + before / (before - after)


def _energy(signal: Signal, hertz: float) -> NDArray[np.float32]:
    """Return the energy at ``hertz`` within one bit around each sample."""
    turned = signal * np.exp(-2j * np.pi * hertz / RATE * np.arange(len(signal)))
    window = _summed(turned, round(BIT))
    energy: NDArray[np.float32] = (window.real**2 + window.imag**2).astype(np.float32)
    return energy


def _summed(signal: Signal, width: int) -> Signal:
    """Return the sum of the ``width`` (odd) samples around each sample; nothing lies outside."""
    total = np.cumsum(np.concatenate([np.zeros(width // 2 + 1), signal, np.zeros(width // 2)]))
    summed: Signal = total[width:] - total[:-width]
    return summed
