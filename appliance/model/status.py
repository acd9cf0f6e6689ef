"""How the box stands at this moment: what the recorder writes each second and lamp, page and terminal show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from appliance.model.calls import CallId
from appliance.model.proof import Proof

_SILENCE_DBFS = -120.0
"""As in ``appliance.audio``, which would bring NumPy into the keeper and the site: twelve megabytes each."""


class LineState(StrEnum):
    """The words of the lamp, the page and the printed card (see docs/hardware.md)."""

    STARTING = "starting"
    IDLE = "idle"
    RINGING = "ringing"
    RECORDING = "recording"
    PAUSED = "paused"
    OBJECTED = "objected"
    FAULT = "fault"
    OFF = "off"


STATE_WORDS: Mapping[LineState, str] = MappingProxyType(
    {
        LineState.STARTING: "Starting",
        LineState.IDLE: "Idle",
        LineState.RINGING: "Ringing",
        LineState.RECORDING: "Recording",
        LineState.PAUSED: "Paused – not recording",
        LineState.OBJECTED: "Caller objects – not recording",
        LineState.FAULT: "Fault – not recording",
        LineState.OFF: "Recording switched off",
    }
)
"""What people read of a state: on the page, in the terminal, on the lamp's card."""

IN_CALL = frozenset({LineState.RECORDING, LineState.PAUSED, LineState.OBJECTED})
"""There is a call, and the lamp says how it is recorded."""

HEARD = IN_CALL | {LineState.IDLE, LineState.RINGING}
"""The line's sound reaches the recorder."""


@dataclass(frozen=True, slots=True)
class LineStatus:
    """One line now. ``RECORDING`` is said only while sealed bytes reach the disk (``sealed_at`` is the last sync).

    The measures are of a moment in the last second: ``level_dbfs``, the noise ``floor_dbfs`` (1 to 3.4 kHz) and mains
    hum ``hum_dbfs`` are RMS; ``clipped`` is the part of samples at full scale, ``dc`` their mean, of full scale.
    ``proved`` is when the line last brought something; ``skew_ppm`` by how much its card's clock is fast (millionths).
    ``until`` is when a pause ends by itself; ``by`` who asked for a pause or an objection: a username, or "button".
    ``announced_at`` is when callers last heard the message that they are recorded.
    """

    line: int
    name: str
    state: LineState
    since: datetime
    level_dbfs: float
    call_id: CallId | None = None
    sealed_at: datetime | None = None
    fault: str = ""
    simulated: bool = False
    floor_dbfs: float = _SILENCE_DBFS
    hum_dbfs: float = _SILENCE_DBFS
    clipped: float = 0.0
    dc: float = 0.0
    proved: Proof | None = None
    skew_ppm: float | None = None
    until: datetime | None = None
    by: str = ""
    announced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something staff must know. ``key`` names the kind, ``text`` says what is wrong and what to do."""

    key: str
    text: str
    since: datetime
    line: int | None = None


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """The recorder's own word, written at least once a second; older than three seconds, it is no longer true."""

    at: datetime
    started_at: datetime
    lines: tuple[LineStatus, ...]
    alarms: tuple[Alarm, ...] = ()
