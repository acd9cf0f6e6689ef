"""Calls that ring or announce themselves while the receiver is down: each is taken by whoever lifts, or missed."""

from appliance.capture.detector.announcements import Announced
from appliance.capture.detector.arrival import ANNOUNCED_WITHIN, Arrival
from appliance.capture.detector.senses import Evidence
from appliance.capture.tones import TonePlan
from appliance.events import CallMissed


class Arrivals:
    """The calls that come in on one line. ``rings`` is True once ringing was heard there: then a call must ring.

    ``pending`` is the one that waits to be answered, None while there is none.
    """

    def __init__(self, plan: TonePlan, *, rings: bool) -> None:
        """Take the line's tone plan, and whether its ringing was heard before a restart."""
        self._plan = plan
        self.rings = rings
        self.pending: Arrival | None = None

    def hear(self, evidence: Evidence) -> list[CallMissed]:
        """Take in what rang and was announced; return those calls that another one shows to be missed."""
        missed: list[CallMissed] = []
        for announced in evidence.announced:
            if self.pending is not None and self.pending.is_announced_anew(announced):
                rung = self.pending.let_go(announced.start - ANNOUNCED_WITHIN)
                missed += self.miss()
                for burst in rung:
                    self._arrived().ring(burst)
            else:
                missed += self.superseded(announced.start)
            self.announce(announced)
        for burst in evidence.rings:
            missed += self.superseded(burst.start)
            self._arrived().ring(burst)
            self.rings = True
        return missed

    def announce(self, announced: Announced) -> None:
        """Tell whoever calls of what the exchange said about them."""
        self._arrived().announce(announced)

    def superseded(self, start: int) -> list[CallMissed]:
        """Miss the pending call if what began at ``start`` comes too late to be of it."""
        another = self.pending is not None and self.pending.is_another(start, line_rings=self.rings)
        return self.miss() if another else []

    def miss(self) -> list[CallMissed]:
        """Let the pending call go unanswered. On a line that rings, what never rang was no call."""
        arrival = self.take()
        if arrival is None or (self.rings and not arrival.rang):
            return []
        return [CallMissed(arrival.missed())]

    def take(self) -> Arrival | None:
        """Return the pending call, which waits no more."""
        arrival, self.pending = self.pending, None
        return arrival

    def is_overdue(self, at: int) -> bool:
        """Say whether the pending call should have rung again by ``at``."""
        return self.pending is not None and self.pending.rang and self.pending.is_another(at, line_rings=True)

    def is_over(self, now: int) -> bool:
        """Say whether the pending call has given up."""
        return self.pending is not None and self.pending.is_over(now, line_rings=self.rings)

    def _arrived(self) -> Arrival:
        if self.pending is None:
            self.pending = Arrival(self._plan)
        return self.pending
