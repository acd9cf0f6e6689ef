"""Has the receiver been lifted? A click and what follows it, or a floor that has risen for good."""

from dataclasses import dataclass
from statistics import fmean, median

from appliance.audio import positions
from appliance.capture.clicks import Click
from appliance.capture.detector.senses import Evidence
from appliance.capture.dtmf import Digit

RISEN_DB = 0.5
"""An off-hook line stands at least this far above its idle floor on almost every adaptor (muted: 0.9 dB and more)."""

RISEN_MEAN_DB = 0.8
"""The mean over ``CONFIRM_HOPS``, where a click went before."""

CONFIRM_HOPS = 3
"""Whole hops after a click, 600 ms, that must all stand above the idle floor."""

CLEAR_DB = 2.0
"""A floor that rises by less than this is watched for twice as long: crosstalk leaves gaps."""

BARE_DB = 5.0
"""A hop whose frames differ by less is a bare floor, and one of them must be among those that have risen."""

SPOKEN_THROUGH_HOPS = 8
"""Hops, 1.6 s, that must have risen where somebody speaks all the time: crosstalk has pauses."""

LOUD_DB = 30.0
"""Hops mostly above this are a sound, not a floor."""

LOUD_HOPS = 10

UNPROMPTED_DB = 6.0
UNPROMPTED_HOPS = 6
"""Without a click the floor must have risen by this for this many hops, 1.2 s."""

TONE = positions(0.4)
TONE_OVER_IDLE_DB = 20.0
"""A tone that a click went before: dial tone, or a machine's that answers or calls. On a line whose receiver is down
nothing is as loud and as steady for so long: caller display has tones of 0.1 s."""

SPOKEN_ROWS = 12
SPOKEN_HOPS = 5
SPOKEN_OVER_IDLE_DB = 20.0
"""Frames of voice, 240 ms within 1 s, that prove an open line after a click where the floors are alike."""

KEYED = 3
"""Digits that prove an open line after a click."""

BEFORE_KEYS = positions(0.1)
"""A click nearer to the first digit than this is the digit's own onset."""

SPOKEN_UNKNOWN_DB = 30.0
"""The same on a line of which one does not know yet whether its floors are alike: crosstalk reaches 20 dB."""

UNDECIDED = positions(1.4)
"""So long after a click the idle floor learns nothing."""

RING_EDGE = positions(0.06)
"""A click this near to the beginning of a ring is the ring's."""

CLICK_REACH = positions(0.3)
"""How far a click may lie from where the floor began to rise."""

MEMORY = positions(12.0)


@dataclass(frozen=True, slots=True)
class Lifted:
    """The receiver was lifted at ``at``; ``open_lift`` is how far the bare floor rose, in dB, where it was heard.

    ``step`` is the size of the click, 0 where none was heard.
    """

    at: int
    open_lift: float | None = None
    step: float = 0.0


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The voice in a hop: in how many frames, and how far the loudest stands above the idle floor, in dB."""

    at: int
    rows: int
    over_db: float


class LiftWatch:
    """Watches a line whose receiver is down, hop by hop."""

    def __init__(self, usual_lift: float | None) -> None:
        """Begin with how far earlier calls have shown the floor to rise, in dB."""
        self._usual_lift = usual_lift
        self._ring_starts: list[int] = []
        self._run: list[Evidence] = []
        self._clicks: list[Click] = []
        self._spoken: list[_Spoken] = []
        self._keyed: list[Digit] = []
        self._now = self._risen_at = 0

    def lifted(self, evidence: Evidence, idle_voice: float, *, overdue: bool = False) -> Lifted | None:
        """Return where the receiver was lifted, once there is evidence that it was.

        ``overdue`` says that the line was ringing and by its cadence should have rung again.
        """
        self._now = evidence.end
        if evidence.lift is not None and evidence.lift < RISEN_DB and not self._has_memory and not _says(evidence):
            self._run.clear()
            return None
        self._ring_starts = [*self._ring_starts[-9:], *(burst.start for burst in evidence.rings)]
        heard = [c for c in [*self._clicks, *evidence.clicks] if evidence.end - c.at < MEMORY]
        announced = max((told.end for told in evidence.announced), default=0)
        heard = [click for click in heard if click.at > announced]
        self._clicks = [c for c in heard if not any(abs(c.at - start) < RING_EDGE for start in self._ring_starts)]
        if evidence.lift is None:
            return None
        self._keyed = [digit for digit in self._keyed if evidence.end - digit.end < MEMORY]
        self._keyed = [*self._keyed, *evidence.digits]
        if evidence.lift < RISEN_DB:
            self._run.clear()
        elif not (evidence.ringing_since is not None or evidence.is_data or evidence.keying):
            self._risen_at = self._risen_at if self._run else evidence.at
            self._run = [*self._run[1 - 2 * LOUD_HOPS :], evidence]
        by_floor = self._by_floor() or self._by_tone(evidence, idle_voice) or self._by_keys()
        return by_floor or self._by_voice(evidence, overdue=overdue)

    @property
    def _has_memory(self) -> bool:
        return bool(self._clicks or self._keyed)

    @property
    def undecided(self) -> bool:
        """True while there is something that may yet turn out to be a lifted receiver."""
        return len(self._run) > 1 or (bool(self._clicks) and self._now - self._clicks[-1].at < UNDECIDED)

    def moved(self, evidence: Evidence) -> None:
        """Take a sensor's word that the receiver was just laid down for a click: it may still be up."""
        self._clicks.append(Click(evidence.at, 0.0, 0.0))

    def lifted_after(self, at: int) -> int:
        """Return the first click from ``at`` on, or ``at`` itself where none was heard."""
        return next((click.at for click in self._clicks if click.at >= at), at)

    def suspects_since(self, at: int) -> bool:
        """Say whether there was a click after ``at``, and somebody has spoken in the last second."""
        after = bool(self._clicks) and self._clicks[-1].at > at - RING_EDGE
        return after and any(hop.rows for hop in self._spoken if hop.over_db > SPOKEN_OVER_IDLE_DB)

    def _by_floor(self) -> Lifted | None:
        run = self._run
        if len(run) < CONFIRM_HOPS:
            return None
        lifts = [hop.lift or 0.0 for hop in run]
        if median(lifts) > LOUD_DB and len(run) < LOUD_HOPS:
            return None
        click = self._click_near(self._risen_at)
        if click is not None and self._is_floor(lifts):
            return Lifted(click.at, self._bare_lift(), click.size)
        if len(run) >= UNPROMPTED_HOPS and min(lifts[-UNPROMPTED_HOPS:]) > UNPROMPTED_DB:
            return Lifted(run[-UNPROMPTED_HOPS].at, self._bare_lift())
        return None

    def _bare_lift(self) -> float | None:
        """Return how far the bare floor has risen, where it has been heard."""
        return min((hop.lift or 0.0 for hop in self._run if _is_bare(hop)), default=None)

    def _is_floor(self, lifts: list[float]) -> bool:
        """Say whether what has risen is the line's floor, and not somebody heard through the cable."""
        bare = sum(_is_bare(hop) for hop in self._run)
        if min(lifts) > CLEAR_DB:
            return bare > 0 or len(lifts) >= SPOKEN_THROUGH_HOPS
        return bare >= CONFIRM_HOPS and len(lifts) >= 2 * CONFIRM_HOPS and fmean(lifts) > RISEN_MEAN_DB

    def _by_tone(self, evidence: Evidence, idle_voice: float) -> Lifted | None:
        if evidence.ringing_since is not None:
            return None
        heard = [*evidence.tones, *([evidence.tone] if evidence.tone else [])]
        long = [one for one in heard if one.length >= TONE and one.level_dbfs > idle_voice + TONE_OVER_IDLE_DB]
        before = [click for tone in long for click in self._clicks if 0 <= tone.start - click.at < positions(3.0)]
        return Lifted(before[0].at, self._bare_lift(), before[0].size) if before else None

    def _by_keys(self) -> Lifted | None:
        """Digits after a click: somebody dials. Caller display in keyed digits begins with a letter."""
        keys = "".join(digit.key for digit in self._keyed)
        if len(keys) < KEYED or not keys.isdigit():
            return None
        before = [c for c in self._clicks if c.at < self._keyed[0].start - BEFORE_KEYS]
        return Lifted(before[-1].at, self._bare_lift(), before[-1].size) if before else None

    def _by_voice(self, evidence: Evidence, *, overdue: bool) -> Lifted | None:
        lift = evidence.lift or 0.0
        rows = sum(evidence.voiced) if lift > 0 and evidence.tone is None else 0
        over = max(evidence.features.high) - min(evidence.features.high) + lift
        self._spoken = [*self._spoken[1 - SPOKEN_HOPS :], _Spoken(evidence.at, rows, over)]
        known = self._usual_lift is not None or overdue
        least = SPOKEN_OVER_IDLE_DB if known else SPOKEN_UNKNOWN_DB
        loud = [hop for hop in self._spoken if hop.over_db > least]
        floor_would_tell = self._usual_lift is not None and self._usual_lift > CLEAR_DB and not overdue
        if floor_would_tell or not self._clicks or sum(hop.rows for hop in loud) < SPOKEN_ROWS:
            return None
        begun = next(hop.at for hop in loud if hop.rows >= SPOKEN_ROWS // SPOKEN_HOPS)
        before = [click for click in self._clicks if click.at < begun] or self._clicks[:1]
        click = max(before, key=lambda click: click.size) if overdue else before[-1]
        return Lifted(click.at, self._bare_lift(), click.size)

    def _click_near(self, at: int) -> Click | None:
        near = [click for click in self._clicks if -CLICK_REACH <= click.at - at <= CLICK_REACH]
        return max(near, key=lambda click: click.size) if near else None


def _says(hop: Evidence) -> bool:
    """Say whether a hop holds anything but a floor."""
    return bool(hop.clicks or hop.rings or hop.digits or hop.tone or hop.announced)


def _is_bare(hop: Evidence) -> bool:
    high = hop.features.high
    return max(high) - min(high) < BARE_DB
