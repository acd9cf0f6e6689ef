"""One line recorded: frames in, sealed calls out. No thread, no clock: the caller says when each frame was heard."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from appliance.audio import SILENCE_DBFS, Frame, level_dbfs, positions, seconds
from appliance.capture.detector import Detector, LineMemory
from appliance.capture.preroll import PreRoll
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
from appliance.recorder import account
from appliance.recorder.handover import Handover
from appliance.recorder.instant import Instant
from appliance.recorder.line_view import LineView
from appliance.recorder.masking import Unmasked
from appliance.recorder.outbox import Unsealed
from appliance.recorder.proving import proof_in
from appliance.recorder.recording import Recording
from appliance.recorder.unkept import Unkept, of_call

_LOG = logging.getLogger(__name__)

PREROLL_S = 5.0
"""Recorded before the receiver is lifted: the end of the ringing, and a first word however fast."""

LONGEST_S = 4 * 3600
"""A recording goes on in another after this long: a receiver left off must not make a file that nobody can open."""

SYNC_S = 0.5
"""Between two syncs at least, so that there is one whenever a card's 0.6 s are taken in. With a block (0.1 s), the
resampler (0.12 s), a page (0.24 s) and a segment (0.34 s) on their way a power cut takes 1.4 s at most; of a line whose
keyed digits are masked, ``masking.LAG`` more."""

_INHERIT_S = 1.0
"""How much is heard before a call is continued: what came while the recorder was starting is not on time."""


class LineRecorder:
    """Runs the detector over a line and records what it finds.

    ``feed`` every frame; ``tick`` at least four times a second while real time matters (it syncs, and tries again what
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
        self._line, self._name, self._complexity = line, name, complexity
        self._detector, self._handover = detector, handover
        self._ring, self._mask = PreRoll(), mask or Unmasked()
        self._outbox = handover.outbox
        self._recording: Recording | None = None
        self._continues = continues
        self._inherited = False
        self._free_from = 0
        self._phase, self._level = Phase.IDLE, SILENCE_DBFS
        self._synced_s = float("-inf")
        self._unkept: list[Unkept] = []
        self._proved: Proof | None = None
        self._doubted: frozenset[Sensor] = frozenset()
        self._lost_by = GapCause.OVERRUN

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
        self._lost_by = lost_by
        self._ring.append(frame)
        self._mask.hear(frame)
        self._level = level_dbfs(frame.samples)
        if self._continues is not None and self._ring.end - self._ring.start >= positions(_INHERIT_S):
            self._inherit(heard)
        for event in self._detector.observe(frame, signs):
            self._heed(event, heard)
        self._catch_up(heard)
        self._hand_over(heard)

    def tick(self, now: Instant) -> None:
        """Make durable what is due, and try again what the spool refused."""
        if self._nothing_to_hand_over():
            self._handover.check(now.boottime_s)
        self._hand_over(now)
        recording = self._recording
        if recording is None or not recording.begun or now.boottime_s - self._synced_s < SYNC_S:
            return
        try:
            recording.sync(now)
            self._synced_s = now.boottime_s
        except OSError as wrong:
            self._refused(wrong, now)

    def stop(self, cause: EndCause, now: Instant) -> None:
        """Close the call in progress where the line was last heard; nothing may be fed after it."""
        if self._continues is not None and self._ring.end > self._ring.start:
            self._inherit(now)
            self._catch_up(now)
        self._mask.settle()
        for event in self._detector.finish(self._ring.end, cause):
            self._heed(event, now)
        if self._recording is not None:
            self._close(replace(self._recording.facts, end=self._ring.end, cause=cause), now)

    def abandon(self) -> None:
        """Let go of a recording that cannot be closed; what was sealed of it stays, marked as cut short."""
        if self._recording is not None:
            self._recording.abandon()
            self._recording = None

    def memory(self) -> LineMemory:
        """Return what the detector has learnt of the line."""
        return self._detector.memory()

    @property
    def facts(self) -> CallFacts | None:
        """What is known of the call in progress; None while there is none."""
        return self._recording.facts if self._recording is not None else None

    @property
    def in_call(self) -> bool:
        """Whether a call is being recorded, or the one of before a restart is about to be again."""
        return self._recording is not None or self._continues is not None

    def unkept(self) -> list[Unkept]:
        """Return what was heard since this was last asked and could not be kept, for the gap ledger."""
        unkept, self._unkept = [*self._unkept, *map(of_call, self._outbox.given_up())], []
        return unkept

    @property
    def view(self) -> LineView:
        """How the line stands; may be asked from another thread."""
        recording = self._recording
        return LineView(
            phase=self._phase,
            level_dbfs=self._level,
            call_id=recording.opening.call_id if recording else None,
            sealed_at=recording.sealed_at if recording else None,
            trouble=self._handover.trouble,
            lost_calls=self._outbox.lost,
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
                if self._recording is not None:
                    self._recording.facts = self._mask.told(event.facts)
            case CallClosed():
                self._close(event.facts, heard)
                self._mask.call_over(event.facts.end)
            case CallMissed():
                self._note_missed(event.facts, heard)
            case SensorDoubted():
                self._doubted = self._doubted ^ {event.sensor}
                _LOG.warning("%s sensor: %s", event.sensor, "doubted" if event.doubted else "believed again")

    def _inherit(self, heard: Instant) -> None:
        """Go on with the call that was being recorded before a restart, from the first sample there is."""
        position = self._ring.start
        facts = CallFacts(position, position, position, answered=True)
        self._recording = self._new(position, facts, heard, self._continues)
        self._continues, self._inherited = None, True

    def _opened(self, event: CallOpened, heard: Instant) -> None:
        if self._recording is not None and self._inherited:
            self._recording.facts, self._inherited = self._mask.told(event.facts), False
            return
        if self._recording is not None:  # a detector that forgot to close: two calls must never become one
            self._close(replace(self._recording.facts, end=event.at, cause=EndCause.NEXT_CALL), heard)
        start = max(event.at - positions(PREROLL_S), self._ring.start, self._free_from)
        self._recording = self._new(start, self._mask.told(event.facts), heard)

    def _new(self, start: int, facts: CallFacts, heard: Instant, continues: CallId | None = None) -> Recording:
        """Return a recording from ``start``, which may be as far back as the pre-roll reaches."""
        first_sample = heard.earlier(self._ring.end - start)
        opening = account.opening(self._line, self._name, first_sample, facts, continues)
        _LOG.info("call %s: recording", opening.call_id)
        return Recording(opening, start, facts, self._complexity)

    def _close(self, facts: CallFacts, heard: Instant) -> None:
        """End the recording where the call ended, cutting off or adding what lies between."""
        recording, self._recording, self._inherited = self._recording, None, False
        if recording is None:
            return
        facts = self._mask.told(facts)
        self._free_from = facts.end
        ended = heard.earlier(self._ring.end - facts.end)
        self._write(recording, facts, facts.end)
        closing = recording.close(facts, ended)
        _LOG.info("call %s: ended after %.1f s (%s)", recording.opening.call_id, closing.duration_s, facts.cause)
        if recording.begun:
            try:
                recording.finish(closing)
            except OSError as wrong:
                recording = self._again(recording, wrong, heard)
                self._write(recording, facts, facts.end)
                closing = recording.close(facts, ended)
            else:
                return
        self._outbox.put(recording.unsealed(closing))
        self._hand_over(heard)

    def _note_missed(self, facts: CallFacts, heard: Instant) -> None:
        opening = account.opening(self._line, self._name, heard.earlier(self._ring.end - facts.start), facts)
        ended = heard.earlier(self._ring.end - facts.end)
        closing = account.closing(facts, facts.start, facts.end, ended)
        _LOG.info("call %s: missed", opening.call_id)
        self._outbox.put(Unsealed(opening, closing, b""))

    def _catch_up(self, heard: Instant) -> None:
        """Encode what the ring has and the recording has not, as far as it may be recorded yet."""
        recording = self._recording
        if recording is None:
            return
        self._write(recording, recording.facts, self._mask.ripe(self._ring.end))
        too_long = recording.end - recording.start >= positions(LONGEST_S)
        if too_long or recording.waiting_bytes > self._handover.most_waiting // 2:
            facts = recording.facts
            self._close(replace(facts, end=recording.end, cause=EndCause.TOO_LONG), heard)
            self._recording = self._new(recording.end, facts, heard, recording.opening.call_id)

    def _write(self, recording: Recording, facts: CallFacts, until: int) -> None:
        recording.write(self._mask.over(self._ring.between(recording.end, until), facts), self._lost_by)

    def _hand_over(self, now: Instant) -> None:
        """Give the spool what it has not been given, unless it refused a moment ago."""
        recording, now_s = self._recording, now.boottime_s
        if self._nothing_to_hand_over() or not self._handover.due(now_s):
            return
        try:
            if self._outbox or (recording is not None and not recording.begun):
                key = self._handover.key(now_s)
                if key is None:
                    return
                self._outbox.hand_over(self._handover.spool, key)
                if recording is not None and not recording.begun:
                    recording.begin(self._handover.spool, key, now)
            if recording is not None:
                recording.hand_on()
        except OSError as wrong:
            self._refused(wrong, now)
        else:
            self._handover.worked()

    def _nothing_to_hand_over(self) -> bool:
        return self._recording is None and not self._outbox

    def _refused(self, wrong: OSError, now: Instant) -> None:
        """Go on recording in memory when the disk fails; nothing that was not durable is given up."""
        if self._recording is not None and self._recording.begun:
            self._recording = self._again(self._recording, wrong, now)
            self._catch_up(now)
        else:
            self._handover.failed(wrong, now.boottime_s)

    def _again(self, recording: Recording, wrong: OSError, now: Instant) -> Recording:
        """Abandon what the disk has of ``recording``; return one that continues it from its last durable sample."""
        self._handover.failed(wrong, now.boottime_s)
        recording.abandon()
        start = max(recording.durable_end, self._ring.start)
        if start > recording.durable_end:  # the disk hung for longer than the pre-roll reaches back
            lost_from = now.earlier(self._ring.end - recording.durable_end)
            self._unkept.append(Unkept(lost_from, seconds(start - recording.durable_end)))
        return self._new(start, recording.facts, now, recording.opening.call_id)
