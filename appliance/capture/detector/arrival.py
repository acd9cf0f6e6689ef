"""A call that is coming in: rings and announcements gathered until somebody answers or it stops."""

from appliance.audio import RATE, positions
from appliance.capture.detector.announcements import Announced
from appliance.capture.runs import Span
from appliance.capture.tones import TonePlan
from appliance.model.calls import Caller, CallFacts, Direction

PATIENCE = positions(6.6)
"""After the last ring: the longest pause of any plan is 5 s, plus a tenth, plus a second to hear it."""

QUIET_PATIENCE = positions(60.0)
"""After caller display on a line that lets no ringing through: it may ring unheard this long."""

STRAY = 1.6
"""A pause this many times the cadence's longest ends one call's ringing, and the next ring is another call's."""

CYCLE_PAUSE_MS = 1000.0
"""Pauses inside a cycle of ringing are 200 ms long, those after it 2 s and more."""

REPEATED = positions(8.0)
"""A caller is announced once, before the first ring or in the pause after it, by some networks in both places. Where no
ringing is heard, what is announced later than this is the next call."""

ANNOUNCED_WITHIN = positions(4.0)
"""Caller display follows the beginning of its first ring within this: 2 s of ringing at most, then 0.5 to 1.5 s (ETSI
EN 300 659-1), and a burst's own edges."""

LONGEST_PAUSE_MS = 5000.0
"""The longest pause in any country's ringing, for a line that does not keep to its own country's."""


class Arrival:
    """One incoming call so far. ``rings`` counts cycles of the cadence, not bursts."""

    def __init__(self, plan: TonePlan) -> None:
        """Nothing has been heard yet."""
        self._on_ms = plan.ring[::2]
        self._pause_ms = float(max(plan.ring[1::2]))
        self._bursts: list[Span] = []
        self._announced: Announced | None = None

    @property
    def start(self) -> int:
        """Where the first sign of it was."""
        starts = [self._bursts[0].start] if self._bursts else []
        return min([*starts, self._announced.start] if self._announced else starts)

    @property
    def last(self) -> int:
        """Where the last sign of it ended."""
        ends = [self._bursts[-1].end] if self._bursts else []
        return max([*ends, self._announced.end] if self._announced else ends)

    @property
    def rang(self) -> bool:
        """True when power ringing was heard, not caller display alone."""
        return bool(self._bursts)

    @property
    def caller(self) -> Caller:
        """Who it is, as far as the line said."""
        return self._announced.caller if self._announced else Caller()

    @property
    def rings(self) -> int:
        """Ring cycles: bursts that follow each other within the cadence's short pause count as one."""
        return sum(pause > CYCLE_PAUSE_MS for pause in self._pauses()) + 1 if self._bursts else 0

    def ring(self, burst: Span) -> None:
        """Take a burst of ringing."""
        self._bursts.append(burst)

    def announce(self, announced: Announced) -> None:
        """Take a caller display message; a later one with a number is not overruled by one without."""
        if self._announced is None or self._announced.caller.number is None:
            self._announced = announced

    def is_another(self, at: int, *, line_rings: bool) -> bool:
        """Say whether what begins at ``at`` is too late to belong to this call: by then it would have rung again."""
        if not self._bursts:
            return self.is_over(at, line_rings=line_rings)
        pauses = [pause for pause in self._pauses() if pause > CYCLE_PAUSE_MS]
        longest = max(pauses) if pauses else self._pause_ms if self._keeps_plan() else LONGEST_PAUSE_MS
        return 1000.0 * (at - self._bursts[-1].end) / RATE > STRAY * longest

    def is_announced_anew(self, announced: Announced) -> bool:
        """Say whether ``announced`` tells of another call: a call has one number. This one may still ring unheard."""
        if self._announced is None:
            return False
        before, now = self._announced.caller.number, announced.caller.number
        if before and now and before != now:
            return True
        return not self._bursts and announced.start - self._announced.end > REPEATED

    def let_go(self, since: int) -> list[Span]:
        """Return the bursts that began at ``since`` or later, which were another call's; this one has them no more."""
        later = [burst for burst in self._bursts if burst.start >= since]
        self._bursts = self._bursts[: len(self._bursts) - len(later)]
        return later

    def is_over(self, now: int, *, line_rings: bool) -> bool:
        """Say whether nobody will answer any more."""
        return now - self.last > (PATIENCE if self._bursts or line_rings else QUIET_PATIENCE)

    def missed(self) -> CallFacts:
        """Return the facts of a call nobody answered."""
        return CallFacts(self.start, self.last, None, direction=Direction.IN, caller=self.caller, rings=self.rings)

    def _keeps_plan(self) -> bool:
        """Say whether the bursts so far are as long as this country's."""
        on = [1000.0 * burst.length / RATE for burst in self._bursts]
        return all(any(abs(ms - nominal) < 0.1 * nominal + 40.0 for nominal in self._on_ms) for ms in on)

    def _pauses(self) -> list[float]:
        pairs = zip(self._bursts, self._bursts[1:], strict=False)
        return [1000.0 * (after.start - before.end) / RATE for before, after in pairs]
