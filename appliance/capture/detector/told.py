"""What a tap's own device told of its line joins what was heard: a voice modem knows of rings and callers' numbers."""

from collections.abc import Sequence
from dataclasses import replace

from appliance.audio import positions
from appliance.capture.detector.announcements import Announced
from appliance.capture.detector.senses import Evidence
from appliance.capture.runs import Span
from appliance.events import CallerTold, HookEdge, LineSign, RingTold

RING = positions(0.4)
"""A ring is told as it ends and its length is not: this is the shorter burst of most countries' cadences."""


class ToldSigns:
    """Signs that wait until the sound has come as far."""

    def __init__(self) -> None:
        """Nothing has been told."""
        self._waiting: list[RingTold | CallerTold] = []

    def tell(self, signs: Sequence[LineSign]) -> list[HookEdge]:
        """Take ``signs``; return those of the hook, which has its own follower."""
        self._waiting += [sign for sign in signs if isinstance(sign, RingTold | CallerTold)]
        return [sign for sign in signs if isinstance(sign, HookEdge)]

    def added_to(self, evidence: Evidence, *, in_call: bool) -> Evidence:
        """Return the evidence of a hop with what was told up to its end. In a call it would be of a call waiting."""
        due = [sign for sign in self._waiting if sign.at < evidence.end]
        if not due:
            return evidence
        self._waiting = [sign for sign in self._waiting if sign.at >= evidence.end]
        if in_call:
            return evidence
        callers = [Announced(sign.caller, sign.at, sign.at) for sign in due if isinstance(sign, CallerTold)]
        heard_ringing = bool(evidence.rings) or evidence.ringing_since is not None
        rings = [Span(max(0, sign.at - RING), sign.at) for sign in due if isinstance(sign, RingTold)]
        return replace(
            evidence,
            announced=[*evidence.announced, *callers],
            rings=evidence.rings if heard_ringing else rings,
        )
