"""The thread of one line: what its tap gives goes to its recorder, whatever happens to either."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.audio import Frame
from appliance.capture.detector import LineMemory
from appliance.capture.wiring import Fault, LineHealth, Measure
from appliance.clock import Clock
from appliance.errors import LineEnded, LinekeeperError
from appliance.events import HookEdge, LineSign, RingEdge
from appliance.model.calls import CallId, EndCause
from appliance.model.gaps import GapCause
from appliance.model.proof import Proof
from appliance.recorder.accounting import Accounting
from appliance.recorder.announcing import AnnouncedNow, Announcer
from appliance.recorder.continuity import LONGEST_FILLED_S, Continuity
from appliance.recorder.instant import Instant, read
from appliance.recorder.line_recorder import LineRecorder
from appliance.recorder.line_view import LineView
from appliance.recorder.listening import Listening
from appliance.recorder.memory import GOING_ON_S
from appliance.recorder.senses import Senses
from appliance.recorder.withholding import WithheldNow, Withholding

_LOG = logging.getLogger(__name__)

_PATIENCE_S = 0.3  # how long a read may wait: pauses, syncs and retries come between reads
_REOPEN_S = 0.2

NewRecorder = Callable[[CallId | None, LineMemory | None], LineRecorder]
"""Makes a recorder of the line. Given the recording of a call that may be going on, it begins inside that call; what
was learnt of the line may be given too, or else is what a restart remembers."""


@dataclass(frozen=True, slots=True)
class LineNow:
    """How a line stands, as its thread left it; the status and the lamps are made of it.

    ``alive_s`` is when the thread last came round and ``heard_s`` when the last frame came, by the monotonic clock.
    ``fault`` is why the tap gives nothing. ``over`` when the line had an end and this is it. ``measure`` is of the last
    second's sound, and ``wiring`` what has been wrong with it for minutes. ``proved`` is when it last brought
    something, also before a restart; ``skew_ppm`` by how many millionths its card's clock is fast.
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
    proved: Proof | None = None
    skew_ppm: float | None = None
    withheld: WithheldNow | None = None
    announced: AnnouncedNow | None = None


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
        accounting: Accounting | None = None,
        proved: Proof | None = None,
        withholding: Withholding | None = None,
        announcer: Announcer | None = None,
    ) -> None:
        """Record the line called ``name``; ``continues`` is the recording that a restart cut short.

        ``accounting`` is the line's way into the gap ledger, and ``proved`` when it last brought something before;
        ``withholding`` is what people want not to be recorded, which the mask of a new recorder is to know too;
        ``announcer`` tells callers, where the line is wired for it.
        """
        self._listening, self._continuity, self._senses, self._clock = listening, continuity, senses, clock
        self._new_recorder = new_recorder
        self._recorder = new_recorder(continues, None)
        self._signs: list[LineSign] = []
        self._health = LineHealth()
        self._interrupted: _Interrupted | None = None
        self._over = False
        self.accounting = accounting or Accounting(1, read(clock))
        self.withholding = withholding or Withholding(0.0)
        self._announcer = announcer
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"line {name}", daemon=True)
        self.now = LineNow(self._recorder.view, self._recorder.memory(), clock.monotonic(), proved=proved)

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

    def turn(self) -> None:
        """Listen once, record what came, and see to what is due: what the thread does over and over."""
        fault = ""
        try:
            frames = self._listening.read(_PATIENCE_S)
            self._feed(frames, read(self._clock))
        except LineEnded as ended:
            fault = str(ended)
            self.accounting.fault(GapCause.ENDED)
            self._finish()
        except LinekeeperError as lost:
            fault = str(lost)
            self.accounting.fault(GapCause.CARD, fault)
            self._listening.drop()
            self._stopping.wait(_REOPEN_S)
        now = read(self._clock)
        self._mind_long_outage(now.boottime_s)
        in_call = self._recorder.in_call or self._interrupted is not None
        self.withholding.turn(self._continuity.position_at, now.boottime_s, in_call=in_call)
        if self._announcer is not None:
            silent = self.withholding.now is not None
            self._announcer.turn(self._recorder.facts, now, self._continuity.position_at, silent)
        self._recorder.tick(now)
        self.accounting.turn(now, self._recorder.unkept(), self._recorder.held())
        self.now = LineNow(
            view=self._recorder.view,
            memory=self._recorder.memory(),
            alive_s=now.boottime_s,
            heard_s=self._listening.heard_s,
            fault=fault or self.accounting.trouble,
            simulated=self._listening.simulated,
            ring_sensed=self._senses.rings(),
            over=self._over,
            measure=self._health.now,
            wiring=self._health.faults,
            proved=self._recorder.view.proved or self.now.proved,
            skew_ppm=self._continuity.skew_ppm,
            withheld=self.withholding.now,
            announced=self._announcer.now if self._announcer else None,
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.turn()
            except Exception:  # noqa: BLE001 - the top of the thread: whatever failed, the line is listened to again
                _LOG.exception("%s: failed; it is begun again", self._thread.name)
                self.accounting.fault(GapCause.FAILED)
                self._interrupt()
                self._stopping.wait(1.0)
        self._end(EndCause.STOPPED)
        self.accounting.turn(read(self._clock), self._recorder.unkept(), self._recorder.held())
        self._listening.drop()
        self._senses.close()
        if self._announcer is not None:
            self._announcer.close()

    def _feed(self, frames: list[Frame], now: Instant) -> None:
        if not frames:
            return
        if self._interrupted is not None:
            self._begin_again(self._interrupted)
        self._signs += [HookEdge(self._continuity.position_at(at.at_s), at.active) for at in self._senses.hook()]
        self._signs += [RingEdge(self._continuity.position_at(at.at_s), at.active) for at in self._senses.ring()]
        self._signs += self._listening.signs()
        spoken = self._continuity.position_at(now.boottime_s)
        for frame in frames:
            due = [sign for sign in self._signs if sign.at < frame.end]
            self._signs = [sign for sign in self._signs if sign.at >= frame.end]
            heard = now.earlier(spoken - frame.end)
            self._recorder.feed(frame, heard, due, self.accounting.hear(frame, heard))
            self._health.hear(frame)

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
            if cause is EndCause.STOPPED:
                self._feed(self._listening.rest(), read(self._clock))
            self._recorder.stop(cause, self._when_heard())
        except Exception:  # noqa: BLE001 - the last that can be done for this recording; what was sealed of it stays
            _LOG.exception("%s: its recording could not be closed", self._thread.name)
            self._recorder.abandon()

    def _when_heard(self) -> Instant:
        """Return when the line was last heard: a call that was lost ended there, not when that was noticed."""
        now = read(self._clock)
        return now.earlier(self._continuity.unheard(now.boottime_s))
