"""A caller on hold: music without a pause, or a line on which nobody speaks and no microphone is open."""

from collections import deque
from statistics import median

from appliance.capture.detector.senses import Evidence
from appliance.model.calls import Mark, MarkKind

FULL_DB = 6.0
"""Music keeps this far above the open line: people pause, and then the line is bare."""

FLAT_DB = 3.5
"""A hop whose frames differ by less is bare noise, or a machine sending."""

MUSIC_HOPS = 40
"""Hops, 8 s, that music has lasted before it is held to be music; ``PAUSES`` of them may be bare."""

PAUSES = 2
FLAT_PART = 0.5
"""Music is not flat; a fax is."""

SILENT_HOPS = 25
"""Hops, 5 s, for which nobody has spoken on a line that stands ``DROP_DB`` below its open floor."""

DROP_DB = 2.0
OPEN_HOPS = 15
"""Bare hops of talk whose middle is the open floor: 3 s."""


class HoldWatch:
    """Watches an answered call. ``since`` is where the hold that is going on began, None in talk."""

    def __init__(self) -> None:
        """Begin in talk."""
        self.since: int | None = None
        self._music = False
        self._open: deque[float] = deque(maxlen=OPEN_HOPS)
        self._floor: float | None = None
        self._full: deque[tuple[int, bool, bool]] = deque()
        self._bare = self._flat = 0
        self._silent: list[int] = []

    def hear(self, evidence: Evidence, gap: float | None) -> Mark | None:
        """Take a hop; return the mark of a hold that has ended. ``gap`` is how far an open line stands above idle."""
        floor = gap if self._floor is None else self._floor
        if evidence.lift is None or floor is None:
            self._learn(evidence)
            return None
        began = self.since
        full = evidence.tone is None and evidence.lift > floor + FULL_DB
        silent = not any(evidence.voiced) and evidence.tone is None and evidence.lift < floor - DROP_DB
        self._count(evidence.at, full=full, flat=full and _is_flat(evidence))
        if not silent:
            self._silent.clear()
        elif len(self._silent) < SILENT_HOPS:
            self._silent.append(evidence.at)
        if began is None:
            self._begin()
        elif not self._goes_on(silent=silent):
            return self.ended(evidence.at)
        if self.since is None and not silent:
            self._learn(evidence)
        return None

    def ended(self, at: int) -> Mark | None:
        """Return the mark of the hold that goes on, ended at ``at``: the call is over, or talk goes on."""
        since, self.since = self.since, None
        self._full.clear()
        self._silent.clear()
        self._bare = self._flat = 0
        return None if since is None else Mark(MarkKind.HELD, since, max(since, at), "music" if self._music else "")

    def _begin(self) -> None:
        if len(self._silent) >= SILENT_HOPS:
            self.since, self._music = self._silent[0], False
            return
        if len(self._full) == MUSIC_HOPS and self._bare <= PAUSES and self._flat < FLAT_PART * MUSIC_HOPS:
            self.since, self._music = next(at for at, full, _ in self._full if full), True

    def _count(self, at: int, *, full: bool, flat: bool) -> None:
        self._full.append((at, full, flat))
        self._bare, self._flat = self._bare + (not full), self._flat + flat
        if len(self._full) > MUSIC_HOPS:
            _, full, flat = self._full.popleft()
            self._bare, self._flat = self._bare - (not full), self._flat - flat

    def _goes_on(self, *, silent: bool) -> bool:
        if not self._music:
            return silent
        return sum(not full for _, full, _ in list(self._full)[-2 * PAUSES :]) <= PAUSES

    def _learn(self, evidence: Evidence) -> None:
        if evidence.lift is not None and evidence.tone is None and _is_flat(evidence):
            self._open.append(evidence.lift)
            self._floor = median(self._open) if len(self._open) > OPEN_HOPS // 3 else None


def _is_flat(evidence: Evidence) -> bool:
    high = evidence.features.high
    return max(high) - min(high) < FLAT_DB
