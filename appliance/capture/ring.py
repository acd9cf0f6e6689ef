"""Power ringing: bursts of 16 to 50 Hz and its harmonics on a line whose receiver is down (ETSI EN 300 659-1, 14 to 75 V).

Adaptors differ in how much of the fundamental they pass, so what counts is that nearly all the energy lies below
speech, far above the line's own hum, for as long as a burst lasts.
"""

from appliance.audio import RATE
from appliance.capture.features import Features
from appliance.capture.runs import RunTracker, Span

OVER_IDLE_DB = 10.0
"""Below 280 Hz, above the idle line."""

OVER_VOICE_DB = 9.0
"""Below 280 Hz, above 280 Hz to 3.4 kHz. Speech through a telephone has it the other way round."""

OVER_HIGH_DB = 18.0
"""Below 280 Hz, above 1 kHz to 3.4 kHz."""

SHORTEST = int(0.15 * RATE)
"""A shorter burst is a hook transient dying away; the shortest ring of any plan is 200 ms."""


class RingDetector:
    """Finds bursts of power ringing. ``sounding_since`` is where the present one began, None between bursts."""

    def __init__(self) -> None:
        """Begin on a silent line."""
        self._runs = RunTracker(bridge=1)
        self._end = 0

    @property
    def sounding_since(self) -> int | None:
        """Where a burst that has lasted long enough to be one began, if one is going on."""
        since = self._runs.open_since
        return since if since is not None and self._end - since >= SHORTEST else None

    def of(self, features: Features, idle_low: float | None) -> list[Span]:
        """Return the bursts that ended in this hop. ``idle_low`` is the idle line's level below 280 Hz, once known."""
        self._end = features.end
        if idle_low is None:
            return []
        least = idle_low + OVER_IDLE_DB
        if self._runs.open_since is None and (features.lost or max(features.low) < least):
            return []
        rows = [
            not features.lost and low > least and low > voice + OVER_VOICE_DB and low > high + OVER_HIGH_DB
            for low, voice, high in zip(features.low, features.voice, features.high, strict=True)
        ]
        return [burst for burst in self._runs.take(features.at, rows) if burst.length >= SHORTEST]
