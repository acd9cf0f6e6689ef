"""What happens inside a call is marked: recalls, holds, callers waiting, tones that say why, keys, gaps."""

import numpy as np
import pytest
import signals
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import RATE, Frame, positions
from appliance.capture.detector import Detector
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import Profile
from appliance.capture.tones import plan_for
from appliance.events import CallClosed, CallMissed, CallOpened, CallUpdated, Phase, PhaseChanged
from appliance.model.calls import Direction, EndCause, MarkKind


def line(seed=1, country="uk", **changes):
    return SimulatedPair(Profile(country=country).with_(**changes), seed)


def events(samples, country="uk", lost=(), block=800):
    detector, found = Detector(plan_for(country)), []
    for frame in signals.frames(samples, block):
        gone = any(start <= frame.position < end for start, end in lost)
        found += detector.observe(Frame(frame.position, np.zeros_like(frame.samples), True) if gone else frame)
    return found + detector.finish(len(samples), EndCause.STOPPED)


def closed(found):
    (facts,) = [event.facts for event in found if isinstance(event, CallClosed)]
    return facts


def marks(facts, kind):
    return [mark for mark in facts.marks if mark.kind is kind]


def begun(pair, talk_s=5.0):
    pair.idle(3.0)
    pair.ring(2.2, caller="02079460123")
    pair.lift()
    pair.talk(talk_s)
    return pair


def ended(pair):
    pair.talk(4.0)
    pair.hang_up()
    pair.idle(4.0)
    return pair


def dialled(pair, number="01632960111"):
    pair.idle(3.0)
    pair.lift()
    pair.dial(number)
    return pair


@pytest.mark.parametrize("country", ["uk", "us", "de", "jp"])
def test_a_transfer_has_its_two_recalls_and_no_digit_is_taken_for_one(country):
    pair = begun(line(41, country))
    pair.transfer("21045", 6.0)
    facts = closed(events(ended(pair).audio(), country))
    true = pair.truth().calls[0].flashes
    found = marks(facts, MarkKind.FLASH)
    assert len(found) == 2
    for mark, (start, end) in zip(found, true, strict=True):
        assert abs(mark.start - start) < positions(0.1)
        assert abs(mark.end - end) < positions(0.02)
    (transfer,) = marks(facts, MarkKind.TRANSFER)
    assert true[0][1] - positions(0.02) <= transfer.start < transfer.end < true[1][0]
    assert "".join(mark.detail for mark in marks(facts, MarkKind.KEYED_DIGIT)) == "21045"


@pytest.mark.parametrize("tone", ["busy", "dial", "unobtainable"])
def test_the_break_with_which_the_far_end_clears_is_no_recall(tone):
    pair = begun(line(42, break_ms=100.0))
    pair.remote_clear(tone, 7.0)
    pair.hang_up()
    pair.idle(4.0)
    facts = closed(events(pair.audio()))
    assert marks(facts, MarkKind.FLASH) == []
    assert [mark.detail for mark in marks(facts, MarkKind.REMOTE_CLEAR)] == [tone]


@pytest.mark.parametrize(("music", "detail"), [(True, "music"), (False, "")])
def test_a_hold_is_marked_from_its_beginning_to_its_end(music, detail):
    pair = begun(line(43), 8.0)
    pair.hold(30.0, music=music)
    found = events(ended(pair).audio())
    (held,) = marks(closed(found), MarkKind.HELD)
    (true,) = pair.truth().calls[0].holds
    assert held.detail == detail
    assert abs(held.start - true[0]) < positions(2.0)
    assert abs(held.end - true[1]) < positions(1.5)
    phases = [event.phase for event in found if isinstance(event, PhaseChanged)]
    assert phases == [Phase.RINGING, Phase.TALK, Phase.HELD, Phase.TALK, Phase.IDLE]


def test_a_call_that_ends_on_hold_has_its_hold():
    pair = begun(line(44), 8.0)
    pair.hold(30.0, music=True)
    pair.hang_up()
    pair.idle(4.0)
    facts = closed(events(pair.audio()))
    (held,) = marks(facts, MarkKind.HELD)
    assert held.end <= facts.end


def test_talk_a_fax_and_a_modem_are_no_holds():
    pair = begun(line(45), 60.0)
    pair.fax(25.0)
    pair.modem(25.0)
    assert marks(closed(events(ended(pair).audio())), MarkKind.HELD) == []


def test_special_information_tones_say_why_an_attempt_failed_and_what_speaks_then_is_no_answer():
    pair = dialled(line(46))
    pair.number_unobtainable(0.5)
    pair.announce()
    pair.hang_up()
    pair.idle(4.0)
    facts = closed(events(pair.audio()))
    assert not facts.answered
    assert [mark.detail for mark in marks(facts, MarkKind.TONE)] == ["sit"]


@pytest.mark.parametrize(("verb", "detail"), [("busy", "busy"), ("congestion", "congestion")])
def test_the_tone_that_an_attempt_met_says_why_it_failed(verb, detail):
    pair = dialled(line(47))
    getattr(pair, verb)(8.0)
    pair.hang_up()
    pair.idle(4.0)
    facts = closed(events(pair.audio()))
    assert [mark.detail for mark in marks(facts, MarkKind.TONE)] == [detail]
    assert marks(facts, MarkKind.REMOTE_CLEAR) == []


@pytest.mark.parametrize("country", ["uk", "us"])
def test_a_howler_ends_the_call_where_its_final_tone_began_and_is_named(country):
    pair = begun(line(48, country))
    pair.remote_clear("unobtainable" if country == "uk" else "busy", 12.0)
    pair.receiver_left_off(30.0)
    pair.hang_up()
    pair.idle(4.0)
    facts = closed(events(pair.audio(), country))
    assert facts.cause is EndCause.TERMINAL_TONE
    (tail, _, _) = pair.truth().calls[0].tail_tone
    assert pair.truth().calls[0].talk_end <= facts.end <= tail + positions(0.1)
    assert [mark.detail for mark in marks(facts, MarkKind.TONE)] == ["howler"]


@pytest.mark.parametrize(("country", "hertz", "on_s", "pause_s"), [("uk", 400, 0.1, 4.0), ("us", 440, 0.3, 10.0)])
def test_beeps_with_long_pauses_are_a_caller_waiting(country, hertz, on_s, pause_s):
    pair = begun(line(49, country))
    at_s = pair.position / RATE + 2.0
    pair.silence(2 * (on_s + pause_s) + 5.0)
    audio = ended(pair).audio()
    for beep in range(3):
        audio = signals.added(audio, at_s + beep * (on_s + pause_s), signals.tone(hertz, on_s, -25.0))
    (waiting,) = marks(closed(events(audio, country)), MarkKind.CALL_WAITING)
    assert abs(waiting.start / RATE - at_s) < 0.1
    alone = signals.added(ended(begun(line(49, country))).audio(), 12.0, signals.tone(hertz, on_s, -25.0))
    assert marks(closed(events(alone, country)), MarkKind.CALL_WAITING) == []


def told_in_call(mark_hz, space_hz, body):
    message = signals.fsk(signals.framed(signals.checked(0x80, body), seizure=0, marks=80), mark_hz, space_hz, -20.0)
    gap = np.zeros(round(0.15 * RATE))
    alert = signals.tones((2130.0, 2750.0), 0.08, -22.0)
    return np.concatenate([alert, gap, signals.digit("D", 0.06), gap, message])


@pytest.mark.parametrize(("mark_hz", "space_hz"), [(1300.0, 2100.0), (1200.0, 2200.0)])
@pytest.mark.parametrize(
    ("field", "detail"),
    [((0x02, b"01632960555"), "01632960555"), ((0x04, b"P"), "withheld"), ((0x04, b"O"), "unavailable")],
)
def test_a_caller_told_within_a_call_is_marked_with_their_number_and_the_reply_is_no_key(
    mark_hz, space_hz, field, detail
):
    pair = begun(line(50))
    at_s = pair.position / RATE + 0.8
    pair.silence(4.0)
    told = told_in_call(mark_hz, space_hz, signals.fields((0x01, b"11231633"), field))
    facts = closed(events(signals.added(ended(pair).audio(), at_s, told)))
    (waiting,) = marks(facts, MarkKind.CALL_WAITING)
    assert waiting.detail == detail
    assert abs(waiting.start / RATE - at_s) < 0.1
    assert abs(waiting.end / RATE - at_s - len(told) / RATE) < 0.1
    assert marks(facts, MarkKind.KEYED_DIGIT) == []
    assert facts.caller.number == "02079460123"


@given(st.floats(0.4, 2.9), st.booleans())
@settings(max_examples=6, deadline=None)
def test_lifting_soon_after_the_last_ring_to_dial_is_a_missed_call_and_one_out(pause_s, dials):
    pair = line(51)
    pair.idle(3.0)
    pair.ring(2.3, caller="02079460123")
    pair.idle(pause_s)
    pair.lift()
    pair.dial("01632960333") if dials else pair.dial_tone(4.5)
    pair.ringback(1.5) if dials else None
    pair.hang_up()
    pair.idle(4.0)
    found = events(pair.audio())
    (missed,) = [event.facts for event in found if isinstance(event, CallMissed)]
    assert (missed.caller.number, missed.rings) == ("02079460123", 3)
    facts = closed(found)
    assert (facts.direction, facts.caller.number, facts.answered, facts.rings) == (Direction.OUT, None, False, 0)
    assert facts.dialled == ("01632960333" if dials else None)
    assert facts.start == facts.off_hook
    assert marks(facts, MarkKind.ANSWERED) == []


def test_a_caller_who_is_there_stays_one_though_somebody_keys_at_once():
    pair = begun(line(52), 1.0)
    pair.key("12")
    facts = closed(events(ended(pair).audio()))
    assert (facts.direction, facts.answered, facts.dialled) == (Direction.IN, True, None)


def test_keys_are_told_as_they_are_keyed():
    pair = begun(line(53))
    pair.key("4711")
    keyed_by = pair.position
    audio = ended(pair).audio()
    detector, told = Detector(plan_for("uk")), []
    for frame in signals.frames(audio[: keyed_by + positions(0.5)]):
        told += [event for event in detector.observe(frame) if isinstance(event, CallUpdated)]
    assert "".join(mark.detail for mark in marks(told[-1].facts, MarkKind.KEYED_DIGIT)) == "4711"


def test_half_a_number_is_never_told():
    pair = dialled(line(54), "01632960111")
    pair.ringback(1.5)
    pair.answer()
    found = events(ended(pair).audio())
    known = [event.facts for event in found if isinstance(event, CallOpened | CallUpdated | CallClosed)]
    assert {facts.dialled for facts in known} == {None, "01632960111"}
    dialling = [facts.direction for facts in known if facts.dialled is None]
    assert Direction.OUT in dialling


def test_a_number_that_is_keyed_on_after_a_long_pause_is_told_whole_in_the_end():
    pair = dialled(line(55), "01632")
    pair.silence(5.5)
    pair.key("960111")
    pair.ringback(2.3)
    pair.hang_up()
    pair.idle(4.0)
    found = events(pair.audio())
    told = [event.facts.dialled for event in found if isinstance(event, CallUpdated)]
    assert set(told) == {None, "01632", "01632960111"}
    assert closed(found).dialled == "01632960111"


@pytest.mark.parametrize("block", [800, 333])
def test_what_was_lost_of_a_call_is_a_gap_in_it(block):
    pair = ended(begun(line(56), 12.0))
    off_hook = pair.truth().calls[0].off_hook
    lost = [(800, 4000), (off_hook + positions(4.0), off_hook + positions(5.0))]
    facts = closed(events(pair.audio(), lost=lost, block=block))
    (gap,) = marks(facts, MarkKind.GAP)
    assert (gap.start, gap.end) == pytest.approx(lost[1], abs=block)


def test_lifting_too_late_on_a_line_that_lets_no_ringing_through_is_two_calls_as_well():
    pair = line(57, ringing="none")
    pair.idle(4.0)
    pair.ring(2.3, caller="02079460123")
    pair.idle(1.5)
    pair.lift()
    pair.dial("01632960333")
    pair.ringback(1.5)
    pair.hang_up()
    pair.idle(4.0)
    found = events(pair.audio())
    assert [event.facts.caller.number for event in found if isinstance(event, CallMissed)] == ["02079460123"]
    facts = closed(found)
    assert (facts.direction, facts.dialled, facts.caller.number) == (Direction.OUT, "01632960333", None)
