"""A line heard through one tap after another: a lost one is opened again, and the line's time goes on."""

from collections.abc import Callable
from dataclasses import replace

from appliance.audio import Frame
from appliance.capture.line import HoldingTap, LineTap, TellingTap, TimedTap
from appliance.clock import Clock
from appliance.errors import LineFault
from appliance.events import LineSign
from appliance.recorder.continuity import Continuity

SILENT_S = 2.0
"""A tap that gives nothing for this long is opened again, whatever it says."""


class Listening:
    """Reads frames in the line's own positions. What passed while there was no tap comes as lost frames."""

    simulated = False

    def __init__(self, open_tap: Callable[[], LineTap], continuity: Continuity, clock: Clock) -> None:
        """Open nothing yet."""
        self._open_tap, self._continuity, self._clock = open_tap, continuity, clock
        self._tap: LineTap | None = None
        self._timed: TimedTap | None = None  # the tap, where it is one: asked once, for asking is dear
        self._telling: TellingTap | None = None
        self._opened_s = 0.0
        self.heard_s: float | None = None
        """When the last frame came, by the monotonic clock."""

    def read(self, timeout_s: float) -> list[Frame]:
        """Return the next frames, oldest first; none when none came within ``timeout_s``.

        Raises:
            LineFault, AudioUnreadable: the line cannot be heard now; call again to try again.
            LineEnded: a sound file has ended.
        """
        tap = self._tap or self._open()
        frame = tap.read(timeout_s)
        now_s = self._clock.monotonic()
        if frame is not None:
            self.heard_s = now_s
            spoken_s = self._timed.spoken_s if self._timed is not None else None
            return list(self._continuity.place(frame, now_s, spoken_s))
        if now_s - max(self._opened_s, self.heard_s or 0.0) > SILENT_S:
            raise LineFault("The line gives no sound. Check the tap and its card.")
        return []

    def rest(self) -> list[Frame]:
        """Return what the tap still holds; only ``drop`` may follow."""
        held = self._tap.rest() if isinstance(self._tap, HoldingTap) else []
        now_s = self._clock.monotonic()
        return [placed for frame in held for placed in self._continuity.place(frame, now_s)]

    def signs(self) -> list[LineSign]:
        """Return what the tap's own device has told of the line, in the line's positions; of frames that were read."""
        if self._telling is None:
            return []
        return [replace(sign, at=self._continuity.placed(sign.at)) for sign in self._telling.signs()]

    def drop(self) -> None:
        """Let the tap go; the next ``read`` opens another."""
        if self._tap is not None:
            self._tap.close()
            self._tap = self._timed = self._telling = None
        self._continuity.tap_lost()

    def _open(self) -> LineTap:
        self._tap = tap = self._open_tap()
        self._timed = tap if isinstance(tap, TimedTap) else None
        self._telling = tap if isinstance(tap, TellingTap) else None
        self._opened_s, self.simulated = self._clock.monotonic(), tap.simulated
        return tap
