"""What a ring sensor says: the pulses of its contact become bursts of ringing. Where one is fitted it owns the ringing.

An opto-isolator across the pair conducts in one half of each period or in both, so its contact may follow the ringing
(16 to 50 Hz) instead of the burst; which level means "ringing" depends on how it is wired.
"""

from collections.abc import Sequence
from dataclasses import replace

from appliance.audio import positions
from appliance.capture.detector.senses import Evidence
from appliance.capture.runs import Span
from appliance.events import RingEdge

PULSE = positions(0.1)
"""Pauses up to this are those between half-waves: 16 Hz has 62 ms; the shortest pause in any cadence is 200 ms."""

SHORTEST = positions(0.15)
"""A shorter burst is a line reversal or the hook switch; the shortest ring of any plan is 200 ms."""

STUCK = positions(5.0)
"""No burst of ringing is as long: a level that stands for this long is the one of rest, whichever it is."""

SETTLED = positions(1.0)
"""So long after a burst was heard the sensor must have said so."""

UNFELT = 2
"""Bursts heard one after another that the sensor did not feel: it is not believed until it feels one again."""


class RingSense:
    """Follows one sensor. ``owns`` is True once it has felt ringing; ``doubted`` when ringing was heard without it."""

    def __init__(self) -> None:
        """Begin without a sensor, as far as one knows."""
        self.owns = False
        self.doubted = False
        self._told: list[RingEdge] = []
        self._rest = False
        self._active = False
        self._start: int | None = None
        self._last = 0
        self._felt = -STUCK
        self._heard: list[Span] = []

    def tell(self, edges: Sequence[RingEdge]) -> None:
        """Take what the sensor says in order of time; it counts when the audio has come as far."""
        self._told += edges

    def of(self, evidence: Evidence) -> Evidence:
        """Return ``evidence`` with the ringing that the sensor felt, where there is one that is believed."""
        felt = self._bursts(evidence.end)
        if felt:
            self.owns, self.doubted, self._felt, self._heard = True, False, felt[-1].end, []
        if not self.owns:
            return evidence
        self._heard += evidence.rings
        unfelt = [burst for burst in self._heard if evidence.end - burst.end > SETTLED and burst.start > self._felt]
        if len(unfelt) >= UNFELT:
            self.owns, self.doubted, self._heard = False, True, []
            return replace(evidence, rings=unfelt)
        return replace(evidence, rings=felt, ringing_since=self._ringing_since(evidence.end))

    def _bursts(self, end: int) -> list[Span]:
        bursts: list[Span] = []
        while self._told and self._told[0].at < end:
            edge = self._told.pop(0)
            bursts += self._ended(edge.at)
            self._change(edge.at, edge.active != self._rest)
        if self._active and self._start is not None and end - self._start > STUCK:
            self._rest, self._active, self._start = not self._rest, False, None
        return bursts + self._ended(end)

    def _change(self, at: int, active: bool) -> None:
        if active and self._start is None:
            self._start = at
        if self._active and not active:
            self._last = at
        self._active = active

    def _ended(self, now: int) -> list[Span]:
        if self._start is None or self._active or now - self._last <= PULSE:
            return []
        burst, self._start = Span(self._start, self._last), None
        return [burst] if burst.length >= SHORTEST else []

    def _ringing_since(self, now: int) -> int | None:
        if self._start is None:
            return None
        last = now if self._active else self._last
        return self._start if last - self._start >= SHORTEST else None
