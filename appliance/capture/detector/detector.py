"""The detector of one line: hops in, events out. Two states: the receiver is down, or a call is open."""

from collections.abc import Sequence
from dataclasses import replace

from appliance.audio import Frame
from appliance.capture.detector.arrival import Arrival
from appliance.capture.detector.hangup import HangUpWatch
from appliance.capture.detector.hops import Hopper
from appliance.capture.detector.lift import Lifted, LiftWatch
from appliance.capture.detector.memory import LineMemory
from appliance.capture.detector.opencall import OpenCall
from appliance.capture.detector.senses import UNKNOWN_IDLE_DBFS, Evidence, Senses
from appliance.capture.tones import TonePlan
from appliance.events import CallClosed, CallMissed, CallOpened, CallUpdated, Event, HookEdge, Phase, PhaseChanged
from appliance.model.calls import CallFacts, Direction, EndCause


class Detector:
    """Listens to one line. ``in_call`` begins inside a call: the recorder restarted in the middle of it."""

    def __init__(self, plan: TonePlan, memory: LineMemory | None = None, *, in_call: bool = False) -> None:
        """Take the line's tone plan and what was learnt before a restart."""
        self._plan = plan
        memory = memory or LineMemory()
        self._rings, self._open_lift = memory.rings, memory.open_lift_db
        self._hopper = Hopper()
        self._senses = Senses(memory)
        self._lift = LiftWatch()
        self._arrival: Arrival | None = None
        self._call: OpenCall | None = None
        self._phase = Phase.IDLE
        if in_call:
            self._call = OpenCall(plan, CallFacts(0, 0, 0, answered=True), HangUpWatch(None, self._open_lift))
            self._phase = Phase.TALK
            self._senses.receiver_down = False

    def observe(self, frame: Frame, hook: Sequence[HookEdge] = ()) -> list[Event]:
        """Take the next frame and the hook edges up to its end; return what has become known.

        Frames follow each other without a hole. ``hook`` stays empty where no sensor is fitted.
        """
        events: list[Event] = []
        for hop in self._hopper.hops(frame):
            evidence = self._senses.of(hop)
            events += self._talking(self._call, evidence) if self._call else self._waiting(evidence)
        return events

    def finish(self, at: int, cause: EndCause) -> list[Event]:
        """Close the open call at ``at``, or miss the ringing one: the line is lost, or the service stops."""
        if self._call is None:
            return self._miss()
        quiet = self._call.watch.quiet_since
        return self._close(self._call.closed(at if quiet is None else quiet, cause))

    def memory(self) -> LineMemory:
        """Return what has been learnt of the line, to be given to the next detector."""
        return LineMemory(self._senses.floor.level, self._senses.floor.ringing, self._open_lift, self._rings)

    def _waiting(self, evidence: Evidence) -> list[Event]:
        events = self._arriving(evidence)
        idle_voice = self._senses.floor.voice
        lifted = self._lift.lifted(evidence, UNKNOWN_IDLE_DBFS if idle_voice is None else idle_voice)
        if lifted is not None:
            return events + self._open(lifted)
        if evidence.ringing_since is None:
            self._senses.floor.learn(evidence.features)
        return events

    def _arriving(self, evidence: Evidence) -> list[Event]:
        events: list[Event] = []
        for announced in evidence.announced:
            events += self._another(announced.start)
            self._arrived().announce(announced)
        for burst in evidence.rings:
            events += self._another(burst.start)
            self._arrived().ring(burst)
            self._rings = True
        if self._arrival and evidence.ringing_since is None:
            if self._arrival.is_over(evidence.end, line_rings=self._rings):
                events += self._miss()
                return events + self._to(evidence.end, Phase.IDLE)
        if self._arrival or evidence.ringing_since is not None:
            events += self._to(evidence.at, Phase.RINGING)
        return events

    def _arrived(self) -> Arrival:
        if self._arrival is None:
            self._arrival = Arrival(self._plan)
        return self._arrival

    def _another(self, start: int) -> list[Event]:
        another = self._arrival is not None and self._arrival.is_another(start, line_rings=self._rings)
        return self._miss() if another else []

    def _miss(self) -> list[Event]:
        arrival, self._arrival = self._arrival, None
        if arrival is None or (self._rings and not arrival.rang):
            return []
        return [CallMissed(arrival.missed())]

    def _open(self, lifted: Lifted) -> list[Event]:
        at = lifted.at
        events = self._another(at)
        arrival, self._arrival = self._arrival, None
        facts = CallFacts(at, at, at)
        if arrival:
            facts = replace(
                facts,
                start=min(arrival.start, at),
                direction=Direction.IN,
                caller=arrival.caller,
                answered=True,
                rings=arrival.rings,
            )
        watch = HangUpWatch(lifted.open_lift, self._open_lift)
        self._call = OpenCall(self._plan, facts, watch)
        self._lift = LiftWatch()
        self._senses.receiver_down = False
        return [*events, CallOpened(at, facts), *self._to(at, self._call.phase)]

    def _talking(self, call: OpenCall, evidence: Evidence) -> list[Event]:
        before = call.facts
        quiet = call.watch.quiet_since
        ended = call.hear(evidence)
        arriving = evidence.ringing_since is not None or evidence.announced
        if ended is None and arriving and quiet is not None:
            ended = call.closed(quiet, EndCause.NEXT_CALL)
        self._senses.receiver_down = call.watch.quiet_since is not None
        if ended is not None:
            self._open_lift = call.watch.open_lift
            return self._close(ended) + self._arriving(evidence)
        events: list[Event] = [] if call.facts is before else [CallUpdated(call.facts)]
        return events + self._to(evidence.at, call.phase)

    def _close(self, facts: CallFacts) -> list[Event]:
        self._call = None
        self._senses.receiver_down = True
        return [CallClosed(facts), *self._to(facts.end, Phase.IDLE)]

    def _to(self, at: int, phase: Phase) -> list[Event]:
        if phase is self._phase:
            return []
        self._phase = phase
        return [PhaseChanged(at, phase)]
