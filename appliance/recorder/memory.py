"""What the recorder remembers over a restart: what it learnt of each line, and which call was being recorded.

``live/lines.json`` is in clear, so it holds no number: the recording that goes on names the one before, which has it.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from appliance.capture.detector import LineMemory
from appliance.clock import Clock
from appliance.codec import read_json, to_json
from appliance.errors import SealBroken
from appliance.files import replace_quickly
from appliance.model.calls import CallId
from appliance.model.gaps import Why
from appliance.model.proof import Proof
from appliance.recorder.withholding import Withholding

_LOG = logging.getLogger(__name__)

FILE_NAME = "lines.json"

GOING_ON_S = 60.0
"""A call that was being recorded this long before the recorder started, in the same boot, may still be going on."""

GOING_ON_OVER_BOOT_S = 180.0
"""The same over a power cut, by the wall clock: a box takes a minute to start, and a Pi's clock is unsure."""


@dataclass(frozen=True, slots=True)
class RememberedLine:
    """Of one line: what its detector learnt, the recording under way, and when it last brought something.

    ``withheld`` is why that recording was silent then, and ``pause_left_s`` for how long it still would have been.
    """

    memory: LineMemory = field(default_factory=LineMemory)
    open_call: CallId | None = None
    proved: Proof | None = None
    withheld: Why | None = None
    pause_left_s: float | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """Of all lines, by name, at one instant."""

    at: datetime
    boot_id: str
    boottime_s: float
    lines: dict[str, RememberedLine]

    def going_on(self, name: str, clock: Clock) -> CallId | None:
        """Return the recording of a call on line ``name`` that may still be going on now."""
        line = self.lines.get(name)
        if line is None:
            return None
        if self.boot_id == clock.boot_id():
            recent = clock.monotonic() - self.boottime_s < GOING_ON_S
        else:
            recent = abs((clock.now().at - self.at).total_seconds()) < GOING_ON_OVER_BOOT_S
        return line.open_call if recent else None

    def proved(self, name: str) -> Proof | None:
        """Return when line ``name`` last brought something, if that is known."""
        return self.lines[name].proved if name in self.lines else None

    def withhold(self, name: str, withholding: Withholding, clock: Clock) -> None:
        """Withhold from the beginning what was withheld from a call on line ``name`` that may still be going on."""
        line = self.lines.get(name)
        if line is None or line.withheld is None or self.going_on(name, clock) is None:
            return
        gone_s = clock.monotonic() - self.boottime_s if self.boot_id == clock.boot_id() else 0.0
        left_s = None if line.pause_left_s is None else line.pause_left_s - max(0.0, gone_s)
        withholding.go_on(line.withheld.cause, clock.monotonic(), left_s)

    def memory(self, name: str) -> LineMemory | None:
        """Return what was learnt of line ``name``, if anything."""
        return self.lines[name].memory if name in self.lines else None


def recall(live: Path, clock: Clock) -> Remembered:
    """Read what was remembered; nothing, where there is no file or a power cut spoilt it."""
    nothing = Remembered(clock.now().at, clock.boot_id(), clock.monotonic(), {})
    try:
        return read_json(live / FILE_NAME, Remembered) or nothing
    except (SealBroken, OSError):
        _LOG.warning("the memory of the lines is damaged: their idle floors are learnt anew")
        return nothing


def remember(live: Path, lines: dict[str, RememberedLine], clock: Clock) -> None:
    """Write down how the lines are now.

    Raises:
        OSError: it cannot be written.
    """
    remembered = Remembered(clock.now().at, clock.boot_id(), clock.monotonic(), lines)
    replace_quickly(live / FILE_NAME, to_json(remembered))


def keep_learnt(live: Path, name: str, memory: LineMemory, clock: Clock) -> None:
    """Write down what was measured of line ``name`` while no recorder runs; no call is going on then.

    Raises:
        OSError: it cannot be written.
    """
    lines = {other: RememberedLine(line.memory) for other, line in recall(live, clock).lines.items()}
    remember(live, {**lines, name: RememberedLine(memory)}, clock)
