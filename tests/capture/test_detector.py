"""Calls on simulated lines, found by ear alone: each is one call, whole, and nothing else is."""

import numpy as np
import pytest
import signals
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import RATE, Frame, positions
from appliance.capture.detector import Detector
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import ODDITIES, Profile
from appliance.capture.tones import plan_for
from appliance.events import CallClosed, CallMissed, CallOpened, HookEdge, Phase, PhaseChanged
from appliance.model.calls import CallerIdentity, Direction, EndCause, MarkKind


def line(seed=1, country="uk", **changes):
    return SimulatedPair(Profile(country=country).with_(**changes), seed)


def events(samples, hook=(), block=800, detector=None, country="uk"):
    detector = detector or Detector(plan_for(country))
    found = []
    for frame in signals.frames(samples, block):
        found += detector.observe(frame, [edge for edge in hook if frame.position <= edge.at < frame.end])
    return found + detector.finish(len(samples), EndCause.STOPPED)


def calls(pair, **how):
    return [e.facts for e in events(pair.audio(), country=pair.profile.country, **how) if isinstance(e, CallClosed)]


def missed(found):
    return [event.facts for event in found if isinstance(event, CallMissed)]


def fits(facts, truth):
    """The call is whole: nothing of it lost, and not much beside it."""
    assert truth.seize - positions(0.1) <= facts.start <= truth.off_hook + positions(0.02)
    assert abs(facts.off_hook - truth.off_hook) < positions(0.35)
    assert truth.talk_end - positions(0.02) <= facts.end <= truth.on_hook + positions(0.45)


def answered(pair, talk_s=8.0, **ring):
    pair.idle(3.0)
    pair.ring(**({"times": 2.4, "caller": "02079460123"} | ring))
    pair.lift()
    pair.talk(talk_s)
    pair.hang_up()
    pair.idle(4.0)
    return pair


def test_an_incoming_call_is_found_whole_with_its_caller_and_rings():
    pair = answered(line())
    (facts,) = calls(pair)
    fits(facts, pair.truth().calls[0])
    assert facts.direction is Direction.IN
    assert facts.caller.number == "02079460123"
    assert facts.answered
    assert facts.rings == 3
    assert facts.cause is EndCause.CLICK_AND_FLOOR
    assert facts.speech


def test_an_incoming_call_is_marked_where_it_was_answered_and_one_that_goes_on_after_a_restart_is_not():
    pair = answered(line())
    (facts,) = calls(pair)
    assert [mark.start for mark in facts.marks if mark.kind is MarkKind.ANSWERED] == [facts.off_hook]
    inside = answered(line()).audio()[pair.truth().calls[0].off_hook + RATE :]
    restarted = Detector(plan_for("uk"), in_call=True)
    (rest,) = [e.facts for e in events(inside, detector=restarted) if isinstance(e, CallClosed)]
    assert [mark for mark in rest.marks if mark.kind is MarkKind.ANSWERED] == []


def test_it_is_opened_within_a_second_and_a_half_of_being_picked_up():
    pair = answered(line())
    detector = Detector(plan_for("uk"))
    for frame in signals.frames(pair.audio()):
        if any(isinstance(e, CallOpened) for e in detector.observe(frame)):
            break
    assert frame.end - pair.truth().calls[0].off_hook < positions(1.5)


def test_an_outgoing_call_is_found_with_the_number_dialled():
    pair = line(2)
    pair.idle(3.0)
    pair.lift()
    pair.dial("01632960111")
    pair.ringback(2.3)
    pair.answer()
    pair.talk(8.0)
    pair.key("42#")
    pair.hang_up()
    pair.idle(4.0)
    (facts,) = calls(pair)
    fits(facts, pair.truth().calls[0])
    assert (facts.direction, facts.dialled, facts.answered) == (Direction.OUT, "01632960111", True)
    assert "".join(m.detail for m in facts.marks if m.kind is MarkKind.KEYED_DIGIT) == "42#"


@pytest.mark.parametrize(("tone", "kind"), [("busy", "busy"), ("ringback", "no answer")])
def test_an_outgoing_attempt_that_nobody_answers_is_not_answered(tone, kind):
    pair = line(3)
    pair.idle(3.0)
    pair.lift()
    pair.dial("01632960222")
    getattr(pair, tone)(4.0)
    pair.hang_up()
    pair.idle(4.0)
    (facts,) = calls(pair)
    assert pair.truth().calls[0].ending == kind
    assert (facts.dialled, facts.answered) == ("01632960222", False)


def test_ringing_that_nobody_answers_is_a_missed_call_and_no_recording():
    pair = line(4)
    pair.idle(3.0)
    pair.ring(4, caller="02079460123")
    pair.idle(9.0)
    found = events(pair.audio())
    assert not any(isinstance(e, CallOpened) for e in found)
    (facts,) = missed(found)
    assert (facts.rings, facts.caller.number, facts.missed) == (4, "02079460123", True)


def test_withheld_is_told_from_not_detected():
    pair = line(5)
    pair.idle(3.0)
    pair.ring(2, withheld=True)
    pair.idle(9.0)
    pair.ring(2, clip=False)
    pair.idle(9.0)
    first, second = missed(events(pair.audio()))
    assert first.caller.identity is CallerIdentity.WITHHELD
    assert second.caller.identity is CallerIdentity.NOT_DETECTED


def test_two_missed_calls_close_together_are_two():
    pair = line(6)
    pair.idle(3.0)
    pair.ring(3, clip=False)
    pair.idle(3.0)
    pair.ring(2, clip=False)
    pair.idle(9.0)
    assert [facts.rings for facts in missed(events(pair.audio()))] == [3, 2]


def test_calling_out_just_after_ringing_stopped_is_a_missed_call_and_an_outgoing_one():
    pair = line(7)
    pair.idle(3.0)
    pair.ring(3, caller="02079460123")
    pair.idle(3.5)
    pair.lift()
    pair.dial("01632960333")
    pair.ringback(1.5)
    pair.hang_up()
    pair.idle(4.0)
    found = events(pair.audio())
    assert len(missed(found)) == 1
    (facts,) = [e.facts for e in found if isinstance(e, CallClosed)]
    assert (facts.direction, facts.dialled, facts.caller.number) == (Direction.OUT, "01632960333", None)


def test_back_to_back_calls_are_two():
    pair = line(8)
    answered(pair, 5.0)
    pair.lift()
    pair.dial("01632960444")
    pair.ringback(1.2)
    pair.answer()
    pair.talk(5.0)
    pair.hang_up()
    pair.idle(1.5)
    pair.ring(1.5, caller="02079460999")
    pair.lift()
    pair.talk(5.0)
    pair.hang_up()
    pair.idle(4.0)
    found = calls(pair)
    assert len(found) == 3
    for facts, truth in zip(found, pair.truth().calls, strict=True):
        fits(facts, truth)


def test_a_transfer_by_recall_is_one_call_with_a_mark():
    pair = line(9)
    pair.idle(3.0)
    pair.ring(2.2, caller="02079460123")
    pair.lift()
    pair.talk(5.0)
    pair.transfer("2104", 5.0)
    pair.talk(4.0)
    pair.hang_up()
    pair.idle(4.0)
    (facts,) = calls(pair)
    fits(facts, pair.truth().calls[0])
    assert facts.dialled is None
    assert {MarkKind.FLASH, MarkKind.TRANSFER} <= {mark.kind for mark in facts.marks}


@pytest.mark.parametrize("music", [True, False])
def test_a_long_hold_does_not_end_a_call(music):
    pair = line(10)
    pair.idle(3.0)
    pair.ring(2.2)
    pair.lift()
    pair.talk(4.0)
    pair.hold(150.0, music=music)
    pair.talk(4.0)
    pair.hang_up()
    pair.idle(4.0)
    (facts,) = calls(pair)
    fits(facts, pair.truth().calls[0])


@pytest.mark.parametrize("tone", ["unobtainable", "busy", "dial", "silent"])
def test_a_caller_who_clears_first_ends_the_call_when_the_receiver_is_laid_down(tone):
    pair = line(11)
    pair.idle(3.0)
    pair.ring(2.2)
    pair.lift()
    pair.talk(5.0)
    pair.remote_clear(tone, 7.0)
    pair.hang_up()
    pair.idle(4.0)
    (facts,) = calls(pair)
    fits(facts, pair.truth().calls[0])
    assert (MarkKind.REMOTE_CLEAR in {mark.kind for mark in facts.marks}) == (tone != "silent")


def test_a_receiver_left_aside_ends_its_call_under_the_tone_and_starts_no_other():
    pair = line(12)
    pair.idle(3.0)
    pair.ring(2.2)
    pair.lift()
    pair.talk(5.0)
    pair.remote_clear("unobtainable", 25.0)
    pair.receiver_left_off(40.0)
    pair.hang_up()
    answered(pair, 5.0)
    first, second = calls(pair)
    assert first.cause is EndCause.TERMINAL_TONE
    truth = pair.truth().calls
    assert truth[0].talk_end <= first.end <= truth[0].tail_tone[0] + positions(0.1)
    fits(second, truth[1])


def test_short_losses_of_line_voltage_mean_nothing():
    pair = line(13)
    pair.idle(3.0)
    pair.ring(2.2)
    pair.lift()
    for ms in (25.0, 50.0, 400.0, 600.0):
        pair.talk(3.0)
        pair.glitch(ms)
    pair.talk(3.0)
    pair.hang_up()
    pair.idle(4.0)
    (facts,) = calls(pair)
    fits(facts, pair.truth().calls[0])


def test_an_idle_line_with_impulses_and_crosstalk_records_nothing():
    pair = line(14, crosstalk_dbfs=-56.0)
    for _ in range(8):
        pair.idle(20.0)
        pair.impulse()
    assert events(pair.audio()) == []


@pytest.mark.parametrize("oddity", sorted(set(ODDITIES) - {"crosstalk"}))
def test_calls_on_odd_lines_are_found_whole(oddity):
    pair = answered(line(15, **ODDITIES[oddity]), 8.0)
    pair.lift()
    pair.dial("01632960555")
    pair.ringback(1.4)
    pair.answer()
    pair.talk(8.0)
    pair.hang_up()
    pair.idle(25.0)
    found = calls(pair)
    assert [facts.direction for facts in found] == [Direction.IN, Direction.OUT]
    assert [facts.dialled for facts in found] == [None, "01632960555"]
    for facts, truth in zip(found, pair.truth().calls, strict=True):
        fits(facts, truth)


def test_crosstalk_loud_without_a_pause_may_lengthen_a_call_but_loses_nothing_of_it():
    pair = answered(line(15, **ODDITIES["crosstalk"]), 8.0)
    pair.lift()
    pair.dial("01632960555")
    pair.ringback(1.4)
    pair.answer()
    pair.talk(8.0)
    pair.hang_up()
    pair.idle(25.0)
    found = calls(pair)
    for truth in pair.truth().calls:
        around = [f for f in found if f.off_hook <= truth.off_hook + positions(0.1) and f.end >= truth.talk_end]
        assert len(around) == 1


@pytest.mark.parametrize("country", ["us", "de", "fr", "it", "es", "nl", "dk", "se", "au", "jp", "in", "za"])
def test_calls_are_found_whole_abroad_even_with_the_british_plan(country):
    pair = answered(line(16, country))
    found = events(pair.audio(), country="uk")
    (facts,) = [event.facts for event in found if isinstance(event, CallClosed)]
    fits(facts, pair.truth().calls[0])
    assert facts.direction is Direction.IN
    assert missed(found) == []


def busy_line():
    pair = answered(line(17), 4.0)
    pair.lift()
    pair.dial("01632960666")
    pair.ringback(1.2)
    pair.answer()
    pair.talk(3.0)
    pair.flash()
    pair.talk(2.0)
    pair.hang_up()
    pair.idle(2.0)
    pair.ring(1.5, caller="02079460123")
    pair.idle(8.0)
    return pair


BUSY = busy_line()
BY_BLOCKS_OF_100_MS = events(BUSY.audio())
WITH_HOOK = [HookEdge(at, off) for at, off in BUSY.truth().hook]


@given(st.lists(st.integers(1, 20000), min_size=1, max_size=30), st.booleans())
@settings(max_examples=8, deadline=None)
def test_what_is_found_does_not_depend_on_how_the_audio_is_cut(sizes, hooked):
    samples, detector, found, at = BUSY.audio(), Detector(plan_for("uk")), [], 0
    edges = WITH_HOOK if hooked else []
    while at < len(samples):
        frame = Frame(at, samples[at : at + sizes[at % len(sizes)]])
        found += detector.observe(frame, [edge for edge in edges if at <= edge.at < frame.end])
        at = frame.end
    found += detector.finish(len(samples), EndCause.STOPPED)
    assert found == (events(samples, WITH_HOOK) if hooked else BY_BLOCKS_OF_100_MS)


def test_lost_audio_is_no_event_on_an_idle_line_nor_an_end_in_a_call():
    pair = answered(line(18), 10.0)
    samples, detector, found = pair.audio(), Detector(plan_for("uk")), []
    call = pair.truth().calls[0]
    holes = [(positions(1.5), positions(2.0)), (call.off_hook + positions(4.0), call.off_hook + positions(7.0))]
    for frame in signals.frames(samples):
        lost = any(start <= frame.position < end for start, end in holes)
        found += detector.observe(Frame(frame.position, np.zeros_like(frame.samples), True) if lost else frame)
    (facts,) = [event.facts for event in found if isinstance(event, CallClosed)]
    fits(facts, call)


def test_what_was_learnt_is_remembered_and_makes_the_next_start_sure_at_once():
    pair = answered(line(19))
    detector = Detector(plan_for("uk"))
    events(pair.audio(), detector=detector)
    memory = detector.memory()
    assert memory.rings
    assert memory.idle_floor_dbfs is not None
    again = line(20)
    again.idle(0.4)
    again.lift()
    again.talk(6.0)
    again.hang_up()
    again.idle(4.0)
    (facts,) = calls(again, detector=Detector(plan_for("uk"), memory))
    assert abs(facts.off_hook - again.truth().calls[0].off_hook) < positions(0.05)


def test_a_detector_restarted_in_a_call_finds_its_end():
    pair = answered(line(21), 20.0)
    first = Detector(plan_for("uk"))
    samples, call = pair.audio(), pair.truth().calls[0]
    cut = call.off_hook + positions(8.0)
    for frame in signals.frames(samples[:cut]):
        first.observe(frame)
    second = Detector(plan_for("uk"), first.memory(), in_call=True)
    (closed,) = [e for e in events(samples[cut:], detector=second) if isinstance(e, CallClosed)]
    assert closed.facts.start == 0
    assert call.talk_end <= closed.facts.end + cut <= call.on_hook + positions(0.35)


def test_a_detector_restarted_in_a_call_that_is_over_ends_it_soon():
    pair = answered(line(22))
    first = Detector(plan_for("uk"))
    events(pair.audio(), detector=first)
    idle = line(22)
    idle.idle(30.0)
    found = events(idle.audio(), detector=Detector(plan_for("uk"), first.memory(), in_call=True))
    assert any(isinstance(event, CallClosed) for event in found)
    assert not any(isinstance(event, CallOpened) for event in found)


def test_the_lamp_is_told_of_ringing_talk_and_idle_in_order():
    phases = [event.phase for event in events(answered(line(23)).audio()) if isinstance(event, PhaseChanged)]
    assert phases == [Phase.RINGING, Phase.TALK, Phase.IDLE]


def test_stopping_in_a_call_closes_it_there():
    pair = line(24)
    pair.idle(3.0)
    pair.lift()
    pair.dial("01632960777")
    pair.ringback(1.2)
    pair.answer()
    pair.talk(5.0)
    (facts,) = calls(pair)
    assert facts.cause is EndCause.STOPPED
    assert facts.end == pair.position


def test_speech_never_dials():
    pair = answered(line(25), 120.0)
    (facts,) = calls(pair)
    assert facts.dialled is None
    assert len(pair.audio()) > 120 * RATE


def test_a_caller_is_known_though_the_receiver_is_lifted_in_the_moment_their_number_is_complete():
    pair = line(26, "de")
    pair.idle(3.0)
    pair.ring(0.6, caller="02079460123")
    clip = pair.truth().calls[0].clip
    assert 0 < pair.position - clip[1] < positions(1.2)
    pair.lift()
    pair.talk(6.0)
    pair.hang_up()
    pair.idle(9.0)
    found = events(pair.audio(), country="de")
    (facts,) = [event.facts for event in found if isinstance(event, CallClosed)]
    fits(facts, pair.truth().calls[0])
    assert (facts.caller.number, facts.rings, facts.cause) == ("02079460123", 1, EndCause.CLICK_AND_FLOOR)
    assert missed(found) == []


def test_on_a_line_that_lets_no_ringing_through_a_second_caller_is_a_second_call():
    pair = line(27, ringing="none")
    pair.idle(4.0)
    pair.ring(4, caller="02079460123")
    pair.idle(8.0)
    pair.ring(3, caller="02079460999")
    pair.lift()
    pair.talk(6.0)
    pair.hang_up()
    pair.idle(4.0)
    found = events(pair.audio())
    assert [facts.caller.number for facts in missed(found)] == ["02079460123"]
    (facts,) = [event.facts for event in found if isinstance(event, CallClosed)]
    assert (facts.caller.number, facts.direction) == ("02079460999", Direction.IN)


def test_weak_ringing_is_heard_beside_a_cards_direct_offset():
    pair = line(28, ringing="weak", ring_dbfs=-25.0, dc=0.06)
    pair.idle(3.0)
    pair.ring(3, caller="02079460123")
    pair.idle(9.0)
    (facts,) = missed(events(pair.audio()))
    assert facts.rings == 3


def test_a_fax_that_answers_on_a_faint_line_is_one_call_and_teaches_nothing_wrong_of_the_floor():
    pair = line(29, **ODDITIES["low_level"])
    pair.idle(4.0)
    pair.ring(2.2, caller="02079460123")
    pair.lift()
    pair.fax(30.0)
    pair.hang_up()
    pair.idle(6.0)
    pair.lift()
    pair.dial("01632960555")
    pair.ringback(1.4)
    pair.answer()
    pair.talk(10.0)
    pair.hang_up()
    pair.idle(6.0)
    found = calls(pair)
    assert [facts.direction for facts in found] == [Direction.IN, Direction.OUT]
    for facts, truth in zip(found, pair.truth().calls, strict=True):
        fits(facts, truth)


def test_a_silent_hold_on_a_faint_line_goes_on_for_no_hook_was_heard():
    pair = line(30, **ODDITIES["low_level"])
    pair.idle(4.0)
    pair.ring(2.2, caller="02079460123")
    pair.lift()
    pair.talk(8.0)
    pair.silence(1.0)
    pair.hold(150.0, music=False)
    pair.talk(6.0)
    pair.hang_up()
    pair.idle(20.0)
    (facts,) = calls(pair)
    fits(facts, pair.truth().calls[0])


def test_an_answer_in_the_middle_of_a_ring_on_a_faint_line_is_known_by_voice_once_the_next_ring_is_overdue():
    pair = line(31, "de", **ODDITIES["low_level"])
    pair.idle(4.0)
    pair.ring(2.12, caller="02079460123")
    pair.lift()
    pair.talk(15.0)
    pair.hang_up()
    pair.idle(20.0)
    found = events(pair.audio(), country="de")
    (facts,) = [event.facts for event in found if isinstance(event, CallClosed)]
    assert (facts.direction, facts.caller.number) == (Direction.IN, "02079460123")
    assert abs(facts.off_hook - pair.truth().calls[0].off_hook) < positions(0.35)
    assert missed(found) == []


@pytest.mark.parametrize("oddity", ["clean", "close_floors", "low_level"])
def test_a_call_whose_hang_up_was_not_heard_ends_where_it_fell_quiet_when_the_next_one_begins(oddity):
    pair = line(32, **ODDITIES[oddity])
    pair.idle(4.0)
    pair.ring(2.2, caller="02079460123")
    pair.lift()
    pair.talk(8.0)
    pair.silence(3.0)
    pair.hang_up()
    pair.idle(9.0)
    pair.lift()
    pair.dial("01632960555")
    pair.ringback(1.4)
    pair.answer()
    pair.talk(6.0)
    pair.hang_up()
    pair.idle(20.0)
    samples, (first, second) = pair.audio().copy(), pair.truth().calls
    (silence,) = first.silences
    knock = first.on_hook - positions(1.3)
    samples[knock : first.on_hook] = samples[silence[0] :][: first.on_hook - knock]
    samples[first.on_hook : first.on_hook + 800] = samples[first.on_hook + 8000 :][:800]
    found = [event.facts for event in events(samples) if isinstance(event, CallClosed)]
    assert [facts.direction for facts in found] == [Direction.IN, Direction.OUT]
    assert first.talk_end - positions(0.02) <= found[0].end < second.off_hook
    assert found[1].dialled == "01632960555"
    fits(found[1], second)
