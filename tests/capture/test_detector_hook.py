"""With a hook sensor: it owns the boundaries, until what it says cannot be."""

import pytest
import signals

from appliance.audio import positions
from appliance.capture.detector import Detector
from appliance.capture.detector.hook import Flashed, HookSwitch, LaidDown, PickedUp
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import ODDITIES, Profile
from appliance.capture.tones import plan_for
from appliance.events import CallClosed, CallMissed, HookEdge, Sensor, SensorDoubted
from appliance.model.calls import Direction, EndCause, MarkKind


def found(pair, edges, detector=None):
    detector, events = detector or Detector(plan_for("uk")), []
    for frame in signals.frames(pair.audio()):
        events += detector.observe(frame, [edge for edge in edges if frame.position <= edge.at < frame.end])
    return events + detector.finish(pair.position, EndCause.STOPPED)


def closed(events):
    return [event.facts for event in events if isinstance(event, CallClosed)]


def true_edges(pair):
    return [HookEdge(at, off) for at, off in pair.truth().hook]


def two_calls(oddity="clean"):
    pair = SimulatedPair(Profile().with_(**ODDITIES[oddity]), 3)
    pair.idle(3.0)
    pair.ring(2.3, caller="02079460123")
    pair.lift()
    pair.talk(6.0)
    pair.transfer("2104", 3.0)
    pair.hang_up()
    pair.idle(1.5)
    pair.lift()
    pair.dial("01632960111")
    pair.ringback(1.3)
    pair.answer()
    pair.talk(5.0)
    pair.remote_clear("busy", 5.0)
    pair.hang_up()
    pair.idle(3.0)
    return pair


@pytest.mark.parametrize("oddity", ["clean", "close_floors", "clipping", "no_ringing", "crosstalk", "hum"])
def test_boundaries_are_the_edges_to_the_sample(oddity):
    pair = two_calls(oddity)
    calls = closed(found(pair, true_edges(pair)))
    truth = pair.truth().calls
    assert [(c.off_hook, c.end) for c in calls] == [(t.off_hook, t.on_hook) for t in truth]
    assert [c.direction for c in calls] == [Direction.IN, Direction.OUT]
    assert [c.dialled for c in calls] == [None, "01632960111"]
    assert all(c.cause is EndCause.HOOK and c.answered for c in calls)
    assert MarkKind.FLASH in {mark.kind for mark in calls[0].marks}


def test_a_sensor_that_stays_down_while_people_talk_is_not_believed_and_no_word_is_lost():
    pair = SimulatedPair(Profile(), 4)
    pair.idle(4.0)
    pair.lift()
    pair.dial("01632960111")
    pair.ringback(1.3)
    pair.answer()
    pair.talk(30.0)
    pair.hang_up()
    pair.idle(4.0)
    broken = [HookEdge(positions(1.0), True), HookEdge(positions(1.1), False)]
    calls = closed(found(pair, broken))
    (truth,) = pair.truth().calls
    whole = [c for c in calls if c.end > truth.off_hook]
    assert len(whole) == 1
    assert whole[0].off_hook <= truth.off_hook + positions(0.1)
    assert truth.talk_end <= whole[0].end <= truth.on_hook + positions(0.35)


def test_a_sensor_stuck_up_does_not_swallow_the_next_call():
    pair = SimulatedPair(Profile(), 5)
    pair.idle(3.0)
    pair.lift()
    pair.dial("01632960111")
    pair.ringback(1.3)
    pair.answer()
    pair.talk(6.0)
    pair.hang_up()
    pair.idle(8.0)
    pair.ring(2.2, caller="02079460123")
    pair.lift()
    pair.talk(6.0)
    pair.hang_up()
    pair.idle(4.0)
    calls = closed(found(pair, true_edges(pair)[:1]))
    assert len(calls) == 2
    assert calls[0].cause is EndCause.NEXT_CALL
    assert calls[1].caller.number == "02079460123"


def test_a_sensor_that_says_up_outweighs_a_minute_of_quiet_however_long_the_line_has_been_listened_to():
    pair = SimulatedPair(Profile(), 9)
    pair.idle(170.0)
    pair.ring(2.2, clip=False)
    pair.lift()
    pair.talk(6.0)
    pair.hang_up()
    pair.idle(60.0)
    events = found(pair, true_edges(pair)[:1])
    assert [call.cause for call in closed(events)] == [EndCause.STOPPED]
    assert doubts(events) == []


def test_a_missed_call_needs_no_edge():
    pair = SimulatedPair(Profile(), 6)
    pair.idle(1.0)
    pair.idle(3.0)
    pair.ring(3, caller="02079460123")
    pair.idle(9.0)
    events = found(pair, [HookEdge(4000, True), HookEdge(4100, False)])
    assert [event.facts.caller.number for event in events if isinstance(event, CallMissed)] == ["02079460123"]


def test_on_hook_for_a_second_is_a_flash_and_for_longer_a_hang_up():
    switch = HookSwitch()
    switch.tell([HookEdge(1000, True), HookEdge(20000, False), HookEdge(28000, True)])
    assert switch.moves(30000) == [PickedUp(1000), Flashed(20000, 28000)]
    switch.tell([HookEdge(40000, False), HookEdge(60000, True)])
    assert switch.moves(80000) == [LaidDown(40000), PickedUp(60000)]


def test_a_hang_up_is_said_once_it_is_certain():
    switch = HookSwitch()
    switch.tell([HookEdge(0, True), HookEdge(8000, False)])
    assert switch.moves(8000 + positions(1.2)) == [PickedUp(0)]
    assert switch.moves(8001 + positions(1.2)) == [LaidDown(8000)]
    assert switch.moves(80000) == []


def test_a_sensor_that_says_up_for_five_minutes_of_a_line_hung_up_is_doubted_and_the_call_ends_where_it_did():
    pair = SimulatedPair(Profile(), 9)
    pair.idle(5.0)
    pair.ring(2.2, clip=False)
    pair.lift()
    pair.talk(6.0)
    pair.hang_up()
    pair.idle(310.0)
    events = found(pair, true_edges(pair)[:1])
    (call,) = closed(events)
    (truth,) = pair.truth().calls
    assert truth.talk_end <= call.end <= truth.on_hook + positions(0.35)
    assert doubts(events) == [(Sensor.HOOK, True)]


def doubts(events):
    return [(event.sensor, event.doubted) for event in events if isinstance(event, SensorDoubted)]


def three_calls():
    pair = SimulatedPair(Profile(), 7)
    for _ in range(3):
        pair.idle(6.0)
        pair.ring(2.2, clip=False)
        pair.lift()
        pair.talk(26.0)
        pair.hang_up()
        pair.idle(2.0)
    return pair


def test_a_sensor_that_missed_a_call_is_doubted_until_it_has_moved_with_another():
    pair = three_calls()
    edges = true_edges(pair)
    dead = [*edges[:2], *edges[4:]]
    events = found(pair, dead)
    assert doubts(events) == [(Sensor.HOOK, True), (Sensor.HOOK, False)]
    calls = closed(events)
    assert len(calls) == 3
    assert (calls[2].off_hook, calls[2].cause) == pytest.approx((edges[4].at, EndCause.CLICK_AND_FLOOR), abs=80)


def test_a_sensor_wired_the_wrong_way_round_stays_doubted_and_calls_are_found_by_sound():
    pair = three_calls()
    by_sound = Detector(plan_for("uk"))
    found(pair, [], by_sound)
    upside_down = [HookEdge(0, True), *(HookEdge(edge.at, not edge.off_hook) for edge in true_edges(pair))]
    events = found(pair, upside_down, Detector(plan_for("uk"), by_sound.memory()))
    assert doubts(events) == [(Sensor.HOOK, True)]
    for truth, call in zip(pair.truth().calls, closed(events)[-3:], strict=True):
        assert call.off_hook <= truth.off_hook + 80
        assert truth.talk_end <= call.end <= truth.on_hook + positions(0.35)


def test_a_sensor_that_agrees_is_never_doubted():
    pair = three_calls()
    assert doubts(found(pair, true_edges(pair))) == []


@pytest.mark.parametrize("oddity", ["clean", "close_floors"])
def test_a_sensor_that_drops_out_while_a_call_is_held_loses_nothing_of_it(oddity):
    pair = SimulatedPair(Profile().with_(**ODDITIES[oddity]), 8)
    pair.idle(4.0)
    pair.ring(2.2, clip=False)
    pair.lift()
    pair.talk(6.0)
    dropped = pair.position
    pair.talk(40.0)
    pair.hang_up()
    pair.idle(6.0)
    off_hook, _ = true_edges(pair)
    events = found(pair, [off_hook, HookEdge(dropped, False)])
    first, second = closed(events)
    assert first.end == dropped
    assert second.off_hook < dropped + positions(2.0)
    assert second.end >= pair.truth().calls[0].talk_end
    assert doubts(events) == [(Sensor.HOOK, True)]
