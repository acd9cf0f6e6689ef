"""The thread of one line: what its tap gives goes to its recorder, whatever happens to either."""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from appliance.audio import Frame, positions
from appliance.capture.detector import LineMemory
from appliance.capture.wiring import Fault, LineHealth, Measure
from appliance.clock import Clock
from appliance.errors import LineEnded, LinekeeperError
from appliance.events import HookEdge, LineSign
from appliance.model.calls import CallId, EndCause
from appliance.model.gaps import GapCause, Why
from appliance.recorder.continuity import LONGEST_FILLED_S, Continuity
from appliance.recorder.gapwatch import STARTING, GapWatch
from appliance.recorder.instant import Instant, read
from appliance.recorder.line_recorder import LineRecorder
from appliance.recorder.line_view import LineView
from appliance.recorder.listening import Listening
from appliance.recorder.memory import GOING_ON_S
from appliance.recorder.senses import Senses
from appliance.storage.gapnotes import Note

_LOG = logging.getLogger(__name__)

_PATIENCE_S = 0.2  # how long a read may wait: syncs and retries come between reads
_REOPEN_S = 0.2

_SILENT = Why(GapCause.CARD, "The line gives no sound.")
_OVERRUN = Why(GapCause.OVERRUN)

Withheld = Callable[[], Why | None]
"""Why somebody wants the line not to be recorded at this moment; None while it is to be."""


def nothing_withheld() -> Why | None:
    """Say that all is to be recorded."""
    return None


NewRecorder = Callable[[CallId | None, LineMemory | None], LineRecorder]
"""Makes a recorder of the line. Given the recording of a call that may be going on, it begins inside that call; what
was learnt of the line may be given too, or else is what a restart remembers."""


@dataclass(frozen=True, slots=True)
class LineNow:
    """How a line stands, as its thread left it; the status and the lamps are made of it.

    ``alive_s`` is when the thread last came round and ``heard_s`` when the last frame came, by the monotonic clock.
    ``fault`` is why the tap gives nothing. ``over`` when the line had an end and this is it. ``measure`` is of the last
    second's sound, and ``wiring`` what has been wrong with it for minutes.
    """

    view: LineView
    memory: LineMemory
    alive_s: float
    heard_s: float | None = None
    fault: str = ""
    simulated: bool = False
    ring_sensed: bool = False
    over: bool = False
    measure: Measure = field(default_factory=Measure)
    wiring: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Interrupted:
    """A line that went unheard for too long: when it was last heard, and the recording of a call there was then."""

    at_s: float
    call_id: CallId | None


class LineWorker:
    """Owns one line's tap and recorder; nothing else touches them."""

    def __init__(
        self,
        name: str,
        listening: Listening,
        continuity: Continuity,
        new_recorder: NewRecorder,
        senses: Senses,
        clock: Clock,
        continues: CallId | None = None,
        line: int = 1,
        withheld: Withheld = nothing_withheld,
    ) -> None:
        """Record line number ``line``, called ``name``; ``continues`` is the recording that a restart cut short.

        ``withheld`` only tells the gap ledger: what is recorded instead is the recorder's mask's to say.
        """
        self._listening, self._continuity, self._senses, self._clock = listening, continuity, senses, clock
        self._new_recorder = new_recorder
        self._recorder = new_recorder(continues, None)
        self._signs: list[LineSign] = []
        self._health = LineHealth()
        self._interrupted: _Interrupted | None = None
        self._over = False
        self._withheld = withheld
        self._watch = GapWatch(line, read(clock))
        self._fault: Why | None = None
        self._notes: queue.SimpleQueue[Note] = queue.SimpleQueue()
        self.retell = threading.Event()
        """Set when the diary has begun a chapter: what is being lost is told again."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"line {name}", daemon=True)
        self.now = LineNow(self._recorder.view, self._recorder.memory(), clock.monotonic())

    def start(self) -> None:
        """Begin listening."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; a call in progress is closed properly."""
        self._stopping.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; return whether it came."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def new_notes(self) -> Iterator[Note]:
        """Yield what the diary is to write down of this line, from any one thread."""
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._notes.get_nowait()

    def turn(self) -> None:
        """Listen once, record what came, and see to what is due: what the thread does over and over."""
        fault = ""
        try:
            frames = self._listening.read(_PATIENCE_S)
            self._feed(frames, read(self._clock))
        except LineEnded as ended:
            fault = str(ended)
            self._fault = Why(GapCause.ENDED)
            self._finish()
        except LinekeeperError as lost:
            fault = str(lost)
            self._fault = Why(GapCause.CARD, fault)
            self._listening.drop()
            self._stopping.wait(_REOPEN_S)
        now = read(self._clock)
        self._mind_long_outage(now.boottime_s)
        self._recorder.tick(now)
        self._account(now)
        self.now = LineNow(
            view=self._recorder.view,
            memory=self._recorder.memory(),
            alive_s=now.boottime_s,
            heard_s=self._listening.heard_s,
            fault=fault,
            simulated=self._listening.simulated,
            ring_sensed=self._senses.rings(),
            over=self._over,
            measure=self._health.now,
            wiring=self._health.faults,
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.turn()
            except Exception:  # noqa: BLE001 - the top of the thread: whatever failed, the line is listened to again
                _LOG.exception("%s: failed; it is begun again", self._thread.name)
                self._fault = Why(GapCause.FAILED)
                self._interrupt()
                self._stopping.wait(1.0)
        self._end(EndCause.STOPPED)
        self._account(read(self._clock))
        self._listening.drop()
        self._senses.close()

    def _feed(self, frames: list[Frame], now: Instant) -> None:
        if not frames:
            return
        if self._interrupted is not None:
            self._begin_again(self._interrupted)
        self._signs += [HookEdge(self._continuity.position_at(at.at_s), at.active) for at in self._senses.hook()]
        self._signs += self._listening.signs()
        spoken = self._continuity.position_at(now.boottime_s)
        for frame in frames:
            due = [sign for sign in self._signs if sign.at < frame.end]
            self._signs = [sign for sign in self._signs if sign.at >= frame.end]
            self._hear(frame, now.earlier(spoken - frame.end), due)

    def _hear(self, frame: Frame, heard: Instant, hook: list[HookEdge]) -> None:
        lost = (self._fault or _OVERRUN) if frame.lost else self._withheld()
        self._watch.hear(heard.earlier(len(frame.samples)), heard, lost, self._fault or _SILENT)
        if not frame.lost:
            self._fault = None
        self._recorder.feed(frame, heard, hook, lost.cause if lost else GapCause.OVERRUN)
        self._health.hear(frame)

    def _account(self, now: Instant) -> None:
        """Tell the diary what has been lost."""
        started = self._listening.heard_s is not None
        self._watch.miss(now, self._fault or (_SILENT if started else STARTING))
        for unkept in self._recorder.unkept():
            end = unkept.start.earlier(-positions(unkept.length_s))
            self._watch.lost_call(unkept.start, end, Why(GapCause.DISK))
        if self.retell.is_set():
            self.retell.clear()
            self._watch.retell()
        for note in self._watch.notes(now):
            self._notes.put(note)

    def _finish(self) -> None:
        """Close a line that had an end; it is said so from now on."""
        if not self._over:
            self._end(EndCause.LINE_LOST)
        self._over = True
        self._stopping.wait(_PATIENCE_S)

    def _mind_long_outage(self, now_s: float) -> None:
        """After an outage too long to be filled, close the call where the line was lost."""
        if not self._over and self._continuity.outage_s(now_s) > LONGEST_FILLED_S:
            self._interrupt()

    def _interrupt(self) -> None:
        now_s = self._clock.monotonic()
        self._interrupted = _Interrupted(now_s - self._continuity.outage_s(now_s), self._recorder.view.call_id)
        self._end(EndCause.LINE_LOST)
        self._continuity.begin_again()

    def _begin_again(self, interrupted: _Interrupted) -> None:
        """Give the line a new recorder; a call that was open a short while ago may be going on, and is continued."""
        recent = self._clock.monotonic() - interrupted.at_s < GOING_ON_S
        self._recorder = self._new_recorder(interrupted.call_id if recent else None, self.now.memory)
        self._interrupted = None

    def _end(self, cause: EndCause) -> None:
        try:
            self._recorder.stop(cause, self._when_heard())
        except Exception:  # noqa: BLE001 - the last that can be done for this recording; what was sealed of it stays
            _LOG.exception("%s: its recording could not be closed", self._thread.name)
            self._recorder.abandon()

    def _when_heard(self) -> Instant:
        """Return when the line was last heard: a call that was lost ended there, not when that was noticed."""
        now = read(self._clock)
        return now.earlier(self._continuity.unheard(now.boottime_s))
