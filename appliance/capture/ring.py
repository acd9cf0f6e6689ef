"""Power ringing: bursts of 16 to 50 Hz and its harmonics on a line whose receiver is down (ETSI EN 300 659-1).

Adaptors differ in how much of the fundamental they pass, some none, so what counts is that nearly all the energy lies
below 700 Hz, far above the line's own hum, steady, and in more than the one or two frequencies of a tone.
"""

from appliance.audio import RATE
from appliance.capture.features import STEP, Features
from appliance.capture.runs import RunTracker, Span

OVER_IDLE_DB = 10.0
"""Below 700 Hz, above the idle line."""

OVER_HIGH_DB = 18.0
"""Below 700 Hz, above 1 kHz to 3.4 kHz: a long way for speech."""

SHORTEST = int(0.15 * RATE)
"""A shorter burst is a hook transient dying away; the shortest ring of any plan is 200 ms."""

UNSTEADY_DB = 5.0
"""A burst whose level moves by more than this within is a voice."""

EDGE = 4
"""Frames at both ends of a burst that the window still fills or empties."""


class RingDetector:
    """Finds bursts of power ringing. ``sounding_since`` is where the present one began, None between bursts."""

    def __init__(self) -> None:
        """Begin on a silent line."""
        self._runs = RunTracker(bridge=1)
        self._end = 0
        self._levels: list[float] = []

    @property
    def sounding_since(self) -> int | None:
        """Where a burst that has lasted long enough to be one began, if one is going on."""
        since = self._runs.open_since
        return since if since is not None and self._end - since >= SHORTEST and self._is_steady() else None

    def of(self, features: Features, idle: float | None, tonal: list[bool]) -> list[Span]:
        """Return the bursts that ended in this hop.

        ``idle`` is the idle line's level below 700 Hz, once known; ``tonal`` says which frames are one or two tones.
        """
        self._end = features.end
        if idle is None:
            return []
        least = idle + OVER_IDLE_DB
        if self._runs.open_since is None and (
            features.lost or features.rumble < least or features.depth < OVER_HIGH_DB
        ):
            return []
        rows = [
            not features.lost and level > max(least, high + OVER_HIGH_DB) and (low > voice or not tone)
            for level, low, voice, high, tone in zip(
                features.ringing, features.low, features.voice, features.high, tonal, strict=True
            )
        ]
        return self._bursts(features, rows) if self._runs.open_since is not None or True in rows else []

    def _bursts(self, features: Features, rows: list[bool]) -> list[Span]:
        ended = []
        for row, (yes, level) in enumerate(zip(rows, features.ringing, strict=True)):
            bursts = self._runs.take(features.at + row * STEP, [yes])
            ended += [burst for burst in map(self._tripped, bursts) if self._is_one(burst)]
            if self._runs.open_since is None:
                self._levels.clear()
            elif yes:
                self._levels.append(level)
        return ended

    def _tripped(self, burst: Span) -> Span:
        """Cut off what a lifted receiver leaves of a burst: it goes on weakly until the exchange notices."""
        least = max(self._levels) - UNSTEADY_DB
        kept = next(back for back, level in enumerate(reversed(self._levels)) if level > least)
        if kept <= EDGE:
            return burst
        del self._levels[-kept:]
        return Span(burst.start, min(burst.end, burst.start + len(self._levels) * STEP))

    def _is_one(self, burst: Span) -> bool:
        return burst.length >= SHORTEST and self._is_steady()

    def _is_steady(self) -> bool:
        inner = self._levels[EDGE:-EDGE]
        return not inner or max(inner) - min(inner) < UNSTEADY_DB
