"""The detector of one line."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from appliance.audio import RATE, Frame, level_dbfs
from appliance.capture.detector.memory import LineMemory
from appliance.capture.tones import TonePlan
from appliance.events import CallClosed, CallOpened, Event, HookEdge, Phase, PhaseChanged
from appliance.model.calls import CallFacts, EndCause

HOP = 800
OFF_HOOK_DB = 6.0
CONFIRM = 12


class Detector:
    """Listens to one line. ``in_call`` begins inside a call (the recorder restarted in the middle of it)."""

    def __init__(self, plan: TonePlan, memory: LineMemory | None = None, *, in_call: bool = False) -> None:
        """Take the line's tone plan and what was learnt before a restart."""
        self._plan = plan
        floor = memory.idle_floor_dbfs if memory else None
        self._floor = -62.0 if floor is None else floor
        self._buffer = np.zeros(0, np.float32)
        self._at = 0
        self._call: CallFacts | None = CallFacts(0, 0, 0, answered=True) if in_call else None
        self._above = self._below = 0

    def observe(self, frame: Frame, hook: Sequence[HookEdge] = ()) -> list[Event]:
        """Take the next frame and the hook edges up to its end; return what has become known.

        Frames follow each other without a hole. ``hook`` stays empty where no sensor is fitted.
        """
        if not len(self._buffer):
            self._at = frame.position
        self._buffer = np.concatenate([self._buffer, frame.samples])
        events: list[Event] = []
        while len(self._buffer) >= HOP:
            events += self._hop(self._buffer[:HOP])
            self._buffer, self._at = self._buffer[HOP:], self._at + HOP
        return events

    def finish(self, at: int, cause: EndCause) -> list[Event]:
        """Close the open call at ``at``: the line is lost, or the service stops."""
        if self._call is None:
            return []
        closed = CallClosed(replace(self._call, end=at, cause=cause))
        self._call = None
        return [closed]

    def memory(self) -> LineMemory:
        """Return what has been learnt of the line, to be given to the next detector."""
        return LineMemory(idle_floor_dbfs=self._floor)

    def _hop(self, samples: np.ndarray) -> list[Event]:  # type: ignore[type-arg]
        high = level_dbfs(np.diff(samples, 2, prepend=samples[:1], append=samples[-1:]).astype(np.float32))
        if high > self._floor + OFF_HOOK_DB:
            self._above, self._below = self._above + 1, 0
        else:
            self._above, self._below = 0, self._below + 1
            self._floor += 0.05 * (high - self._floor)
        if self._call is None and self._above == 3:
            at = self._at - 3 * HOP
            self._call = CallFacts(at, at, at)
            return [PhaseChanged(at, Phase.TALK), CallOpened(at, self._call)]
        if self._call is not None and self._below == 8 * RATE // HOP:
            end = self._at - self._below * HOP
            closed = CallClosed(replace(self._call, end=end))
            self._call = None
            return [closed, PhaseChanged(end, Phase.IDLE)]
        return []
