"""One line recorded: frames in, sealed calls out. No thread, no clock: the caller says when each frame was heard."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from appliance.audio import SILENCE_DBFS, Frame, level_dbfs, positions
from appliance.capture.detector import Detector, LineMemory
from appliance.events import (
    CallClosed,
    CallMissed,
    CallOpened,
    CallUpdated,
    Event,
    LineSign,
    Phase,
    PhaseChanged,
    Sensor,
    SensorDoubted,
)
from appliance.model.calls import CallFacts, CallId, EndCause
from appliance.model.gaps import GapCause
from appliance.model.proof import Proof
from appliance.recorder.handover import Handover
from appliance.recorder.instant import Instant
from appliance.recorder.line_view import LineView
from appliance.recorder.masking import Unmasked
from appliance.recorder.proving import proof_in
from appliance.recorder.tape import Tape
from appliance.recorder.unkept import Unkept

_LOG = logging.getLogger(__name__)

PREROLL_S = 5.0
"""Recorded before the receiver is lifted: the end of the ringing, and a first word however fast."""

_INHERIT_S = 1.0
"""How much is heard before a call is continued: what came while the recorder was starting is not on time."""


class LineRecorder:
    """Runs the detector over a line and has its tape record what it finds.

    ``feed`` every frame; ``tick`` at least twice a second while real time matters (it syncs, and tries again what
    failed); ``stop`` at the end. A month of simulated calls needs no ``tick``: closing a recording makes it durable.
    """

    def __init__(
        self,
        line: int,
        name: str,
        detector: Detector,
        handover: Handover,
        complexity: int = 5,
        continues: CallId | None = None,
        mask: Unmasked | None = None,
    ) -> None:
        """Record line number ``line`` (from 1), called ``name``.

        ``continues`` is the recording that a restart cut short: ``detector`` was begun inside its call. ``mask`` says
        what may be recorded; None is all.
        """
        self._detector, self._mask = detector, mask or Unmasked()
        self._tape = Tape(line, name, handover, complexity, self._mask)
        self._continues = continues
        self._inherited = False
        self._phase, self._level = Phase.IDLE, SILENCE_DBFS
        self._proved: Proof | None = None
        self._doubted: frozenset[Sensor] = frozenset()

    def feed(
        self,
        frame: Frame,
        heard: Instant,
        signs: Sequence[LineSign] = (),
        lost_by: GapCause = GapCause.OVERRUN,
    ) -> None:
        """Take the next frame, whose last sample was heard at ``heard``, and the signs up to its end.

        ``lost_by`` is why a frame that is ``lost`` was.
        """
        tape = self._tape
        tape.hear(frame, lost_by)
        self._level = level_dbfs(frame.samples)
        if self._continues is not None and tape.end - tape.start >= positions(_INHERIT_S):
            self._inherit(heard)
        for event in self._detector.observe(frame, signs):
            self._heed(event, heard)
        tape.catch_up(heard)
        tape.hand_over(heard)

    def tick(self, now: Instant) -> None:
        """Make durable what is due, and try again what the spool refused."""
        self._tape.sync(now)

    def stop(self, cause: EndCause, now: Instant) -> None:
        """Close the call in progress where the line was last heard; nothing may be fed after it."""
        if self._continues is not None and self._tape.end > self._tape.start:
            self._inherit(now)
            self._tape.catch_up(now)
        self._mask.settle()
        for event in self._detector.finish(self._tape.end, cause):
            self._heed(event, now)
        if (facts := self.facts) is not None:
            self._close(replace(facts, end=self._tape.end, cause=cause), now)

    def abandon(self) -> None:
        """Let go of a recording that cannot be closed; what was sealed of it stays, marked as cut short."""
        self._tape.abandon()

    def memory(self) -> LineMemory:
        """Return what the detector has learnt of the line."""
        return self._detector.memory()

    @property
    def facts(self) -> CallFacts | None:
        """What is known of the call in progress; None while there is none."""
        return self._tape.recording.facts if self._tape.recording is not None else None

    @property
    def in_call(self) -> bool:
        """Whether a call is being recorded, or the one of before a restart is about to be again."""
        return self._tape.recording is not None or self._continues is not None

    def unkept(self) -> list[Unkept]:
        """Return what was heard since this was last asked and could not be kept, for the gap ledger."""
        return self._tape.unkept()

    def held(self) -> Instant | None:
        """Return from when on what was heard is in memory alone; None where the disk takes it as it comes."""
        return self._tape.held()

    @property
    def view(self) -> LineView:
        """How the line stands; may be asked from another thread."""
        recording = self._tape.recording
        return LineView(
            phase=self._phase,
            level_dbfs=self._level,
            call_id=recording.opening.call_id if recording else None,
            sealed_at=recording.sealed_at if recording else None,
            trouble=self._tape.trouble,
            lost_calls=self._tape.lost_calls,
            proved=self._proved,
            doubted=self._doubted,
        )

    def _heed(self, event: Event, heard: Instant) -> None:
        if self._continues is not None and isinstance(event, CallOpened | CallClosed):
            self._inherit(heard)
        if kind := proof_in(event):
            self._proved = Proof(heard.moment.at, kind)
        match event:
            case PhaseChanged():
                self._phase = event.phase
            case CallOpened():
                self._opened(event, heard)
            case CallUpdated():
                self._tape.tell(event.facts)
            case CallClosed():
                self._close(event.facts, heard)
                self._mask.call_over(event.facts.end)
            case CallMissed():
                self._tape.note_missed(event.facts, heard)
            case SensorDoubted():
                self._doubted = self._doubted ^ {event.sensor}
                _LOG.warning("%s sensor: %s", event.sensor, "doubted" if event.doubted else "believed again")

    def _inherit(self, heard: Instant) -> None:
        """Go on with the call that was being recorded before a restart, from the first sample there is."""
        position = self._tape.start
        self._tape.begin(position, CallFacts(position, position, position, answered=True), heard, self._continues)
        self._continues, self._inherited = None, True

    def _opened(self, event: CallOpened, heard: Instant) -> None:
        if self._inherited and self.facts is not None:
            self._tape.tell(event.facts)
            self._inherited = False
            return
        if (facts := self.facts) is not None:  # a detector that forgot to close: two calls must never become one
            self._close(replace(facts, end=event.at, cause=EndCause.NEXT_CALL), heard)
        self._tape.begin(event.at - positions(PREROLL_S), event.facts, heard)

    def _close(self, facts: CallFacts, heard: Instant) -> None:
        self._inherited = False
        self._tape.close(facts, heard)
