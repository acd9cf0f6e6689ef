"""One line's tape: what was heard of late, the recording there may be, and the way of both to the disk."""

import logging
from collections.abc import Iterable
from dataclasses import replace

from appliance.audio import Frame, positions, seconds
from appliance.capture.preroll import PreRoll
from appliance.model.calls import CallFacts, CallId, EndCause
from appliance.model.gaps import GapCause
from appliance.recorder import account
from appliance.recorder.handover import Handover
from appliance.recorder.instant import Instant
from appliance.recorder.masking import Unmasked
from appliance.recorder.outbox import Unsealed
from appliance.recorder.recording import Recording
from appliance.recorder.unkept import Unkept, of_call, started

_LOG = logging.getLogger(__name__)

LONGEST_S = 4 * 3600
"""A recording goes on in another after this long: a receiver left off must not make a file that nobody can open."""

SYNC_S = 0.5
"""Between two syncs at least, so that there is one whenever a card's 0.6 s are taken in. With these, the resampler
(0.12 s), a page (0.24 s) and a segment (0.34 s) on their way a power cut takes 1.4 s at most; of a line whose keyed
digits are masked, ``masking.LAG`` more."""


class Tape:
    """Records what it is told to of the frames it hears, which may lie in the past.

    ``recording`` is the one under way. Its sound goes to the spool as it comes; what the spool refuses waits in memory.
    """

    def __init__(self, line: int, name: str, handover: Handover, complexity: int, mask: Unmasked) -> None:
        """Record line number ``line`` (from 1), called ``name``, as far as ``mask`` lets it."""
        self._line, self._name, self._complexity = line, name, complexity
        self._handover, self._outbox, self._mask = handover, handover.outbox, mask
        self._ring = PreRoll()
        self._free_from = 0
        self._synced_s = float("-inf")
        self._unkept: list[Unkept] = []
        self._lost_by = GapCause.OVERRUN
        self.recording: Recording | None = None

    @property
    def start(self) -> int:
        """The oldest position that can still be recorded."""
        return self._ring.start

    @property
    def end(self) -> int:
        """The position up to which the line was heard."""
        return self._ring.end

    @property
    def trouble(self) -> str:
        """Why the spool takes nothing, in words; empty while it does."""
        return self._handover.trouble

    @property
    def lost_calls(self) -> int:
        """How many calls were given up, for memory was full too."""
        return self._outbox.lost

    def hear(self, frame: Frame, lost_by: GapCause) -> None:
        """Take the next frame; ``lost_by`` is why it is ``lost``, if it is."""
        self._lost_by = lost_by
        self._ring.append(frame)
        self._mask.hear(frame)

    def begin(self, start: int, facts: CallFacts, heard: Instant, continues: CallId | None = None) -> None:
        """Begin a recording at ``start``, as far as that is held and no recording has it; heard up to ``heard``."""
        start = max(start, self._ring.start, self._free_from)
        self.recording = self._new(start, self._mask.told(facts), heard, continues)

    def tell(self, facts: CallFacts) -> None:
        """Take what has become known of the call that is recorded."""
        if self.recording is not None:
            self.recording.facts = self._mask.told(facts)

    def close(self, facts: CallFacts, heard: Instant) -> None:
        """End the recording where the call ended, cutting off or adding what lies between."""
        recording, self.recording = self.recording, None
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
        self.hand_over(heard)

    def note_missed(self, facts: CallFacts, heard: Instant) -> None:
        """Keep the account of a call that nobody answered."""
        opening = account.opening(self._line, self._name, heard.earlier(self._ring.end - facts.start), facts)
        ended = heard.earlier(self._ring.end - facts.end)
        closing = account.closing(facts, facts.start, facts.end, ended)
        _LOG.info("call %s: missed", opening.call_id)
        self._outbox.put(Unsealed(opening, closing, b""))

    def catch_up(self, heard: Instant) -> None:
        """Encode what is held and the recording has not, as far as it may be recorded yet."""
        recording = self.recording
        if recording is None:
            return
        self._write(recording, recording.facts, self._mask.ripe(self._ring.end))
        too_long = recording.end - recording.start >= positions(LONGEST_S)
        if too_long or recording.waiting_bytes > self._handover.most_waiting // 2:
            facts = recording.facts
            self.close(replace(facts, end=recording.end, cause=EndCause.TOO_LONG), heard)
            self.recording = self._new(recording.end, facts, heard, recording.opening.call_id)

    def hand_over(self, now: Instant) -> None:
        """Give the spool what it has not been given, unless it refused a moment ago."""
        recording, now_s = self.recording, now.boottime_s
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

    def sync(self, now: Instant) -> None:
        """Make durable what is due, and try again what the spool refused."""
        if self._nothing_to_hand_over():
            self._handover.check(now.boottime_s)
        self.hand_over(now)
        recording = self.recording
        if recording is None or not recording.begun or now.boottime_s - self._synced_s < SYNC_S:
            return
        try:
            recording.sync(now)
            self._synced_s = now.boottime_s
        except OSError as wrong:
            self._refused(wrong, now)

    def abandon(self) -> None:
        """Let go of a recording that cannot be closed; what was sealed of it stays, marked as cut short."""
        if self.recording is not None:
            self.recording.abandon()
            self.recording = None

    def unkept(self) -> list[Unkept]:
        """Return what was heard since this was last asked and could not be kept, for the gap ledger."""
        unkept, self._unkept = [*self._unkept, *map(of_call, self._outbox.given_up())], []
        return unkept

    def held(self) -> Instant | None:
        """Return from when on what was heard is in memory alone; None where the disk takes it as it comes."""
        recording = self.recording
        own = recording.opening if recording is not None and not recording.begun else None
        oldest = (self._outbox.oldest or own) if self._handover.trouble else None
        return started(oldest) if oldest is not None else None

    def _new(self, start: int, facts: CallFacts, heard: Instant, continues: CallId | None) -> Recording:
        first_sample = heard.earlier(self._ring.end - start)
        opening = account.opening(self._line, self._name, first_sample, facts, continues)
        _LOG.info("call %s: recording", opening.call_id)
        return Recording(opening, start, facts, self._complexity)

    def _write(self, recording: Recording, facts: CallFacts, until: int) -> None:
        frames: Iterable[Frame] = self._ring.between(recording.end, until)
        recording.write(self._mask.over(frames, facts), self._lost_by)

    def _nothing_to_hand_over(self) -> bool:
        return self.recording is None and not self._outbox

    def _refused(self, wrong: OSError, now: Instant) -> None:
        """Go on recording in memory when the disk fails; nothing that was not durable is given up."""
        if self.recording is not None and self.recording.begun:
            self.recording = self._again(self.recording, wrong, now)
            self.catch_up(now)
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
