"""A tapped line, whatever it is tapped with."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from appliance.audio import Frame
from appliance.events import LineSign


class LineTap(Protocol):
    """Delivers a line's audio in order, 8 kHz mono, without a hole in its sample positions.

    Positions start at 0 when the tap is opened and each frame starts where the last one ended: what a card lost comes
    as zeros in a frame marked ``lost``. The conformance suite in ``tests/capture/test_line_taps.py`` runs over all.
    """

    simulated: bool
    """True when nothing real is behind it: the page and the terminal say so."""

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame, or None when none came within ``timeout_s``.

        Raises:
            LineFault: the line cannot be heard now; open a new tap to try again.
            LineEnded: the line had an end (a sound file) and this is it.
        """
        ...

    def close(self) -> None:
        """Let the line go. May be called twice."""
        ...


@runtime_checkable
class TimedTap(LineTap, Protocol):
    """A tap whose device keeps time: an outage between two taps of it is known to the millisecond."""

    spoken_s: float | None
    """When the sample after the last frame was due, by a clock that goes on from tap to tap; None before a frame."""


@runtime_checkable
class TellingTap(LineTap, Protocol):
    """A tap whose device senses the line itself: ringing, the hook, the caller's number."""

    def signs(self) -> Sequence[LineSign]:
        """Return what it told since the last call, in order; positions are the tap's own."""
        ...


@runtime_checkable
class HoldingTap(LineTap, Protocol):
    """A tap that takes in some blocks at once, and so may hold a few that have come."""

    def rest(self) -> list[Frame]:
        """Return all that has come and has not been read; only ``close`` may follow."""
        ...
