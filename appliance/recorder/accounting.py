"""One line's way into the gap ledger: what its worker hears and misses, with the reason, told to the diary."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator

from appliance.audio import Frame, positions
from appliance.capture import deadwire
from appliance.capture.deadwire import DeadWire
from appliance.model.gaps import GapCause, Why
from appliance.recorder.gapwatch import STARTING, GapWatch
from appliance.recorder.instant import Instant
from appliance.recorder.unkept import Unkept
from appliance.storage.gapnotes import Note

_SILENT = Why(GapCause.CARD, "The line gives no sound.")
_OVERRUN = Why(GapCause.OVERRUN)
_DEAD = Why(GapCause.CARD, deadwire.WORDS)

Withheld = Callable[[], Why | None]
"""Why somebody wants the line not to be recorded at this moment; None while it is to be."""


def nothing_withheld() -> Why | None:
    """Say that all is to be recorded."""
    return None


class Accounting:
    """Owned by the line's thread, but for ``new_notes`` and ``retell``, which are the diary's."""

    def __init__(self, line: int, began: Instant, withheld: Withheld = nothing_withheld) -> None:
        """Account for line number ``line`` from ``began`` on.

        ``withheld`` only tells the ledger: what is recorded instead is the recorder's mask's to say.
        """
        self._watch, self._withheld = GapWatch(line, began), withheld
        self._dead = DeadWire()
        self._fault: Why | None = None
        self._heard = False
        self._notes: queue.SimpleQueue[Note] = queue.SimpleQueue()
        self.retell = threading.Event()
        """Set when the diary has begun a chapter: what is being lost is told again."""

    @property
    def trouble(self) -> str:
        """What is wrong with a card that delivers; empty where nothing is."""
        return deadwire.WORDS if self._dead.since is not None else ""

    def fault(self, cause: GapCause, detail: str = "") -> None:
        """Take note of why the line is not heard from now on; the next frame that is not lost ends it."""
        self._fault = Why(cause, detail)

    def hear(self, frame: Frame, heard: Instant) -> GapCause:
        """Take a frame whose last sample was heard at ``heard``; return why it is lost, if it is."""
        was_dead = self._dead.since is not None
        self._dead.hear(frame)
        dead_from = self._dead.since
        if dead_from is not None and not was_dead:  # found out late: from then to now is lost after all
            self._watch.lost_call(heard.earlier(frame.end - dead_from), heard, _DEAD)
        lost = self._lost(frame, dead=was_dead and dead_from is not None)
        self._watch.hear(heard.earlier(len(frame.samples)), heard, lost, self._fault or _SILENT)
        self._heard = True
        if not frame.lost:
            self._fault = None
        return lost.cause if lost else GapCause.OVERRUN

    def turn(self, now: Instant, unkept: Iterable[Unkept], held: Instant | None = None) -> None:
        """See what is missing now, and what was heard and could not be kept.

        ``held`` is from when on what was heard is in memory alone; None where a disk has all of it.
        """
        self._watch.miss(now, self._fault or (_SILENT if self._heard else STARTING))
        for stretch in unkept:
            end = stretch.start.earlier(-positions(stretch.length_s))
            self._watch.lost_call(stretch.start, end, Why(GapCause.DISK))
        self._watch.hold(held)
        if self.retell.is_set():
            self.retell.clear()
            self._watch.retell()
        for note in self._watch.notes(now):
            self._notes.put(note)

    def new_notes(self) -> Iterator[Note]:
        """Yield what the diary is to write down of this line."""
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._notes.get_nowait()

    def _lost(self, frame: Frame, *, dead: bool) -> Why | None:
        if frame.lost:
            return self._fault or _OVERRUN
        return self._withheld() or (_DEAD if dead else None)
