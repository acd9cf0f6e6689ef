"""A line measured with somebody's help: left idle, then used for a call, then hung up. It says what calls show here."""

from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from appliance.audio import Frame, positions
from appliance.capture.clicks import Click, ClickDetector
from appliance.capture.detector import LineMemory
from appliance.capture.detector.hops import Hopper
from appliance.capture.features import HOP, FeatureExtractor, Features
from appliance.capture.floor import IdleFloor, quiet_level

IDLE_S = 10.0
"""How long the line must be left alone."""

CALL_S = 15.0
"""How long the call should last: there must be pauses, in which the open line's floor is heard."""

HUNG_UP_S = 5.0
"""How long to listen after hanging up."""

CLEAR_DB = 2.0
ENOUGH_DB = 0.5
"""An open line this far above the idle one is told from it at once; this far, in twice the time (docs/detection.md)."""

BACK_DB = 1.5
"""A line whose floor comes back to within this of what it was has been hung up."""

_LEAST_HOPS = 5
_OPEN_PART = 4  # the quietest quarter of a call's hops are its pauses
_CLICK_TO_CALL = positions(0.4)  # the hook's own transient, and its ringing in the tap


class Stage(StrEnum):
    """What the person at the line was asked to do."""

    IDLE = "idle"
    CALL = "call"
    HUNG_UP = "hung_up"


class Told(StrEnum):
    """How a call can be told from an idle line."""

    CLEARLY = "clearly"
    BARELY = "barely"
    BY_CLICKS = "by_clicks"
    NOT_AT_ALL = "not_at_all"
    UNMEASURED = "unmeasured"


WORDS = {
    Told.CLEARLY: "A call is told from an idle line by its sound. Nothing need be set.",
    Told.BARELY: "A call is a little louder than an idle line: its beginning and end are found, a second later. "
    "A higher input level on the card helps.",
    Told.BY_CLICKS: "An open line sounds like an idle one: calls are found by the hook's click, tones and voices, and "
    "some end only after a long silence. A hook sensor is advised (docs/hardware.md).",
    Told.NOT_AT_ALL: "The call was not heard. Check that the tap is on this line's pair of wires, and the card's input "
    "level.",
    Told.UNMEASURED: "There was not enough to measure: leave the line idle, then make a call, then hang up.",
}
"""What it means, and what to do."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What was found; levels in dBFS from 1 to 3.4 kHz, None where there was nothing to measure.

    ``click`` is the largest sudden step in the call, of full scale: the hook's, most often. ``came_back`` says that the
    line was as before after hanging up. ``memory`` is what a detector of this line may begin with.
    """

    told: Told
    idle_floor_dbfs: float | None
    open_floor_dbfs: float | None
    lift_db: float | None
    click: float
    came_back: bool
    memory: LineMemory


class Calibration:
    """Takes a line's frames; ``stage`` is set to what the person was asked for last."""

    def __init__(self) -> None:
        """Begin with the line idle."""
        self.stage = Stage.IDLE
        self._hopper, self._features, self._clicks = Hopper(), FeatureExtractor(), ClickDetector()
        self._idle = IdleFloor()
        self._levels: dict[Stage, list[float]] = {stage: [] for stage in Stage}
        self._loudest = -float("inf")
        self._click: Click | None = None

    def hear(self, frame: Frame) -> None:
        """Take the next frame."""
        for hop in self._hopper.hops(frame):
            (features,) = self._features.of([hop])
            clicks = self._clicks.of(features)
            if not features.lost:
                self._take(features, clicks)

    def result(self) -> Calibrated:
        """Return what has been found so far."""
        idle, call = self._floor(Stage.IDLE), self._open_floor()
        lift = None if idle is None or call is None else call - idle
        last = self._levels[Stage.HUNG_UP][-_LEAST_HOPS:]
        back = idle is not None and len(last) == _LEAST_HOPS and abs(median(last) - idle) < BACK_DB
        return Calibrated(
            told=self._told(lift),
            idle_floor_dbfs=idle,
            open_floor_dbfs=call,
            lift_db=lift,
            click=self._click.size if self._click else 0.0,
            came_back=back,
            memory=LineMemory(self._idle.level, self._idle.ringing, lift if lift is not None and back else None),
        )

    def _take(self, features: Features, clicks: list[Click]) -> None:
        stage = self.stage
        if stage is Stage.IDLE:
            self._idle.learn(features)
        for click in clicks if stage is Stage.CALL else ():
            if self._click is None or click.size > self._click.size:
                self._click = click
                self._levels[stage].clear()  # what went before it was the line still idle
        near = self._click is not None and features.end - self._click.at < _CLICK_TO_CALL + HOP
        if stage is not Stage.CALL or not near:
            self._levels[stage].append(quiet_level(features))
        if stage is Stage.CALL:
            self._loudest = max(self._loudest, *features.voice)

    def _floor(self, stage: Stage) -> float | None:
        levels = self._levels[stage]
        return median(levels) if len(levels) >= _LEAST_HOPS else None

    def _open_floor(self) -> float | None:
        """Return the floor in the pauses of the call."""
        levels = sorted(self._levels[Stage.CALL])
        return median(levels[: len(levels) // _OPEN_PART]) if len(levels) >= _LEAST_HOPS * _OPEN_PART else None

    def _told(self, lift: float | None) -> Told:
        if lift is None or self._idle.voice is None:
            return Told.UNMEASURED
        if lift >= ENOUGH_DB:
            return Told.CLEARLY if lift >= CLEAR_DB else Told.BARELY
        heard = self._loudest - self._idle.voice > _HEARD_DB
        return Told.BY_CLICKS if heard else Told.NOT_AT_ALL


_HEARD_DB = 15.0  # above the idle line: a voice or a tone, not a change of the room's noise
