"""One line's account of itself: each second of it was either heard or lost. No clock: the caller says when."""

from dataclasses import dataclass

from appliance.model.gaps import GapCause, Why
from appliance.recorder.instant import Instant
from appliance.storage.entry import Stated
from appliance.storage.gapnotes import Losing, Lost, Note

TOLD_AFTER_S = 2.0
"""A loss that lasts longer is written down before it is over: the power may go meanwhile."""

AGREE_S = 0.25
"""When a frame was heard is known from when frames came, which a busy machine moves about by less than this."""

STARTING = Why(GapCause.STOPPED)
"""Why a line is not heard before its first frame."""

HELD = Why(GapCause.DISK, "in memory")
"""Why what was heard counts as lost while no disk has it: a power cut would take it."""


@dataclass(frozen=True, slots=True)
class _Open:
    start: Instant
    why: Why
    told: bool = False


class GapWatch:
    """Follows one line through its frames. ``notes`` gives what has become known since it was last asked.

    The line counts as lost from ``began`` to its first frame.
    """

    def __init__(self, line: int, began: Instant) -> None:
        """Watch line number ``line`` (from 1)."""
        self._line = line
        self._until = began
        self._open: _Open | None = _Open(began, STARTING)
        self._held: _Open | None = None
        self._notes: list[Note] = []

    def hear(self, start: Instant, end: Instant, lost: Why | None, unheard: Why) -> None:
        """A frame from ``start`` to ``end`` has come; ``lost`` is why it holds nothing of the line, if so.

        ``unheard`` is why there was no frame at all between the one before and this one, if it does not follow.
        """
        if self._open is None and start.boottime_s > self._until.boottime_s + AGREE_S:
            self._lose(self._until, unheard)
        edge = _later(start, self._open.start if self._open else self._until)
        if lost is None:
            self._found(edge)
        else:
            self._lose(edge, lost)
        self._until = _later(end, self._until)

    def miss(self, now: Instant, why: Why) -> None:
        """Nothing has come for a while; ``why`` is what is known of it."""
        if now.boottime_s - self._until.boottime_s > TOLD_AFTER_S:
            self._lose(self._until if self._open is None else now, why)

    def lost_call(self, start: Instant, end: Instant, why: Why) -> None:
        """What was heard from ``start`` to ``end`` could not be kept after all."""
        self._notes.append(Lost(self._line, stated(start), stated(end), why))

    def hold(self, start: Instant | None) -> None:
        """What was heard from ``start`` on is in memory alone; None says that a disk has all of it, or it was lost."""
        if self._held is not None and self._held.start != start:
            taken_back = stated(self._held.start)
            self._notes.append(Lost(self._line, taken_back, taken_back, HELD))
            self._held = None
        if start is not None and self._held is None:
            self._held = _Open(start, HELD)

    def notes(self, now: Instant) -> list[Note]:
        """Return what is to be written down, oldest first."""
        ready, self._notes = self._notes, []
        if self._held and not self._held.told:
            ready.append(Losing(self._line, stated(self._held.start), HELD))
            self._held = _Open(self._held.start, HELD, told=True)
        lasting = self._open
        if lasting and not lasting.told and now.boottime_s - lasting.start.boottime_s > TOLD_AFTER_S:
            ready.append(Losing(self._line, stated(lasting.start), lasting.why))
            self._open = _Open(lasting.start, lasting.why, told=True)
        return ready

    def retell(self) -> None:
        """Say again what is going on: a new chapter stands by itself."""
        if self._open is not None:
            self._open = _Open(self._open.start, self._open.why)
        if self._held is not None:
            self._held = _Open(self._held.start, HELD)

    def _lose(self, at: Instant, why: Why) -> None:
        if self._open is not None:
            if self._open.why.cause is why.cause:
                return
            self._found(at)
        self._open = _Open(at, why)

    def _found(self, at: Instant) -> None:
        """End what is open. A loss that was told and was none, for sound came late, is taken back: its length is 0."""
        lasting, self._open = self._open, None
        if lasting is None:
            return
        end = _later(at, lasting.start)
        if lasting.told or end is not lasting.start:
            self._notes.append(Lost(self._line, stated(lasting.start), stated(end), lasting.why))


def _later(one: Instant, other: Instant) -> Instant:
    return one if one.boottime_s > other.boottime_s else other


def stated(at: Instant) -> Stated:
    """Return an instant as it is written down."""
    return Stated(at.moment.at, at.moment.quality, at.boot_id, at.boottime_s)
