"""A call that is going on: what is known of it, and the evidence that it ends."""

from dataclasses import replace

from appliance.audio import positions
from appliance.capture.cadence import Heard, ProgressTones, is_progress
from appliance.capture.detector.callwaiting import CallWaiting
from appliance.capture.detector.dialling import Dialling
from appliance.capture.detector.hangup import HangUpWatch
from appliance.capture.detector.holding import HoldWatch
from appliance.capture.detector.recall import RecallWatch
from appliance.capture.detector.senses import Evidence
from appliance.capture.detector.specialtones import HOWLER, SpecialTones
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
TERMINAL_PATIENCE = positions(15.0)
"""A final tone may go on this long before the call is closed under it, cut back to where the tone began."""

SILENCE_ALIKE = positions(75.0)
"""Silence that ends a call where idle and open floors cannot be told apart."""

SILENCE_OPEN = positions(1200.0)
"""Silence that ends a call although the line stands open: 20 minutes; a hold may be ten."""

TOO_SOON = positions(1.5)
"""Dial tone that begins within this after a ringing line is lifted means that nobody was there any more."""

DIALS_ON = positions(1.2)
"""The first digit takes dial tone away; it is heard within this of the tone's end. Italy's pauses for 1 s."""

TRANSFER_REACH = positions(10.0)
"""Digits keyed within this after a recall call somebody else into the call."""

FORSAKEN_REACH = positions(8.0)
"""So long after lifting a call that rang may turn out to have been over."""

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
        self._recall, self._hold = RecallWatch(), HoldWatch()
        self._waiting, self._special = CallWaiting(plan), SpecialTones()
        self._unasked = Dialling(facts.off_hook or facts.start) if facts.direction is Direction.IN else None
        self._tone_at_once: Sounding | None = None
        self.forsaken = False

    def hear(self, evidence: Evidence, *, by_ear: bool = True) -> CallFacts | None:
        """Take a hop; return the facts of the ended call if it has ended, cut back to where it did.

        ``by_ear`` is False where a hook sensor tells of recalls.
        """
        marks = len(self._marks)
        if by_ear and self.facts.answered:
            self._note_recall(evidence)
        heard = self._tones.hear(evidence.tones, evidence.tone, evidence.end)
        self._note_speech(evidence)
        self._note_tone(heard, evidence)
        self._note_special(evidence)
        self._note_digits(evidence, heard)
        self._note_forsaken(evidence, heard)
        self._note_answer(evidence, heard)
        self._note_hold(evidence)
        if any(evidence.voiced) or evidence.tone:
            self._last_sound = evidence.end
        if len(self._marks) != marks:
            self.facts = replace(self.facts, marks=tuple(self._marks))
        return self._ended(evidence, heard)

    def flash(self, start: int, end: int) -> None:
        """Take a recall: the same call goes on, perhaps with somebody else."""
        self._marks.append(Mark(MarkKind.FLASH, start, end))
        self._flashed_at = end
        self._recall.flashed(end)
        self.facts = replace(self.facts, marks=tuple(self._marks))

    def closed(self, end: int, cause: EndCause, *, uncertain: bool = False) -> CallFacts:
        """Return the final facts of a call that ended at ``end``."""
        end = max(end, self.facts.off_hook or self.facts.start)
        speech = tuple((start, min(stop, end)) for start, stop in self._speech if start < end)
        held = self._hold.ended(end)
        told = [*self._marks, held] if held else self._marks
        marks = tuple(replace(mark, end=min(mark.end, end)) for mark in told if mark.start <= end)
        return replace(self._known(), end=end, cause=cause, end_uncertain=uncertain, marks=marks, speech=speech)

    def _ended(self, evidence: Evidence, heard: Heard | None) -> CallFacts | None:
        down = self.watch.hung_up(evidence)
        if down:
            return self.closed(down[0], EndCause.CLICK_AND_FLOOR, uncertain=not down[1])
        if self._final_since is not None and self._is_left_off(self._final_since, heard):
            return self.closed(self._final_since, EndCause.TERMINAL_TONE)
        silent = evidence.end - self._last_sound
        quiet = self.watch.quiet_since is not None and not self.watch.held_open
        alike = self.watch.floors_alike and quiet
        if silent > (SILENCE_ALIKE if alike else SILENCE_OPEN):
            click = self.watch.last_click()
            end = click.at if click and click.at > self._last_sound else self._last_sound
            return self.closed(end, EndCause.SILENCE, uncertain=True)
        return None

    def _is_left_off(self, since: int, heard: Heard | None) -> bool:
        """Say whether nobody can be listening any more to the final tone that began at ``since``."""
        if self._special.howling is None:
            return heard is not None and heard.end - since > TERMINAL + TERMINAL_PATIENCE
        self._marks.append(Mark(MarkKind.TONE, since, since, HOWLER))  # it came after the end, and says what that was
        return True

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
                kind = MarkKind.REMOTE_CLEAR if self.facts.answered else MarkKind.TONE
                self._marks.append(Mark(kind, heard.start, heard.start, heard.kind.value))
                self.phase = Phase.REMOTE_CLEAR
        elif heard is None and self._final_since is not None and not self._special.is_shrill:
            self._final_since = None
            self.phase = Phase.TALK

    def _note_special(self, evidence: Evidence) -> None:
        """Name what the network says of a call that cannot be, and of a receiver that was left off."""
        forsaken = self._final_since is not None or not (
            self.facts.answered or (self._dialling and self._dialling.first)
        )
        self._marks += self._special.hear(evidence, forsaken=forsaken)
        if self.facts.answered:
            self._marks += self._waiting.hear(evidence)

    def _note_forsaken(self, evidence: Evidence, heard: Heard | None) -> None:
        """See whether a call that rang was over before it was answered: dial tone at once, and somebody dials."""
        if self._unasked is None:
            return
        others = self._unasked.hear(evidence, heard.kind if heard else None)
        tone, lifted = evidence.tone, self.facts.off_hook or self.facts.start
        at_once = self._tone_at_once is not None or (tone is not None and tone.start - lifted < TOO_SOON)
        if tone and at_once and is_progress(tone) and tone.length > DIAL_TONE:
            self._tone_at_once = tone
        first = self._unasked.first
        dials = first is not None and self._tone_at_once and first.start - self._tone_at_once.end < DIALS_ON
        waits = heard is not None and heard.kind is ToneKind.DIAL and heard.start - lifted < TOO_SOON
        if dials or waits:
            self._dialling, self._unasked, self.forsaken = self._unasked, None, True
            self._marks = []
            self.facts = CallFacts(lifted, self.facts.end, lifted, direction=Direction.OUT)
            self.phase = Phase.OFF_HOOK
        elif others or not self._unasked.open or evidence.end - lifted > FORSAKEN_REACH:
            self._unasked = None

    def _note_hold(self, evidence: Evidence) -> None:
        if not self.facts.answered:
            return
        held = self._hold.hear(evidence, self.watch.gap)
        if held:
            self._marks.append(held)
        if self.phase is Phase.TALK and self._hold.since is not None:
            self.phase = Phase.HELD
        elif self.phase is Phase.HELD and self._hold.since is None:
            self.phase = Phase.TALK

    def _is_dial_tone(self, tone: Sounding | None) -> bool:
        if tone is None or tone.length < DIAL_TONE or not is_progress(tone):
            return False
        return tone.start - (self.facts.off_hook or self.facts.start) < DIAL_TONE_REACH

    def _note_digits(self, evidence: Evidence, heard: Heard | None) -> None:
        other: list[Digit] = evidence.digits
        if self._dialling:
            other = self._dialling.hear(evidence, heard.kind if heard else None)
            self._note_number(self._dialling, evidence.end)
        if self.facts.answered:
            other = [digit for digit in other if not self._waiting.is_reply(digit)]
        self._marks += [Mark(MarkKind.KEYED_DIGIT, digit.start, digit.end, digit.key) for digit in other]
        if other and self._flashed_at is not None and other[0].start - self._flashed_at < TRANSFER_REACH:
            self._marks.append(Mark(MarkKind.TRANSFER, self._flashed_at, other[0].start))
            self._flashed_at = None

    def _note_number(self, dialling: Dialling, now: int) -> None:
        number = dialling.number
        if number and self.phase is Phase.OFF_HOOK:
            self.phase = Phase.DIALLING
            self.facts = replace(self.facts, direction=Direction.OUT)
        if number != self.facts.dialled and dialling.is_settled(now):
            self.facts = replace(self.facts, dialled=number)

    def _note_answer(self, evidence: Evidence, heard: Heard | None) -> None:
        if self.facts.answered or self._dialling is None or self._dialling.open or self._special.refused:
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

    def _note_recall(self, evidence: Evidence) -> None:
        recall = self._recall.hear(evidence, self.watch.gap)
        if recall:
            self.flash(*recall)

    def _note_speech(self, evidence: Evidence) -> None:
        if not any(evidence.voiced) or evidence.tone is not None or evidence.digits:
            return
        if self._speech and evidence.at - self._speech[-1][1] <= SPEECH_JOIN:
            self._speech[-1] = (self._speech[-1][0], evidence.end)
        else:
            self._speech.append((evidence.at, evidence.end))
