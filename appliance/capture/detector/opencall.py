"""A call that is going on: what is known of it, and the evidence that it ends."""

from dataclasses import replace
from itertools import pairwise

from appliance.audio import positions
from appliance.capture.cadence import Heard, ProgressTones, is_progress
from appliance.capture.detector.dialling import Dialling
from appliance.capture.detector.hangup import HangUpWatch
from appliance.capture.detector.hook import FLASH
from appliance.capture.detector.senses import Evidence
from appliance.capture.dtmf import Digit
from appliance.capture.tonality import Sounding
from appliance.capture.tones import ToneKind, TonePlan
from appliance.events import Phase
from appliance.model.calls import CallFacts, Direction, EndCause, Mark, MarkKind

ANSWERED_ROWS = 15
ANSWERED_HOPS = 7
"""Frames of voice, 300 ms within 1.4 s, after the number is complete and with no tone going on: an answer."""

LIVELY_DB = 12.0
"""Between the loudest and the quietest frame of a hop in which somebody speaks."""

DIAL_TONE = positions(0.3)
DIAL_TONE_REACH = positions(4.0)
"""Dial tone of an outgoing call begins within this of lifting the receiver."""

TERMINAL = positions(3.0)
TERMINAL_CYCLES = 4
TERMINAL_PATIENCE = positions(15.0)
"""A final tone may go on this long before the call is closed under it, cut back to where the tone began."""

SILENCE_ALIKE = positions(75.0)
"""Silence that ends a call where idle and open floors cannot be told apart."""

SILENCE_OPEN = positions(1200.0)
"""Silence that ends a call although the line stands open: 20 minutes; a hold may be ten."""

ONSET = positions(0.05)
FLASH_ANSWERED = positions(1.5)
"""After a recall dial tone comes within this; a click nearer to the tone than ``ONSET`` is the tone's own beginning."""

TRANSFER_REACH = positions(10.0)
"""Digits keyed within this after a recall call somebody else into the call."""

SPEECH_JOIN = positions(0.4)
"""Pauses shorter than this do not part a stretch of speech."""

FINAL = (ToneKind.DIAL, ToneKind.UNOBTAINABLE, ToneKind.BUSY, ToneKind.CONGESTION)


class OpenCall:
    """One call under way. ``facts`` is what is known; ``phase`` where it is in its life."""

    def __init__(self, plan: TonePlan, facts: CallFacts, watch: HangUpWatch) -> None:
        """Begin at ``facts.off_hook``; an incoming call is answered by being picked up."""
        self.facts = facts
        self.phase = Phase.TALK if facts.answered else Phase.OFF_HOOK
        self.watch = watch
        self._tones = ProgressTones(plan)
        self._dialling = None if facts.answered else Dialling(facts.off_hook or facts.start)
        self._spoken: list[int] = []
        self._last_sound = facts.off_hook or facts.start
        self._speech: list[tuple[int, int]] = []
        self._marks: list[Mark] = list(facts.marks)
        if facts.off_hook is not None and facts.off_hook > facts.start:  # it rang before
            self._marks.append(Mark(MarkKind.ANSWERED, facts.off_hook, facts.off_hook))
        self._final_since: int | None = None
        self._flashed_at: int | None = None
        self._clicks: list[int] = []

    def hear(self, evidence: Evidence) -> CallFacts | None:
        """Take a hop; return the facts of the ended call if it has ended, cut back to where it did."""
        self._note_flash(evidence)
        heard = self._tones.hear(evidence.tones, evidence.tone, evidence.end)
        self._note_speech(evidence)
        self._note_tone(heard, evidence)
        self._note_digits(evidence, heard)
        self._note_answer(evidence, heard)
        if any(evidence.voiced) or evidence.tone:
            self._last_sound = evidence.end
        return self._ended(evidence, heard)

    def flash(self, start: int, end: int) -> None:
        """Take a recall: the same call goes on, perhaps with somebody else."""
        self._marks.append(Mark(MarkKind.FLASH, start, end))
        self._flashed_at = end

    def closed(self, end: int, cause: EndCause, *, uncertain: bool = False) -> CallFacts:
        """Return the final facts of a call that ended at ``end``."""
        end = max(end, self.facts.off_hook or self.facts.start)
        speech = tuple((start, min(stop, end)) for start, stop in self._speech if start < end)
        marks = tuple(mark for mark in self._marks if mark.start <= end)
        return replace(self._known(), end=end, cause=cause, end_uncertain=uncertain, marks=marks, speech=speech)

    def _ended(self, evidence: Evidence, heard: Heard | None) -> CallFacts | None:
        down = self.watch.hung_up(evidence)
        if down:
            return self.closed(down[0], EndCause.CLICK_AND_FLOOR, uncertain=not down[1])
        if self._final_since is not None and heard and heard.end - self._final_since > TERMINAL + TERMINAL_PATIENCE:
            return self.closed(self._final_since, EndCause.TERMINAL_TONE)
        silent = evidence.end - self._last_sound
        quiet = self.watch.quiet_since is not None and not self.watch.held_open
        alike = self.watch.floors_alike and quiet
        if silent > (SILENCE_ALIKE if alike else SILENCE_OPEN):
            click = self.watch.last_click()
            end = click.at if click and click.at > self._last_sound else self._last_sound
            return self.closed(end, EndCause.SILENCE, uncertain=True)
        return None

    def _known(self) -> CallFacts:
        facts = self.facts
        if self._dialling:
            number = self._dialling.number
            direction = Direction.OUT if number else facts.direction
            facts = replace(facts, dialled=number, direction=direction)
        return facts

    def _note_tone(self, heard: Heard | None, evidence: Evidence) -> None:
        if self._dialling and self.facts.direction is Direction.UNKNOWN and self._is_dial_tone(evidence.tone):
            self.facts = replace(self.facts, direction=Direction.OUT)
        final = heard is not None and heard.kind in FINAL and not (self._dialling and self._dialling.open)
        if heard and final and heard.end - heard.start > TERMINAL:
            if self._final_since is None:
                self._final_since = heard.start
                self._marks.append(Mark(MarkKind.REMOTE_CLEAR, heard.start, heard.start, heard.kind.value))
                self.phase = Phase.REMOTE_CLEAR
        elif heard is None and self._final_since is not None:
            self._final_since = None
            self.phase = Phase.TALK

    def _is_dial_tone(self, tone: Sounding | None) -> bool:
        if tone is None or tone.length < DIAL_TONE or not is_progress(tone):
            return False
        return tone.start - (self.facts.off_hook or self.facts.start) < DIAL_TONE_REACH

    def _note_digits(self, evidence: Evidence, heard: Heard | None) -> None:
        other: list[Digit] = evidence.digits
        if self._dialling:
            other = self._dialling.hear(evidence, heard.kind if heard else None)
            if self._dialling.number and self.phase is Phase.OFF_HOOK:
                self.phase = Phase.DIALLING
                self.facts = replace(self.facts, direction=Direction.OUT, dialled=self._dialling.number)
        self._marks += [Mark(MarkKind.KEYED_DIGIT, digit.start, digit.end, digit.key) for digit in other]
        if other and self._flashed_at is not None and other[0].start - self._flashed_at < TRANSFER_REACH:
            self._marks.append(Mark(MarkKind.TRANSFER, self._flashed_at, other[0].start))
            self._flashed_at = None

    def _note_answer(self, evidence: Evidence, heard: Heard | None) -> None:
        if self.facts.answered or self._dialling is None or self._dialling.open:
            return
        if heard and heard.kind is ToneKind.RINGBACK:
            self.phase = Phase.RINGBACK
        high = evidence.features.high
        spoken = evidence.tone is None and max(high) - min(high) > LIVELY_DB
        self._spoken = [*self._spoken[1 - ANSWERED_HOPS :], sum(evidence.voiced) if spoken else 0]
        if sum(self._spoken) >= ANSWERED_ROWS:
            self._marks.append(Mark(MarkKind.ANSWERED, evidence.at, evidence.at))
            self.facts = replace(self._known(), answered=True)
            self.phase = Phase.TALK

    def _note_flash(self, evidence: Evidence) -> None:
        """Two clicks a flash apart with a tone right after them: the exchange answers a recall with dial tone."""
        self._clicks = [at for at in self._clicks if evidence.end - at < 4 * FLASH]
        self._clicks += [click.at for click in evidence.clicks]
        tone = evidence.tone
        if not self.facts.answered or tone is None or tone.length < DIAL_TONE or not is_progress(tone):
            return
        before = [at for at in self._clicks if 0 < tone.start - at - ONSET < FLASH_ANSWERED]
        pairs = [(a, b) for a, b in pairwise(before) if b - a <= FLASH]
        if pairs and (self._flashed_at is None or pairs[-1][0] > self._flashed_at):
            self.flash(*pairs[-1])

    def _note_speech(self, evidence: Evidence) -> None:
        if not any(evidence.voiced) or evidence.tone is not None or evidence.digits:
            return
        if self._speech and evidence.at - self._speech[-1][1] <= SPEECH_JOIN:
            self._speech[-1] = (self._speech[-1][0], evidence.end)
        else:
            self._speech.append((evidence.at, evidence.end))
