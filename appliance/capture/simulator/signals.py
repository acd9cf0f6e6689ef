"""The simulator's own table of what exchanges send, country by country.

Written from ITU-T E.180 Supplement 2, Asterisk's indications.conf and the national notes named below, independently of
the detector's tone plans. Notation: ``400+450/400 -/200`` is 400 Hz with 450 Hz for 400 ms, then silence for 200 ms,
repeated; without a slash a tone goes on for ever; ``400*25`` is 400 Hz modulated by 25 Hz.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a signal: ``frequencies`` in Hz (none: silence), ``modulation`` in Hz, ``ms`` (0: for ever)."""

    frequencies: tuple[float, ...]
    modulation: float
    ms: float


Cadence = tuple[Segment, ...]
"""What is repeated until something else happens."""


class CallerIdSystem(StrEnum):
    """How a network tells who is calling."""

    V23_BEFORE_RING = "v23_before_ring"  # SIN 227: line reversal, alert, V.23, then ringing
    V23_AFTER_RING = "v23_after_ring"  # ETSI EN 300 659-1: V.23 in the pause after the first ring
    BELL_202 = "bell_202"  # Telcordia GR-30: Bell 202 in the pause after the first ring
    DTMF = "dtmf"  # ETSI EN 300 659-1 annex B: digits before the first ring
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Signals:
    """All that one country's exchange sends. ``ringing`` is on, off, on, off in ms at ``ring_hz``; ``flash_ms``."""

    dial: Cadence
    ringback: Cadence
    busy: Cadence
    congestion: Cadence
    unobtainable: Cadence
    waiting: Cadence
    ringing: tuple[int, ...]
    ring_hz: float
    caller_id: CallerIdSystem
    flash_ms: tuple[int, int] = (80, 120)
    dtmf_frames: tuple[str, str, str] = ("", "", "")


def cadence(text: str) -> Cadence:
    """Read the notation of this page."""
    return tuple(_segment(part) for part in text.split())


def _segment(text: str) -> Segment:
    tone, _, ms = text.partition("/")
    carrier, _, modulation = tone.partition("*")
    frequencies = () if carrier == "-" else tuple(float(f) for f in carrier.split("+"))
    return Segment(frequencies, float(modulation or 0), float(ms or 0))


SIT = cadence("950/330 1400/330 1800/330 -/1000")
"""Special information tones before a network announcement (ITU-T E.180)."""

HOWLER_US = cadence("1400+2060+2450+2600/100 -/100")
"""Receiver off hook (Telcordia GR-506)."""

_UK_RING = (400, 200, 400, 2000)


def _on_off(hz: str, *ms: int) -> Cadence:
    return cadence(" ".join(f"{'-' if i % 2 else hz}/{length}" for i, length in enumerate(ms)))


def _country(
    hz: str,
    ring: tuple[int, ...],
    busy: tuple[int, ...],
    congestion: tuple[int, ...],
    caller_id: CallerIdSystem,
    *,
    dial: str = "",
    ringback_hz: str = "",
    busy_hz: str = "",
    congested: str = "",
    unobtainable: str = "",
    waiting: str = "",
    ring_hz: float = 25.0,
    flash_ms: tuple[int, int] = (80, 120),
    dtmf_frames: tuple[str, str, str] = ("", "", ""),
) -> Signals:
    busy_hz = busy_hz or hz
    return Signals(
        dial=cadence(dial or hz),
        ringback=_on_off(ringback_hz or hz, *ring),
        busy=_on_off(busy_hz, *busy),
        congestion=cadence(congested) if congested else _on_off(busy_hz, *congestion),
        unobtainable=cadence(unobtainable) if unobtainable else _on_off(busy_hz, *congestion),
        waiting=cadence(waiting or f"{hz}/200 -/200 {hz}/200 -/4000"),
        ringing=ring,
        ring_hz=ring_hz,
        caller_id=caller_id,
        flash_ms=flash_ms,
        dtmf_frames=dtmf_frames,
    )


_V23, _ETSI, _BELL, _DTMF, _NO_ID = (
    CallerIdSystem.V23_BEFORE_RING,
    CallerIdSystem.V23_AFTER_RING,
    CallerIdSystem.BELL_202,
    CallerIdSystem.DTMF,
    CallerIdSystem.NONE,
)
_US_FLASH = (300, 700)
_UK_CONGESTION = (400, 350, 225, 525)
_FRAMES_A = ("A{}C", "B10C", "B00C")  # ETSI EN 300 659-3: number, withheld, unavailable
_FRAMES_D = ("D{}C", "B10C", "D0000000000C")
_FRAMES_DK = ("A{}#", "D1#", "D3#")
_ES_CONGESTION = (200, 200, 200, 200, 200, 600)

COUNTRIES: dict[str, Signals] = {
    "uk": _country(
        "400", _UK_RING, (375, 375), _UK_CONGESTION, _V23,
        dial="350+440", ringback_hz="400+450", unobtainable="400", waiting="400/100 -/4000",
    ),
    "us": _country(
        "440", (2000, 4000), (500, 500), (250, 250), _BELL,
        dial="350+440", ringback_hz="440+480", busy_hz="480+620", waiting="440/300 -/10000",
        ring_hz=20.0, flash_ms=_US_FLASH,
    ),
    "de": _country("425", (1000, 4000), (480, 480), (240, 240), _ETSI, flash_ms=(80, 250)),
    "fr": _country("440", (1500, 3500), (500, 500), (250, 250), _ETSI, ring_hz=50.0, flash_ms=(250, 320)),
    "it": _country("425", (1000, 4000), (500, 500), (200, 200), _ETSI, dial="425/200 -/200 425/600 -/1000"),
    "es": _country("425", (1500, 3000), (200, 200), _ES_CONGESTION, _ETSI),
    "nl": _country("425", (1000, 4000), (500, 500), (250, 250), _DTMF, dtmf_frames=_FRAMES_D),
    "be": _country("425", (1000, 3000), (500, 500), (167, 167), _DTMF, dtmf_frames=_FRAMES_A),
    "ch": _country("425", (1000, 4000), (500, 500), (200, 200), _ETSI),
    "at": _country("420", (1000, 5000), (400, 400), (200, 200), _ETSI, waiting="420/40 -/1960"),
    "dk": _country("425", (1000, 4000), (500, 500), (200, 200), _DTMF, dtmf_frames=_FRAMES_DK),
    "no": _country("425", (1000, 4000), (500, 500), (200, 200), _ETSI),
    "se": _country("425", (1000, 5000), (250, 250), (250, 750), _DTMF, dtmf_frames=_FRAMES_A),
    "fi": _country("425", (1000, 4000), (300, 300), (200, 200), _DTMF, dtmf_frames=_FRAMES_A),
    "pl": _country("425", (1000, 4000), (500, 500), (500, 500), _ETSI),
    "pt": _country("425", (1000, 5000), (500, 500), (200, 200), _ETSI),
    "au": _country("425", _UK_RING, (375, 375), (375, 375), _BELL, dial="413+438", ringback_hz="413+438",
                   congested="425/375 -/375 420/375 -/375"),
    "nz": _country("400", _UK_RING, (500, 500), (250, 250), _BELL, ringback_hz="400+450", ring_hz=20.0),
    "in": _country("400", _UK_RING, (750, 750), (250, 250), _DTMF, dial="400*25", ringback_hz="400*25",
                   dtmf_frames=_FRAMES_D),
    "jp": _country("400", (1000, 2000), (500, 500), (500, 500), _NO_ID, ringback_hz="400*16", ring_hz=16.0),
    "za": _country("400", _UK_RING, (500, 500), (250, 250), _ETSI, dial="400*33", ringback_hz="400*33"),
}  # fmt: skip
"""Country code of the configuration file to its signals."""
