"""With a ring sensor: it owns the ringing, whichever way round it is wired, until ringing is heard that it misses."""

import pytest
import signals
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import RATE, positions
from appliance.capture.detector import Detector
from appliance.capture.detector.memory import LineMemory
from appliance.capture.detector.ringsense import PULSE, SHORTEST, STUCK, RingSense
from appliance.capture.detector.senses import Senses
from appliance.capture.features import Hop
from appliance.capture.runs import Span
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import Profile
from appliance.capture.tones import plan_for
from appliance.events import CallClosed, CallMissed, RingEdge, Sensor, SensorDoubted
from appliance.model.calls import Direction, EndCause


def found(samples, edges):
    detector, events = Detector(plan_for("uk")), []
    for frame in signals.frames(samples):
        events += detector.observe(frame, [edge for edge in edges if frame.position <= edge.at < frame.end])
    return events + detector.finish(len(samples), EndCause.STOPPED)


def envelope(pair, *, active_low=False):
    """The edges of a sensor that follows the bursts."""
    edges = [RingEdge(0, True)] if active_low else []
    for start, end in pair.truth().rings:
        edges += [RingEdge(start, not active_low), RingEdge(end, active_low)]
    return edges


def half_waves(pair, hertz=25.0):
    """The edges of a bare opto-isolator: it conducts for 40 % of each period."""
    period = round(RATE / hertz)
    starts = [at for start, end in pair.truth().rings for at in range(start, end, period)]
    return [RingEdge(at + part, part == 0) for at in starts for part in (0, 2 * period // 5)]


def missed_call(ringing="none", **profile):
    pair = SimulatedPair(Profile(ringing=ringing, **profile), 61)
    pair.idle(8.0)
    pair.ring(3, clip=False)
    pair.idle(9.0)
    return pair


@pytest.mark.parametrize("sensed", [envelope, half_waves, lambda pair: envelope(pair, active_low=True)])
def test_a_call_that_rings_unheard_is_missed_by_the_sensor_alone(sensed):
    pair = missed_call()
    assert [e for e in found(pair.audio(), []) if isinstance(e, CallMissed)] == []
    (facts,) = [e.facts for e in found(pair.audio(), sensed(pair)) if isinstance(e, CallMissed)]
    assert facts.rings == 3
    assert abs(facts.start - pair.truth().rings[0][0]) < positions(0.1)
    assert abs(facts.end - pair.truth().rings[-1][1]) < positions(0.1)


def test_an_answered_call_that_rang_unheard_came_in():
    pair = SimulatedPair(Profile(ringing="none"), 62)
    pair.idle(3.0)
    pair.ring(2.1, clip=False)
    pair.lift()
    pair.talk(6.0)
    pair.hang_up()
    pair.idle(4.0)
    (facts,) = [e.facts for e in found(pair.audio(), half_waves(pair)) if isinstance(e, CallClosed)]
    assert (facts.direction, facts.rings) == (Direction.IN, 3)
    (heard,) = [e.facts for e in found(pair.audio(), []) if isinstance(e, CallClosed)]
    assert heard.direction is Direction.UNKNOWN


def test_what_sounds_like_ringing_is_none_where_a_sensor_feels_the_ringing():
    pair = SimulatedPair(Profile(), 63)
    pair.idle(3.0)
    pair.ring(2, clip=False)
    pair.idle(9.0)
    samples = signals.added(pair.audio(), pair.position / RATE - 1.5, signals.ring_burst(0.4))
    events = found(samples, envelope(pair))
    assert [e.facts.rings for e in events if isinstance(e, CallMissed)] == [2]


def test_ringing_that_the_sensor_misses_is_still_a_call_and_the_sensor_is_doubted_until_it_feels_again():
    pair = SimulatedPair(Profile(), 64)
    pair.idle(3.0)
    for _ in range(3):
        pair.ring(3, clip=False)
        pair.idle(12.0)
    felt = [edge for edge in envelope(pair) if not positions(20.0) < edge.at < positions(38.0)]
    assert 0 < len(felt) < len(envelope(pair))
    events = found(pair.audio(), felt)
    assert [e.facts.rings for e in events if isinstance(e, CallMissed)] == [3, 3, 3]
    doubts = [(e.sensor, e.doubted) for e in events if isinstance(e, SensorDoubted)]
    assert doubts == [(Sensor.RING, True), (Sensor.RING, False)]


def quiet_hops(number):
    senses = Senses(LineMemory())
    samples = signals.quiet(0.2)
    return list(senses.each([Hop(at * len(samples), samples) for at in range(number)]))


QUIET = quiet_hops(60)


@given(
    st.lists(st.tuples(st.integers(PULSE + 1, 12000), st.integers(100, STUCK - 1)), max_size=6),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_each_burst_is_told_once_and_the_shortest_are_none(bursts, upside_down):
    edges, wanted, at = ([RingEdge(0, True)] if upside_down else []), [], STUCK + 4000
    for pause, length in bursts:
        at += pause
        edges += [RingEdge(at, not upside_down), RingEdge(at + length, upside_down)]
        wanted += [Span(at, at + length)] if length >= SHORTEST else []
        at += length
    sensor, told = RingSense(), []
    for evidence in QUIET:
        due = [edge for edge in edges if edge.at < evidence.end]
        edges = edges[len(due) :]
        sensor.tell(due)
        told += sensor.of(evidence).rings
    assert told == [burst for burst in wanted if burst.end + PULSE < QUIET[-1].end]
