"""Has the receiver been laid down? The floor is at idle again, and a click said when."""

from collections import deque
from itertools import pairwise
from statistics import fmean, median

from appliance.audio import positions
from appliance.capture.cadence import is_progress
from appliance.capture.clicks import Click
from appliance.capture.detector.hook import FLASH
from appliance.capture.detector.senses import Evidence
from appliance.capture.features import HOP, ROWS, STEP
from appliance.capture.tonality import Sounding

AT_IDLE_DB = 0.5
"""This much above the idle floor still counts as idle: a second of noise is measured to 0.15 dB."""

ALIKE_DB = 0.6
"""An open line that stands less than this above its idle floor cannot be told from an idle one; half of what it stands
is the most that may count as idle."""

AT_IDLE_PART = 0.3
AT_IDLE_MOST_DB = 2.0
"""Where an open line stands far above, this part of it counts as idle too, up to 2 dB: a muted or held one has half."""

BELOW_IDLE_DB = 4.0
"""Below the idle floor by more than this is not idle but digital silence."""

CLICK_HOPS = 6
"""Hops at idle after a click, 1.2 s: longer than any flash."""

BARE_HOPS = 10
"""Hops at idle without a click, 2 s, where the floors differ clearly; ``FAINT_HOPS``, 4 s, where they do not."""

FAINT_HOPS = 20
CLEAR_DB = 3.0
"""Floors that differ by this differ clearly."""

UNKNOWN_HOPS = 10
"""Hops at idle after a click, 2 s, where nothing is known of how the floors differ."""

ALIKE_HOPS = 60
"""Hops at idle after a click, 12 s, where the floors are alike and a pause looks like a hang-up."""

IDLE_SHARE = 0.6
"""Part of the hops that must be at idle; crosstalk may be heard in the others."""

CROSSTALK_HOPS = 3
"""Hops in a row, 600 ms, that crosstalk may cover."""

GLIMPSES = 3
WINDOW_HOPS = 12
"""Hops at idle, first and last 1.2 s apart within 2.4 s, that show a hang-up between crosstalk after a click."""

LATELY = positions(3.0)
"""Caller display and a ring last no longer than this together with the pause before them."""

SWITCH_PART = 3.0
"""The hook switch makes as large a step when the receiver is laid down as when it is lifted. Where no step about a
floor's fall reaches a third of that, the receiver is still up: the microphone is off, or the call is held."""

FALL_HOPS = (1, 4)
"""Hops before and after the first quiet one in which that step would be: nothing is said after it."""

AGAIN = positions(0.4)
"""Of dial tone, after a click on a line that had been quiet: a new call."""

CLICK_REACH = positions(0.8)
DYING_AWAY = positions(0.1)
"""Voice heard later than this after a click means that the click was not the hang-up."""

ISOLATED = 8.0
"""Times the step before it that a click must have to count where the floors are alike."""

REMEMBERED = positions(20.0)
REMEMBERED_HOPS = 10 * ALIKE_HOPS
FLAT_DB = 3.5
"""A hop whose frames differ by less is the bare floor: noise alone makes 1.5 dB, speech 10 and more."""

STEADY_HOPS = 8
"""Flat hops, 1.6 s, whose middle tells how far the open line stands above idle: a flash does not reach it."""

LEAST_HOPS = 3
"""Flat hops that must do where a call is too short for more."""

MACHINE_DB = 15.0
MACHINE_LOW_DB = 1.5
"""A steady sound this far above idle with so little of it below 1 kHz is a fax or a modem sending, not a floor: a
room's noise has most of itself there."""

LAG_HOPS = 4
"""The newest of them are left out until they are known not to be a hang-up."""


class HangUpWatch:
    """Watches a line whose receiver is up. ``open_lift`` is the least that it stood above idle in this call, in dB.

    ``quiet_since`` is where it fell to its idle floor, None while it stands above; ``held_open`` says that it fell
    without the hook switch.
    """

    def __init__(self, risen: float | None, usual_lift: float | None, step: float = 0.0) -> None:
        """Begin with how far the floor seemed to rise when the receiver was lifted, and what earlier calls showed.

        ``step`` is the size of the click it was lifted with, 0 where none was heard.
        """
        self.open_lift: float | None = None
        self._risen = risen
        self._step = step
        self._steps: deque[float] = deque(maxlen=REMEMBERED_HOPS + FALL_HOPS[0])
        self._usual_lift = usual_lift
        self._lifts: deque[tuple[int, float]] = deque(maxlen=REMEMBERED_HOPS)
        self._window: deque[tuple[int, float]] = deque(maxlen=WINDOW_HOPS)
        self._recent: deque[float] = deque(maxlen=CLICK_HOPS)
        self._steady: list[float] = []
        self._clicks: list[Click] = []
        self._last_sound = 0
        self.quiet_since: int | None = None
        self.held_open = False
        self._fell_at, self._quiet_until = 0, -LATELY

    @property
    def band(self) -> float:
        """How far above the idle floor still counts as idle, in dB; wide only where the gap is known well."""
        gap = self._known_gap
        if gap is None or gap < ALIKE_DB:
            return AT_IDLE_DB
        return min(AT_IDLE_MOST_DB, max(AT_IDLE_DB, AT_IDLE_PART * gap), gap / 2)

    @property
    def floors_alike(self) -> bool:
        """True where an open line cannot be told from an idle one."""
        gap = self.gap
        return gap is not None and gap < ALIKE_DB

    @property
    def _known_gap(self) -> float | None:
        if self.open_lift is not None:
            return self.open_lift
        if self._usual_lift is None or self._risen is None:
            return self._usual_lift
        return min(self._usual_lift, max(0.0, self._risen))

    @property
    def gap(self) -> float | None:
        """How far the open line stands above its idle floor, in dB, as well as is known."""
        if self._known_gap is not None:
            return self._known_gap
        return median(self._steady) if len(self._steady) >= LEAST_HOPS else self._risen

    def hung_up(self, evidence: Evidence) -> tuple[int, bool] | None:
        """Return where the receiver was laid down and whether a click says so, once there is evidence that it was."""
        self._clicks += evidence.clicks
        while self._clicks and evidence.end - self._clicks[0].at >= REMEMBERED:
            del self._clicks[0]
        if evidence.tone or evidence.digits:
            self._last_sound = evidence.at
        elif True in evidence.voiced:
            self._last_sound = evidence.at + (ROWS - evidence.voiced[::-1].index(True)) * STEP
        if evidence.lift is None:
            return None
        self._lifts.append((evidence.at, evidence.lift))
        self._steps.append(evidence.features.step)
        self._recent.append(evidence.lift)
        self._window.append((evidence.at, evidence.lift))
        if len(self._recent) == CLICK_HOPS and self._is_idle(median(self._recent)):
            if self.quiet_since is None:
                self._steady = self._steady[:-LAG_HOPS]
            return self._judged()
        self.quiet_since = None
        if self._is_idle(evidence.lift):
            return self._between_crosstalk()
        flat = evidence.features.lively < FLAT_DB
        if flat and evidence.tone is None and not _is_machine(evidence):
            self._learn(evidence.lift)
        return None

    def lately_quiet(self, now: int) -> int | None:
        """Return where the line fell to its idle floor, if it is there or was until just now: a ring may sound."""
        return self._fell_at if now - self._quiet_until < LATELY else None

    def lifted_again(self, tone: Sounding | None) -> tuple[int, Click] | None:
        """Return where the line fell quiet, and the click of a receiver lifted since: the hang-up was not heard.

        One click alone after a quiet longer than a recall, and the exchange's tone after it.
        """
        if tone is None or tone.length < AGAIN or not is_progress(tone):
            return None
        for before, click in pairwise([Click(-FLASH, 0.0, 0.0), *self._clicks]):
            alone = click.at - before.at > FLASH and click.at - self._fell_at > FLASH
            if alone and abs(click.at - self._quiet_until) < CLICK_HOPS * HOP and 0 < tone.start - click.at < LATELY:
                return self._fell_at, click
        return None

    def last_click(self) -> Click | None:
        """Return the last click heard."""
        return self._clicks[-1] if self._clicks else None

    def _judged(self) -> tuple[int, bool] | None:
        hops, idle = self._quiet_stretch()
        self.quiet_since = since = self._fell_at = self._lifts[-hops][0]
        self._quiet_until = self._lifts[-1][0]
        click = self._click(since)
        if click and click.at > since:
            hops = min(hops, (self._lifts[-1][0] + HOP - click.at) // HOP)
        self.held_open = click is None and self._switch_rests(hops)
        covered = not self._is_idle(self._lifts[-1][1])
        if self.held_open or covered or hops < self._needed(click) or idle < IDLE_SHARE * hops:
            return None
        if click and self._last_sound <= click.at + DYING_AWAY:
            return click.at, True
        return since, click is not None

    def _switch_rests(self, hops: int) -> bool:
        """Say whether the hook switch would have been heard where the line fell quiet ``hops`` ago, and was not."""
        steps = list(self._steps)[-hops - FALL_HOPS[0] :][: sum(FALL_HOPS)]
        return SWITCH_PART * max(steps) < self._step

    def _between_crosstalk(self) -> tuple[int, bool] | None:
        """Where the floors differ clearly, a few hops at idle, a hang-up apart, tell as much as many in a row."""
        gap = self.gap
        idle = [at for at, lift in self._window if self._is_idle(lift)]
        if gap is None or gap < CLEAR_DB or len(idle) < GLIMPSES or idle[-1] - idle[0] < CLICK_HOPS * HOP:
            return None
        click = self._click(idle[0])
        return (click.at, True) if click else None

    def _is_idle(self, lift: float) -> bool:
        return -BELOW_IDLE_DB < lift < self.band

    def _quiet_stretch(self) -> tuple[int, int]:
        """Return how many hops back the quiet began, and how many of them are at idle."""
        hops = idle = covered = 0
        for back, (_, lift) in enumerate(reversed(self._lifts), 1):
            if self._is_idle(lift):
                hops, idle, covered = back, idle + 1, 0
            else:
                covered += 1
                if covered > CROSSTALK_HOPS:
                    break
        return hops, idle

    def _needed(self, click: Click | None) -> int:
        if self.floors_alike:
            return ALIKE_HOPS if click and click.ratio > ISOLATED else REMEMBERED_HOPS
        gap = self.gap
        if gap is None:
            return UNKNOWN_HOPS if click else FAINT_HOPS
        if click:
            return CLICK_HOPS
        return BARE_HOPS if gap > CLEAR_DB else FAINT_HOPS

    def _learn(self, lift: float) -> None:
        """Keep the least steady lift of the call; tones reach into the band, and a hang-up must not be learnt."""
        self._steady = [*self._steady[1 - STEADY_HOPS - LAG_HOPS :], lift]
        if len(self._steady) == STEADY_HOPS + LAG_HOPS:
            steady = median(self._steady[:STEADY_HOPS])
            if steady > -BELOW_IDLE_DB:
                self.open_lift = steady if self.open_lift is None else min(self.open_lift, steady)

    def _click(self, since: int) -> Click | None:
        """Return the click the line fell quiet with, ``since`` or, where floors are close, a little before it."""
        after = [click for click in self._clicks if click.at >= since - CLICK_REACH]
        switch = [click for click in after if self._step and SWITCH_PART * click.size > self._step]
        near = switch or [click for click in after if click.at <= since + HOP]
        return near[-1] if near else None


def _is_machine(evidence: Evidence) -> bool:
    features = evidence.features
    low = fmean(features.voice) - fmean(features.high)
    return (evidence.lift or 0.0) > MACHINE_DB and low < MACHINE_LOW_DB
