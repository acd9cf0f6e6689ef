"""Has the receiver been lifted? A click and what follows it, or a floor that has risen for good."""

from statistics import fmean

from appliance.audio import positions
from appliance.capture.clicks import Click
from appliance.capture.detector.senses import Evidence

RISEN_DB = 0.5
"""An off-hook line stands at least this far above its idle floor on almost every adaptor (muted: 0.9 dB and more)."""

RISEN_MEAN_DB = 0.8
"""The mean over ``CONFIRM_HOPS``, where a click went before."""

CONFIRM_HOPS = 3
"""Whole hops after a click, 600 ms, that must all stand above the idle floor."""

LOUD_DB = 15.0
"""Hops that never fall below this are a sound, not a floor: data bursts on an idle line last up to 1.5 s."""

LOUD_HOPS = 10

UNPROMPTED_DB = 6.0
UNPROMPTED_HOPS = 6
"""Without a click the floor must have risen by this for this many hops, 1.2 s."""

TONE = positions(0.4)
TONE_OVER_IDLE_DB = 20.0
"""Dial tone that a click went before."""

SPOKEN_ROWS = 12
SPOKEN_OVER_IDLE_DB = 20.0
"""Frames of voice, 240 ms within 1 s, that prove an open line after a click where the floors are alike."""

CLICK_REACH = positions(0.3)
"""How far a click may lie from where the floor began to rise."""

MEMORY = positions(12.0)


class LiftWatch:
    """Watches a line whose receiver is down, hop by hop."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._run: list[Evidence] = []
        self._clicks: list[Click] = []
        self._spoken: list[int] = []

    def lifted(self, evidence: Evidence, idle_voice: float) -> int | None:
        """Return the position at which the receiver was lifted, once there is evidence that it was."""
        self._clicks = [c for c in [*self._clicks, *evidence.clicks] if evidence.end - c.at < MEMORY]
        if evidence.lift is None:
            return None
        if evidence.lift < RISEN_DB or evidence.ringing_since is not None:
            self._run.clear()
        else:
            self._run = [*self._run[1 - 2 * LOUD_HOPS :], evidence]
        return self._by_floor() or self._by_tone(evidence, idle_voice) or self._by_voice(evidence)

    @property
    def open_lift(self) -> float | None:
        """How far the floor has risen, in dB; None while it has not."""
        return min(hop.lift or 0.0 for hop in self._run) if len(self._run) >= CONFIRM_HOPS else None

    def _by_floor(self) -> int | None:
        run = self._run
        if len(run) < CONFIRM_HOPS:
            return None
        lifts = [hop.lift or 0.0 for hop in run]
        if min(lifts) > LOUD_DB and len(run) < LOUD_HOPS:
            return None
        click = self._click_near(run[0].at)
        if click is not None and fmean(lifts[-CONFIRM_HOPS:]) > RISEN_MEAN_DB:
            return click.at
        if len(run) >= UNPROMPTED_HOPS and min(lifts[-UNPROMPTED_HOPS:]) > UNPROMPTED_DB:
            return run[-UNPROMPTED_HOPS].at
        return None

    def _by_tone(self, evidence: Evidence, idle_voice: float) -> int | None:
        tone = evidence.tone
        if tone is None or tone.length < TONE or tone.level_dbfs < idle_voice + TONE_OVER_IDLE_DB:
            return None
        before = [click for click in self._clicks if 0 <= tone.start - click.at < positions(3.0)]
        return before[0].at if before else None

    def _by_voice(self, evidence: Evidence) -> int | None:
        lift = evidence.lift or 0.0
        spoken = sum(evidence.voiced) if lift > 0 and evidence.tone is None else 0
        floor = min(evidence.features.high) - lift
        loud = max(evidence.features.high) > floor + SPOKEN_OVER_IDLE_DB
        self._spoken = [*self._spoken[-4:], spoken if loud else 0]
        if not self._clicks or sum(self._spoken) < SPOKEN_ROWS:
            return None
        return self._clicks[-1].at if len(self._clicks) == 1 else self._quiet_click(evidence)

    def _quiet_click(self, evidence: Evidence) -> int:
        """Return the last click that was not the beginning of a sound just heard."""
        earlier = [click for click in self._clicks if click.at < evidence.at - positions(1.0)]
        return (earlier or self._clicks)[-1 if earlier else 0].at

    def _click_near(self, at: int) -> Click | None:
        near = [click for click in self._clicks if -CLICK_REACH <= click.at - at <= CLICK_REACH]
        return near[0] if near else None
