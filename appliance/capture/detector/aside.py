"""A receiver left beside the telephone: the call is over, the line still open, and neither is a new call."""

from statistics import median

from appliance.capture.detector.lift import SPOKEN_OVER_IDLE_DB
from appliance.capture.detector.senses import Evidence

AT_IDLE_DB = 0.5
AT_IDLE_HOPS = 6
"""Back at its idle floor for this long, 1.2 s: somebody has put the receiver back."""

RESUMED_ROWS = 75
RESUMED_HOPS = 25
"""Voice for 1.5 s of 5 s, far above the room: somebody speaks into it again."""

DIGITS = 3
"""As many keyed digits: somebody dials again."""


class ReceiverAside:
    """Watches such a line. A call that begins again begins at ``since``."""

    def __init__(self, at: int) -> None:
        """Begin at the position where the call before was found to be over."""
        self.since = at
        self._lifts: list[float] = []
        self._voiced: list[tuple[int, int]] = []
        self._digits = 0

    def is_back(self, evidence: Evidence) -> bool:
        """Say whether the receiver has been put back. Take each hop once, before ``is_used``."""
        if evidence.lift is None:
            return False
        self._lifts = [*self._lifts[1 - AT_IDLE_HOPS :], evidence.lift]
        return len(self._lifts) == AT_IDLE_HOPS and abs(median(self._lifts)) < AT_IDLE_DB

    def is_used(self, evidence: Evidence) -> bool:
        """Say whether somebody uses the line again."""
        self._digits += len(evidence.digits)
        high = evidence.features.high
        spoken = sum(evidence.voiced) if max(high) - min(high) > SPOKEN_OVER_IDLE_DB and not evidence.tone else 0
        self._voiced = [*self._voiced[1 - RESUMED_HOPS :], (evidence.at, spoken)]
        if sum(rows for _, rows in self._voiced) < RESUMED_ROWS and self._digits < DIGITS:
            return False
        self.since = next((at for at, rows in self._voiced if rows), self._voiced[0][0])
        return True
