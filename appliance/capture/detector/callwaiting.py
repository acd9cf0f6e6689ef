"""Another caller while a call goes on: beeps with long pauses between, or the caller told within the call.

ITU-T E.180 (call waiting tone); ETSI EN 300 659-2 and GR-30 (off-hook data: an alerting signal of two tones, a digit in
answer from a telephone that understands it, then the message without channel seizure).
"""

import numpy as np

from appliance.audio import RATE, Samples, positions
from appliance.capture.callerid import decoded
from appliance.capture.detector.senses import Evidence
from appliance.capture.dtmf import Digit
from appliance.capture.tonality import Sounding
from appliance.capture.tones import Tone, ToneKind, TonePlan
from appliance.model.calls import CallerIdentity, Mark, MarkKind

REPLIES = "ABCD"
"""What a telephone answers the alerting signal with. No key of a telephone sends them."""

ALERTED = positions(0.2)
"""The signal, of 75 to 85 ms, and the pause after it go before the answer."""

TOLD_WITHIN_HOPS = 12
"""Hops, 2.4 s, within which the message has come and gone."""

OFF_PITCH = 0.06
OFF_LENGTH_MS = 45.0
"""A beep is one of the plan's: a real one keeps to 5 %, and edges are seen to 20 ms each."""

SAME_PITCH = 0.015
SAME_DB = 2.0
OFF_PERIOD = 0.04
"""And two beeps are of one exchange: alike, and a period apart. A vowel alone passes for a beep."""

BLOCK = positions(0.02)
EPISODE = positions(40.0)
"""Beeps nearer than this tell of the same caller."""

ANY = (Tone(ToneKind.WAITING, (425,), (200, 200, 200, 4000)), Tone(ToneKind.WAITING, (425,), (200, 200, 200, 5000)))
"""Where a plan names none: what E.180 lists most often."""


class CallWaiting:
    """Watches an answered call."""

    def __init__(self, plan: TonePlan) -> None:
        """Take the country's call waiting tones."""
        own = tuple(tone for tone in plan.tones if tone.kind is ToneKind.WAITING)
        self._tones = own or ANY
        self._beeps: list[Sounding] = []
        self._marked = -EPISODE
        self._replies: list[Digit] = []
        self._sound: list[Samples] = []
        self._start = 0

    def hear(self, evidence: Evidence) -> list[Mark]:
        """Take a hop; return the marks it completes."""
        replies = [digit for digit in evidence.digits if self.is_reply(digit)]
        if replies and not self._replies:
            self._sound, self._start = [], evidence.at
        self._replies += replies
        marks = self._told(evidence) if self._replies else []
        for tone in evidence.tones:
            if any(_is_beep(tone, known) for known in self._tones):
                marks += self._beeped(tone)
        return marks

    def is_reply(self, digit: Digit) -> bool:
        """Say whether a digit may be a telephone's answer to the alerting signal; it is marked here if it was none."""
        return digit.key in REPLIES

    def _told(self, evidence: Evidence) -> list[Mark]:
        self._sound.append(evidence.features.samples)
        if len(self._sound) < TOLD_WITHIN_HOPS:
            return []
        message, replies = decoded(np.concatenate(self._sound)), self._replies
        self._replies = []
        if message is None:
            return [Mark(MarkKind.KEYED_DIGIT, digit.start, digit.end, digit.key) for digit in replies]
        caller, self._marked = message.caller, evidence.end
        told = caller.number if caller.identity is CallerIdentity.NUMBER else caller.identity.value
        return [Mark(MarkKind.CALL_WAITING, replies[0].start - ALERTED, self._start + message.end, told or "")]

    def _beeped(self, beep: Sounding) -> list[Mark]:
        self._beeps = [*(b for b in self._beeps if beep.start - b.start < EPISODE), beep]
        first = next((a for a in self._beeps[:-1] if any(_keeps(a, beep, known) for known in self._tones)), None)
        if first is None:
            return []
        fresh, self._marked = beep.start - self._marked > EPISODE, beep.end
        return [Mark(MarkKind.CALL_WAITING, first.start, beep.end)] if fresh else []


def _is_beep(tone: Sounding, known: Tone) -> bool:
    if abs(tone.middle_hz - known.middle_hz) > OFF_PITCH * known.middle_hz or tone.spread_hz > known.spread_hz + 35.0:
        return False
    ms = 1000.0 * tone.length / RATE
    return any(abs(ms - nominal) < OFF_LENGTH_MS for nominal in known.ms[::2])


def _keeps(first: Sounding, beep: Sounding, known: Tone) -> bool:
    """Say whether two beeps are alike and stand a period apart."""
    if abs(beep.middle_hz - first.middle_hz) > SAME_PITCH * first.middle_hz:
        return False
    if abs(beep.level_dbfs - first.level_dbfs) > SAME_DB or abs(beep.length - first.length) > 2 * BLOCK:
        return False
    period = sum(known.ms) * RATE / 1000.0
    return abs(beep.start - first.start - period) < OFF_PERIOD * period
