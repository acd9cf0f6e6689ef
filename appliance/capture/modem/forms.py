"""The forms of sound a modem offers (``AT+VSM=?``, ITU-T V.253), which of them is taken, and how it becomes samples.

A line of the answer is a number, a name in quotation marks, bits a sample, and rates in Hz; the rest differs by maker.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from appliance.audio import RATE, Samples

_OFFER = re.compile(r'^\s*(\d{1,5})\s*,\s*"?([^",]*)"?\s*,\s*(\d{1,2})\s*,(.*)$')


class Coding(StrEnum):
    """How a sample is written."""

    LINEAR_16 = "16-bit linear"
    MU_LAW = "mu-law"
    A_LAW = "A-law"
    UNSIGNED_8 = "8-bit unsigned linear"
    SIGNED_8 = "8-bit signed linear"


_BEST_FIRST = tuple(Coding)


@dataclass(frozen=True, slots=True)
class Form:
    """One form: the modem's ``number`` for it, and the coding it is in. Always 8 kHz: it is a telephone."""

    number: int
    coding: Coding

    @property
    def bytes_per_sample(self) -> int:
        """Bytes a sample takes."""
        return 2 if self.coding is Coding.LINEAR_16 else 1

    def samples(self, data: bytes) -> Samples:
        """Return whole samples of ``data``, full scale 1."""
        if self.coding is Coding.LINEAR_16:
            return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768.0)
        octets = np.frombuffer(data, np.uint8)
        if self.coding is Coding.UNSIGNED_8:
            return (octets.astype(np.float32) - np.float32(128.0)) / np.float32(128.0)
        if self.coding is Coding.SIGNED_8:
            return octets.view(np.int8).astype(np.float32) / np.float32(128.0)
        table = _MU_LAW if self.coding is Coding.MU_LAW else _A_LAW
        decoded: Samples = table[octets]
        return decoded


def offered(lines: Iterable[str]) -> list[Form]:
    """Return the forms in an answer to ``AT+VSM=?`` that can be read, best first."""
    found = []
    for line in lines:
        offer = _OFFER.match(line)
        coding = _coding(offer[2].upper(), int(offer[3]), offer[4]) if offer else None
        if offer and coding:
            found.append(Form(int(offer[1]), coding))
    return sorted(found, key=lambda form: _BEST_FIRST.index(form.coding))


def _coding(name: str, bits: int, rest: str) -> Coding | None:
    """Return what a maker's name for a form means; None for compressed ones, and any that has not 8 kHz."""
    if not _has_rate(rest) or "ADPCM" in name:
        return None
    letters = re.sub(r"[^A-Z0-9]", "", name.replace("\u00b5", "U").replace("\u039c", "U"))
    if bits == 16 and re.search("LINEAR|PCM", letters):
        return Coding.LINEAR_16
    if bits != 8:
        return None
    if re.search("MULAW|ULAW|G711U|ULAWPCM", letters):
        return Coding.MU_LAW
    if re.search("ALAW|G711A", letters):
        return Coding.A_LAW
    if re.search("LINEAR|PCM", letters):
        return Coding.SIGNED_8 if "SIGNED" in letters and "UNSIGNED" not in letters else Coding.UNSIGNED_8
    return None


def _has_rate(rest: str) -> bool:
    """Say whether 8 kHz is among the rates: single, in a list (7200,8000) or in a range (4800-11025)."""
    ranges = ((int(low), int(high)) for low, high in re.findall(r"(\d{4,6})-(\d{4,6})", rest))
    return str(RATE) in re.findall(r"\d+", rest) or any(low <= RATE <= high for low, high in ranges)


def _mu_law() -> Samples:
    """Return the decoding table of ITU-T G.711, mu-law."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, code & 15
    magnitude = (((mantissa.astype(np.int32) << 3) + 132) << exponent) - 132
    return (np.where(code & 0x80, -magnitude, magnitude) / 32768.0).astype(np.float32)


def _a_law() -> Samples:
    """Return the decoding table of ITU-T G.711, A-law."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = ((code >> 4) & 7).astype(np.int32), (code & 15).astype(np.int32)
    magnitude = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 264) << np.maximum(exponent - 1, 0))
    return (np.where(code & 0x80, magnitude, -magnitude) / 32768.0).astype(np.float32)


_MU_LAW, _A_LAW = _mu_law(), _a_law()
