"""What an exchange sends to say who is calling: the message's bytes, and those bytes as frequency shift keying.

Sources: BT SIN 227 and SIN 242, ETSI EN 300 659-1 and -3, Telcordia GR-30-CORE. Written independently of the decoder.
"""

from dataclasses import dataclass

import numpy as np

from appliance.audio import RATE, Samples, positions
from appliance.capture.simulator import waves

BAUD = 1200
WITHHELD = b"P"
UNAVAILABLE = b"O"
ALERT_HZ = (2130.0, 2750.0)
"""The idle-state tone alert signal that wakes a British display (SIN 227)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What is to be told. Neither number nor absence: the message says the number is unavailable."""

    number: str | None = None
    name: str | None = None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Modem:
    """One keying: the mark and space frequencies, and how many bits of seizure and of mark come first."""

    mark_hz: float
    space_hz: float
    seizure_bits: int
    mark_bits: int


V23_ETSI = Modem(1300, 2100, 300, 180)
BELL_202 = Modem(1200, 2200, 300, 180)


def _sealed(kind: int, body: bytes) -> bytes:
    """Type, length, body and the checksum that makes all bytes sum to 0 modulo 256."""
    head = bytes((kind, len(body))) + body
    return head + bytes((-sum(head) & 0xFF,))


def message(caller: Caller, when: str) -> bytes:
    """A multiple data message (0x80). ``when`` is MMDDHHMM."""
    parts = [(0x01, when.encode("ascii"))]
    absence = WITHHELD if caller.withheld else UNAVAILABLE
    if caller.number and not caller.withheld:
        parts.append((0x02, caller.number.encode("ascii")))
    else:
        parts.append((0x04, absence))
    if caller.name and not caller.withheld:
        parts.append((0x07, caller.name.encode("ascii")))
    return _sealed(0x80, b"".join(bytes((kind, len(value))) + value for kind, value in parts))


def british_message(caller: Caller, when: str) -> bytes:
    """The same with the call type first, as SIN 242 has it (0x01: a voice call)."""
    body = message(caller, when)[2:-1]
    return _sealed(0x80, bytes((0x11, 1, 0x01)) + body)


def single_message(caller: Caller, when: str) -> bytes:
    """A single data message (0x04): the older American form, date and number only."""
    number = caller.number.encode("ascii") if caller.number and not caller.withheld else None
    return _sealed(0x04, when.encode("ascii") + (number or (WITHHELD if caller.withheld else UNAVAILABLE)))


def keyed(data: bytes, modem: Modem, dbfs: float, twist_db: float = 0.0) -> Samples:
    """``data`` as one burst: seizure, mark, then each byte with its start and stop bit, lowest bit first.

    ``twist_db`` is by how much the space frequency is louder: lines fall off towards the top of the band.
    """
    octets = np.unpackbits(np.frombuffer(data, np.uint8)[:, None], axis=1, bitorder="little")
    start, stop = np.zeros((len(data), 1), np.uint8), np.ones((len(data), 1), np.uint8)
    framed = np.concatenate((start, octets, stop), axis=1).ravel()
    seizure = np.arange(modem.seizure_bits, dtype=np.uint8) % 2
    bits = np.concatenate((seizure, np.ones(modem.mark_bits, np.uint8), framed, np.ones(3, np.uint8)))
    which = bits[(np.arange(len(bits) * RATE // BAUD) * BAUD) // RATE].astype(bool)
    phase = 2 * np.pi * np.cumsum(np.where(which, modem.mark_hz, modem.space_hz)) / RATE
    weight = np.where(which, waves.amplitude(-twist_db / 2), waves.amplitude(twist_db / 2))
    return waves.at_level((weight * np.sin(phase)).astype(np.float32), dbfs)


def alert(dbfs: float, ms: float = 100.0, detune: float = 1.0) -> Samples:
    """The dual tone which goes before a British message: 88 to 110 ms, within 1.1 % of its frequencies."""
    tone = waves.sines(tuple(hz * detune for hz in ALERT_HZ), positions(ms / 1000))
    return waves.faded(waves.at_level(tone, dbfs), 2.0)


def british_exchange(rng: np.random.Generator) -> Modem:
    """One exchange's keying within what SIN 227 allows: 96 to 315 bits of seizure, 55 to 90 of mark."""
    return Modem(1300, 2100, int(rng.integers(96, 316)), int(rng.integers(55, 91)))


def dtmf_text(caller: Caller, frames: tuple[str, str, str]) -> str:
    """The keys that tell of the caller; ``frames`` are for a number, for withheld and for unavailable."""
    if caller.withheld:
        return frames[1]
    return frames[0].format(caller.number) if caller.number else frames[2]
