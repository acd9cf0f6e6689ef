"""The detector of one line: hops in, events out. The receiver is down, up in a call, or left aside."""

from collections.abc import Sequence
from dataclasses import replace

from appliance.audio import Frame, positions
from appliance.capture.detector.arrival import Arrival
from appliance.capture.detector.arrivals import Arrivals
from appliance.capture.detector.aside import ReceiverAside
from appliance.capture.detector.hangup import HangUpWatch
from appliance.capture.detector.hook import Flashed, HookSwitch, LaidDown, Move, PickedUp
from appliance.capture.detector.hops import Hopper, Stillness
from appliance.capture.detector.lift import Lifted, LiftWatch
from appliance.capture.detector.losses import Losses
from appliance.capture.detector.memory import LineMemory
from appliance.capture.detector.opencall import OpenCall
from appliance.capture.detector.ringsense import RingSense
from appliance.capture.detector.senses import Evidence, Senses
from appliance.capture.detector.told import ToldSigns
from appliance.capture.features import Hop
from appliance.capture.runs import Span
from appliance.capture.tones import TonePlan
from appliance.events import (
    CallClosed,
    CallMissed,
    CallOpened,
    CallUpdated,
    Event,
    LineSign,
    Phase,
    PhaseChanged,
    RingEdge,
    Sensor,
    SensorDoubted,
)
from appliance.model.calls import CallFacts, Direction, EndCause

TOGETHER = 5
TOGETHER_WHEN_STILL = 10
TOGETHER_IN_TALK = 10
"""Hops that are taken in together, as calling numpy costs more than what it does for one: two seconds in an answered
call and on a line that is as still as before, one once something stirs there. While somebody dials it is one hop:
masking must know of the answer soon."""

CONTRADICTED = positions(20.0)
"""How long audio may say "off-hook" against the sensor before it is believed: less than the ring buffer, so that
nothing is lost."""

STUCK = positions(300.0)
"""How long audio may say "hung up" against the sensor before it is believed."""

_LEFT_UP = (EndCause.TERMINAL_TONE, EndCause.SILENCE)
"""Ends that leave the receiver up."""


class Detector:
    """Listens to one line. ``in_call`` begins inside a call: the recorder restarted in the middle of it."""

    def __init__(self, plan: TonePlan, memory: LineMemory | None = None, *, in_call: bool = False) -> None:
        """Take the line's tone plan and what was learnt before a restart."""
        self._plan = plan
        memory = memory or LineMemory()
        self._open_lift = memory.open_lift_db
        self._hopper, self._stillness = Hopper(), Stillness()
        self._hops: list[Hop] = []
        self._senses = Senses(memory)
        self._hook, self._ring, self._told = HookSwitch(), RingSense(), ToldSigns()
        self._doubted = dict.fromkeys(Sensor, False)
        self._losses = Losses()
        self._lift = LiftWatch(self._open_lift)
        self._lifted: Lifted | None = None
        self._hung_up: CallFacts | None = None
        self._arrivals = Arrivals(plan, rings=memory.rings)
        self._answered: Arrival | None = None
        self._call: OpenCall | None = None
        self._aside: ReceiverAside | None = None
        self._phase = Phase.IDLE
        if in_call:
            self._begin(CallFacts(0, 0, 0, answered=True), Lifted(0))
            self._phase = Phase.TALK

    def observe(self, frame: Frame, signs: Sequence[LineSign] = ()) -> list[Event]:
        """Take the next frame and the signs up to its end; return what has become known.

        Frames follow each other without a hole. ``signs`` stays empty where nothing but sound tells of the line.
        """
        if signs:
            self._ring.tell([sign for sign in signs if isinstance(sign, RingEdge)])
            self._hook.tell(self._told.tell(signs))
        if frame.lost:
            self._losses.note(frame)
        events: list[Event] = []
        for hop in self._hopper.hops(frame):
            self._hops.append(hop)
            if len(self._hops) >= self._together(hop):
                events += self._listen()
        return events

    def _together(self, hop: Hop) -> int:
        """Return how many hops are to be taken in together, ``hop`` being the last that came."""
        if self._call is not None:
            return TOGETHER_IN_TALK if self._call.facts.answered else 1
        self._stillness.note(hop)
        return TOGETHER_WHEN_STILL if self._phase is Phase.IDLE and not self._stillness.stirred else TOGETHER

    def _listen(self) -> list[Event]:
        """Take in the hops that have come."""
        events: list[Event] = []
        hops, self._hops = self._hops, []
        self._stillness.begin()
        for heard in self._senses.each(hops) if hops else ():
            evidence = self._ring.of(heard)
            evidence = self._told.added_to(evidence, in_call=self._call is not None)
            for move in self._hook.moves(evidence.end):
                events += self._moved(move, evidence)
            if self._call:
                events += self._talking(self._call, evidence)
            elif self._aside:
                events += self._lying_aside(self._aside, evidence)
            else:
                events += self._waiting(evidence)
            quiet = self._call is None or self._call.watch.lately_quiet(evidence.end) is not None
            self._senses.receiver_down = quiet
            events += self._doubts(evidence.end)
        return events

    def finish(self, at: int, cause: EndCause) -> list[Event]:
        """Close the open call at ``at``, or miss the ringing one: the line is lost, or the service stops."""
        events = self._listen()
        if self._call is None:
            return [*events, *self._arrivals.miss()]
        quiet = None if self._hook.owns else self._call.watch.quiet_since
        return events + self._close(self._call.closed(at if quiet is None else quiet, cause))

    def memory(self) -> LineMemory:
        """Return what has been learnt of the line, to be given to the next detector."""
        return LineMemory(self._senses.floor.level, self._senses.floor.ringing, self._open_lift, self._arrivals.rings)

    def _doubts(self, at: int) -> list[Event]:
        """Tell which sensors have come to be doubted, and which no longer are."""
        now = {Sensor.HOOK: self._hook.doubted, Sensor.RING: self._ring.doubted}
        if now == self._doubted:
            return []
        changed = [sensor for sensor in Sensor if now[sensor] is not self._doubted[sensor]]
        self._doubted = now
        return [SensorDoubted(at, sensor, now[sensor]) for sensor in changed]

    def _moved(self, move: Move, evidence: Evidence) -> list[Event]:
        if isinstance(move, PickedUp):
            self._aside = None
            return [] if self._call else self._picked_up(move.at, evidence)
        if self._call is None:
            self._aside = None
            return []
        if isinstance(move, LaidDown):
            events = self._close(self._call.closed(move.at, EndCause.HOOK))
            self._lift.moved(evidence)
            return events
        return self._flashed(self._call, move)

    def _picked_up(self, at: int, evidence: Evidence) -> list[Event]:
        """Open a call where the sensor says, with what the line told in the same hop before it."""
        before = replace(
            evidence,
            announced=[one for one in evidence.announced if one.start < at],
            rings=[burst for burst in evidence.rings if burst.start < at],
        )
        since = evidence.ringing_since
        if since is not None and since < at:
            before.rings.append(Span(since, at))
        events = self._arriving(before) if before.rings or before.announced else []
        return events + self._open(Lifted(at), at)

    def _flashed(self, call: OpenCall, move: Flashed) -> list[Event]:
        call.flash(move.start, move.end)
        return [*self._to(move.start, Phase.FLASH), CallUpdated(call.facts)]

    # Receiver down

    def _waiting(self, evidence: Evidence) -> list[Event]:
        events = self._arriving(evidence)
        overdue = self._arrivals.is_overdue(evidence.at)
        lifted = self._lift.lifted(evidence, self._senses.idle_voice, overdue=overdue)
        if lifted is not None and self._hook.owns:
            lifted = self._against_hook(lifted, evidence)
        if lifted is not None:
            self._hook.heard(lifted.at, off_hook=True)
            return events + self._open(lifted, evidence.end)
        if evidence.ringing_since is None:
            self._senses.floor.learn(evidence.features, settled=not self._lift.undecided)
        return events

    def _against_hook(self, lifted: Lifted, evidence: Evidence) -> Lifted | None:
        """Hold audio's word back while the sensor says otherwise; after a while the sensor is not believed."""
        if self._lifted is None or evidence.at - self._lifted.at > 2 * CONTRADICTED:
            self._lifted = lifted
        if evidence.end - self._lifted.at < CONTRADICTED:
            return None
        self._hook.distrust()
        return self._lifted

    def _arriving(self, evidence: Evidence) -> list[Event]:
        events: list[Event] = [*self._arrivals.hear(evidence)]
        ringing = evidence.ringing_since is not None
        if not ringing and self._is_over(evidence.end):
            return [*events, *self._arrivals.miss(), *self._to(evidence.end, Phase.IDLE)]
        if ringing or self._arrivals.pending:
            events += self._to(evidence.at, Phase.RINGING)
        return events

    def _is_over(self, now: int) -> bool:
        """Say whether nobody answers any more; where somebody may have, it waits until that is known."""
        pending = self._arrivals.pending
        return pending is not None and self._arrivals.is_over(now) and not self._lift.suspects_since(pending.last)

    # Receiver up

    def _open(self, lifted: Lifted, known_by: int) -> list[Event]:
        """Open a call; ``known_by`` is how far the line has been heard with the receiver down, for all one knew."""
        at = lifted.at
        events = self._arrivals.superseded(at)
        for announced in self._senses.announced_by(known_by):
            self._arrivals.announce(announced)
            if at < announced.end:  # the step was the message's own beginning
                at = self._lift.lifted_after(announced.end)
        arrival = self._answered = self._arrivals.take()
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
        call = self._begin(facts, lifted)
        return [*events, CallOpened(at, facts), *self._to(at, call.phase)]

    def _begin(self, facts: CallFacts, lifted: Lifted) -> OpenCall:
        self._call = OpenCall(self._plan, facts, HangUpWatch(lifted.open_lift, self._open_lift, lifted.step))
        self._lifted = self._hung_up = None
        self._senses.receiver_down = False
        return self._call

    def _talking(self, call: OpenCall, evidence: Evidence) -> list[Event]:
        before, quiet = call.facts, call.watch.lately_quiet(evidence.end)
        ended = call.hear(evidence, by_ear=not self._hook.owns)
        if call.watch.quiet_since is None:
            self._hung_up = None
        missed = self._forsaken(call)
        arriving = evidence.ringing_since is not None or bool(evidence.announced)
        if arriving and quiet is not None:
            ended = call.closed(quiet, EndCause.NEXT_CALL)
            if self._hook.off_hook:
                self._hook.distrust()
        elif ended is not None and self._hook.owns:
            ended = self._unless_held_up(ended, evidence)
        again = None if ended or self._hook.owns else call.watch.lifted_again(evidence.tone)
        if again is not None:
            fell, click = again
            ended = call.closed(fell, EndCause.NEXT_CALL, uncertain=True)
            return missed + self._close(ended) + self._open(Lifted(click.at, None, click.size), click.at)
        if ended is None:
            events: list[Event] = [] if call.facts is before else [CallUpdated(call.facts)]
            return missed + events + self._to(evidence.at, call.phase)
        self._hook.heard(ended.end, off_hook=False)
        events = missed + self._close(ended)
        if ended.cause in _LEFT_UP:
            self._aside = ReceiverAside(evidence.end)
        return events + self._arriving(evidence)

    def _forsaken(self, call: OpenCall) -> list[Event]:
        """Tell of the call that had rung, where nobody was there any more when the receiver was lifted."""
        arrival, self._answered = self._answered, self._answered if not call.forsaken else None
        return [CallMissed(arrival.missed())] if call.forsaken and arrival else []

    def _unless_held_up(self, ended: CallFacts, evidence: Evidence) -> CallFacts | None:
        """While the sensor says off-hook only a final tone ends a call, or quiet for so long that it must be stuck."""
        if ended.cause is EndCause.TERMINAL_TONE:
            return ended
        self._hung_up = self._hung_up or ended
        if evidence.end - self._hung_up.end < STUCK:
            return None
        self._hook.distrust()
        return self._hung_up

    def _lying_aside(self, aside: ReceiverAside, evidence: Evidence) -> list[Event]:
        self._senses.floor.learn(evidence.features)
        if aside.is_back(evidence) and not (self._hook.owns and self._hook.off_hook):
            self._aside = None
            return self._waiting(evidence)
        if not aside.is_used(evidence):
            return []
        self._aside = None
        return self._open(Lifted(aside.since), aside.since)

    def _close(self, facts: CallFacts) -> list[Event]:
        if self._call and self._call.watch.open_lift is not None:
            self._open_lift = self._call.watch.open_lift
        self._call, self._lift = None, LiftWatch(self._open_lift)
        facts = replace(facts, marks=(*facts.marks, *self._losses.within(facts.start, facts.end)))
        return [CallClosed(facts), *self._to(facts.end, Phase.IDLE)]

    def _to(self, at: int, phase: Phase) -> list[Event]:
        if phase is self._phase:
            return []
        self._phase = phase
        return [PhaseChanged(at, phase)]
