"""What the detector says as a line goes on: the only things the recorder and ``linekeeper analyse`` listen to.

Positions are samples of the line, and may lie in the past: a boundary is decided when the evidence is in, and moved
back to where it was. ``CallOpened.at`` is never further back than the ring buffer reaches.
"""

from dataclasses import dataclass
from enum import StrEnum

from appliance.model.calls import Caller, CallFacts


class Phase(StrEnum):
    """Where the line is in the life of a call (docs/detection.md)."""

    IDLE = "idle"
    RINGING = "ringing"
    OFF_HOOK = "off_hook"
    DIALLING = "dialling"
    RINGBACK = "ringback"
    TALK = "talk"
    HELD = "held"
    FLASH = "flash"
    REMOTE_CLEAR = "remote_clear"


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The line moved to another phase. For the lamp and the page; calls are told by the events below."""

    at: int
    phase: Phase


@dataclass(frozen=True, slots=True)
class CallOpened:
    """The line went off-hook at ``at``: record from here (and the pre-roll before it). ``facts`` so far."""

    at: int
    facts: CallFacts


@dataclass(frozen=True, slots=True)
class CallUpdated:
    """More is known of the open call: its caller, its dialled number, that it was answered, a mark."""

    facts: CallFacts


@dataclass(frozen=True, slots=True)
class CallClosed:
    """The open call ended at ``facts.end``, which may lie in the past: what was recorded after it is trimmed."""

    facts: CallFacts


@dataclass(frozen=True, slots=True)
class CallMissed:
    """The line rang and nobody picked up: an entry for the list, no audio."""

    facts: CallFacts


class Sensor(StrEnum):
    """What may be fitted to a line beside the tap."""

    HOOK = "hook"
    RING = "ring"


@dataclass(frozen=True, slots=True)
class SensorDoubted:
    """``sensor`` and the sound of the line contradict each other, and the sound is believed; or no longer do."""

    at: int
    sensor: Sensor
    doubted: bool


Event = PhaseChanged | CallOpened | CallUpdated | CallClosed | CallMissed | SensorDoubted


@dataclass(frozen=True, slots=True)
class HookEdge:
    """The hook sensor changed at sample position ``at``; debounced already."""

    at: int
    off_hook: bool


@dataclass(frozen=True, slots=True)
class RingEdge:
    """The ring sensor's contact changed at sample position ``at``. It may follow every period of the ringing."""

    at: int
    active: bool


@dataclass(frozen=True, slots=True)
class RingTold:
    """The tap's own device noticed a burst of ringing that ended about ``at``."""

    at: int


@dataclass(frozen=True, slots=True)
class CallerTold:
    """The tap's own device read caller display off the line; it was complete at ``at``."""

    at: int
    caller: Caller


LineSign = HookEdge | RingEdge | RingTold | CallerTold
"""What may be known of a line besides its sound: from sensors on pins, or from the tap itself (a voice modem)."""
