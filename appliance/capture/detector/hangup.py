"""Has the receiver been laid down? The floor is at idle again, and a click said when."""

from statistics import median

from appliance.audio import positions
from appliance.capture.clicks import Click
from appliance.capture.detector.senses import Evidence

AT_IDLE_DB = 0.5
"""At least this much above the idle floor still counts as idle: a second of noise is measured to 0.1 dB."""

AT_IDLE_PART = 0.3
AT_IDLE_MOST_DB = 2.0
"""Where an open line stands far above, this part of it counts as idle too, up to 2 dB: a muted or held one has half."""

BELOW_IDLE_DB = 1.5
"""Below the idle floor by more than this is not idle but digital silence."""

CLICK_HOPS = 6
"""Hops at idle after a click, 1.2 s: longer than any flash."""

BARE_HOPS = 20
"""Hops at idle without a click, 4 s, where the floors differ."""

ALIKE_HOPS = 60
"""Hops at idle after a click, 12 s, where the floors are alike and a pause looks like a hang-up."""

IDLE_SHARE = 0.6
"""Part of the hops that must be at idle; crosstalk may be heard in the others."""

CLICK_REACH = positions(0.8)
ISOLATED = 8.0
"""Times the step before it that a click must have to count where the floors are alike."""


class HangUpWatch:
    """Watches a line whose receiver is up. ``open_lift`` is the least it stood above idle so far, in dB."""

    def __init__(self, open_lift: float | None) -> None:
        """Begin with what earlier calls on the line have shown."""
        self.open_lift = open_lift
        self._lifts: list[float] = []
        self._clicks: list[Click] = []
        self._quiet_since: int | None = None
        self._idle = self._hops = 0

    @property
    def band(self) -> float:
        """How far above the idle floor still counts as idle, in dB."""
        wide = AT_IDLE_PART * (self.open_lift or 0.0)
        return min(AT_IDLE_MOST_DB, max(AT_IDLE_DB, wide))

    @property
    def quiet_since(self) -> int | None:
        """Where the line fell to its idle floor, if that is where it is."""
        return self._quiet_since

    def hung_up(self, evidence: Evidence) -> tuple[int, bool] | None:
        """Return where the receiver was laid down and whether a click says so, once there is evidence that it was."""
        self._clicks = [c for c in [*self._clicks, *evidence.clicks] if evidence.end - c.at < positions(20.0)]
        lift = evidence.lift
        if lift is None:
            return None
        at_idle = -BELOW_IDLE_DB < lift < self.band
        self._count(evidence.at, at_idle=at_idle)
        self._learn(lift)
        if not at_idle or self._quiet_since is None:
            return None
        click = self._click(self._quiet_since)
        if self._idle < self._needed(click):
            return None
        return (click.at, True) if click else (self._quiet_since, False)

    def last_click(self) -> Click | None:
        """Return the last click heard."""
        return self._clicks[-1] if self._clicks else None

    def _needed(self, click: Click | None) -> int:
        alike = self.open_lift is None or self.open_lift < AT_IDLE_DB
        if alike:
            return ALIKE_HOPS if click and click.ratio > ISOLATED else 10 * ALIKE_HOPS
        return CLICK_HOPS if click else BARE_HOPS

    def _count(self, at: int, *, at_idle: bool) -> None:
        if self._quiet_since is None:
            if at_idle:
                self._quiet_since, self._idle, self._hops = at, 1, 1
            return
        self._hops += 1
        self._idle += at_idle
        if self._idle < IDLE_SHARE * self._hops:
            self._quiet_since = None

    def _learn(self, lift: float) -> None:
        """Keep the least steady lift of the call; what may be a hang-up already is left out."""
        if self._quiet_since is not None:
            self._lifts.clear()
            return
        self._lifts.append(lift)
        if len(self._lifts) == 3 * CLICK_HOPS:
            least = median(sorted(self._lifts)[: 2 * CLICK_HOPS])
            self.open_lift = least if self.open_lift is None else min(self.open_lift, least)
            self._lifts.clear()

    def _click(self, at: int) -> Click | None:
        near = [click for click in self._clicks if -CLICK_REACH <= click.at - at <= CLICK_REACH / 2]
        return near[-1] if near else None
