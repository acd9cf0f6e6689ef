"""A line recorded: what is sealed is the call, the whole call, and stands where it was in time."""

import errno
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pesq import pesq
from spooled import FailingDisk, look

from appliance.audio import BLOCK, RATE, Frame
from appliance.capture.detector import Detector, LineMemory
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.tones import plan_for
from appliance.clock import ClockQuality, Moment
from appliance.events import CallClosed, CallMissed, CallOpened, CallUpdated
from appliance.model.calls import Caller, CallerIdentity, CallFacts, Direction, EndCause, Mark, MarkKind
from appliance.recorder import tape as tapes
from appliance.recorder.handover import MOST_WAITING, Handover
from appliance.recorder.instant import Instant
from appliance.recorder.line_recorder import LineRecorder
from appliance.storage.unsealing import PrivateKey
from sounds import lag_and_likeness

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CALLER = Caller(CallerIdentity.NUMBER, "01632960846")


class ScriptedDetector:
    """Says what a test wrote down, when the line reaches the position it wrote it for."""

    def __init__(self, script):
        self.script = sorted(script.items())
        self.open = None

    def observe(self, frame, hook=()):
        events = []
        while self.script and self.script[0][0] <= frame.end:
            events += self.script.pop(0)[1]
        for event in events:
            self.open = event.facts if isinstance(event, CallOpened | CallUpdated) else None
        return events

    def finish(self, at, cause):
        return [CallClosed(facts(self.open.start, self.open.off_hook, at, cause=cause))] if self.open else []

    def memory(self):
        return LineMemory()


def facts(start, off_hook, end, **more):
    return CallFacts(start=start, end=end, off_hook=off_hook, **more)


def s(seconds):
    return round(seconds * RATE)


class Bench:
    """A line on the bench: sound goes in at the pace the test likes, calls come out of the spool."""

    def __init__(self, folder, detector, continues=None, complexity=0, most_waiting=MOST_WAITING):
        self.folder, self.key = folder, PrivateKey.generate()
        self.published = self.key.seal_to
        self.disk = FailingDisk()
        way = Handover(folder, lambda: self.published, self.disk, most_waiting)
        self.recorder = LineRecorder(1, "Reception", detector, way, complexity, continues)
        self.position = 0

    def instant(self):
        at = MONDAY + timedelta(seconds=self.position / RATE)
        return Instant(Moment(at, ClockQuality.SYNCHRONISED), "boot-1", 100.0 + self.position / RATE)

    def hear(self, samples, lost=False):
        for at in range(0, len(samples), BLOCK):
            frame = Frame(self.position, samples[at : at + BLOCK], lost)
            self.position = frame.end
            self.recorder.feed(frame, self.instant())
            self.recorder.tick(self.instant())
        return self

    def stop(self, cause=EndCause.STOPPED):
        self.recorder.stop(cause, self.instant())
        return self

    def calls(self):
        return look(self.folder, self.key)


@pytest.fixture
def tape():
    """Three quarters of a minute in which every moment is different: two people talking."""
    pair = SimulatedPair(seed=5)
    pair.lift()
    pair.talk(45)
    return pair.audio()[: s(45)]


@pytest.fixture
def bench(tmp_path):
    def build(script, **how):
        return Bench(tmp_path, ScriptedDetector(script), **how)

    return build


def same(heard, source):
    """Return whether two stretches are the same sound at the same time, as far as the encoder's loss goes."""
    lag, likeness = lag_and_likeness(heard, source)
    assert abs(lag) <= 0.005 * RATE
    assert abs(len(heard) - len(source)) <= 0.03 * RATE
    return likeness > 0.97


def test_a_real_call_is_found_and_sealed_as_it_was_spoken(tmp_path):
    pair = SimulatedPair(seed=2)
    pair.idle(8.0)
    pair.ring(2.3, caller="01632960846")
    pair.lift()
    pair.talk(12.0)
    pair.hang_up()
    pair.idle(8.0)
    source, true = pair.audio(), pair.truth().calls[0]
    bench = Bench(tmp_path, Detector(plan_for("uk")), complexity=5).hear(source).stop()
    (call,) = bench.calls()
    assert call.complete
    assert call.opening.direction is Direction.IN
    first = round((call.opening.started_at - MONDAY).total_seconds() * RATE)
    assert true.off_hook - s(6.5) <= first <= true.off_hook - s(3.5)
    assert abs(first + call.closing.duration_s * RATE - true.on_hook) < s(1.5)
    heard = call.heard(call.kept)
    talk, end = true.off_hook - first, true.talk_end - first
    assert same(heard[talk:end], source[first + talk : first + end])
    assert pesq(RATE, source[first + talk : first + end], heard[talk:end], "nb") >= 4.0


def test_a_recording_begins_five_seconds_before_the_receiver_was_lifted(bench, tape):
    opened = {s(12): [CallOpened(s(11), facts(s(6), s(11), s(12)))], s(20): [CallClosed(facts(s(6), s(11), s(19)))]}
    line = bench(opened).hear(tape[: s(25)])
    (call,) = line.calls()
    assert call.opening.started_at == MONDAY + timedelta(seconds=6)
    assert call.opening.boottime_s == pytest.approx(106.0)
    assert call.closing.duration_s == 13.0
    assert call.closing.ended_at == MONDAY + timedelta(seconds=19)
    assert same(call.heard(call.kept), tape[s(6) : s(19)])


def test_an_end_in_the_past_trims_what_was_recorded_after_it(bench, tape):
    line = bench({s(8): [CallOpened(s(7), facts(s(7), s(7), s(8)))], s(30): [CallClosed(facts(s(7), s(7), s(14.5)))]})
    (call,) = line.hear(tape[: s(31)]).calls()
    assert call.closing.duration_s == 12.5
    assert len(call.closing.peaks) == 125
    assert call.closing.audio_bytes < len(call.ogg) / 2
    assert 12.5 * RATE - 200 <= len(call.heard(call.kept)) <= 12.5 * RATE
    assert same(call.heard(call.kept), tape[s(2) : s(14.5)])


def test_back_to_back_calls_are_cut_where_the_first_ended(bench, tape):
    first, second = facts(s(6), s(6), s(20)), facts(s(21), s(22), s(24))
    line = bench({
        s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6.5)))],
        s(24): [CallClosed(first), CallOpened(s(22), second)],
        s(30): [CallClosed(facts(s(21), s(22), s(29)))],
    })  # fmt: skip
    one, two = line.hear(tape[: s(31)]).calls()
    assert one.closing.duration_s == 19.0
    assert two.opening.started_at == MONDAY + timedelta(seconds=20)
    assert two.closing.duration_s == 9.0
    assert same(two.heard(two.kept), tape[s(20) : s(29)])


def test_a_detector_that_forgot_to_close_does_not_make_one_call_of_two(bench, tape):
    line = bench({
        s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6.5)))],
        s(20.5): [CallOpened(s(20), facts(s(20), s(20), s(20)))],
    })  # fmt: skip
    one, two = line.hear(tape[: s(25)]).stop().calls()
    assert one.closing.cause is EndCause.NEXT_CALL
    assert one.opening.started_at + timedelta(seconds=one.closing.duration_s) == two.opening.started_at


def test_a_missed_call_is_an_entry_without_audio(bench, tape, tmp_path):
    missed = facts(s(3), None, s(15), direction=Direction.IN, caller=CALLER, rings=3)
    (call,) = bench({s(20): [CallMissed(missed)]}).hear(tape[: s(21)]).calls()
    assert call.ogg is None
    assert call.closing.missed
    assert not call.closing.answered
    assert (call.closing.rings, call.closing.caller, call.closing.duration_s) == (3, CALLER, 12.0)
    assert call.opening.started_at == MONDAY + timedelta(seconds=3)
    assert not list(tmp_path.glob("*.audio"))


def test_what_becomes_known_during_a_call_is_on_its_sheet_at_once(bench, tape):
    known = facts(s(6), s(6), s(9), direction=Direction.OUT, dialled="01632960846")
    line = bench({s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6)))], s(9): [CallUpdated(known)] * 3})
    line.hear(tape[: s(10)])
    (call,) = line.calls()
    assert call.closing is None
    assert [(note.direction, note.dialled) for note in call.whole.notes] == [(Direction.OUT, "01632960846")]


def test_speech_and_marks_are_told_in_the_recording_s_own_seconds(bench, tape):
    told = facts(
        s(2),
        s(7),
        s(20),
        speech=((s(1), s(1.5)), (s(8), s(9)), (s(19.5), s(25))),
        marks=(Mark(MarkKind.KEYED_DIGIT, s(12), s(12.1), "7"),),
    )
    line = bench({s(7.5): [CallOpened(s(7), facts(s(2), s(7), s(7)))], s(26): [CallClosed(told)]})
    (call,) = line.hear(tape[: s(27)]).calls()
    assert call.spans("speech") == [(6.0, 7.0), (17.5, 18.0)]
    assert call.spans("keyed_digit") == [(10.0, 10.1)]


def test_what_the_card_lost_is_silence_of_the_same_length_and_on_the_sheet(bench, tape):
    line = bench({s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6)))], s(20): [CallClosed(facts(s(6), s(6), s(19)))]})
    line.hear(tape[: s(10)]).hear(np.zeros(s(1.3), np.float32), lost=True).hear(tape[s(11.3) : s(21)])
    (call,) = line.calls()
    assert call.spans("gap") == [(9.0, 10.3)]
    heard = call.heard(call.kept)
    assert np.abs(heard[s(9.1) : s(10.2)]).max() < 0.001
    assert same(heard[s(10.5) :], tape[s(11.5) : s(19)])


def test_a_call_that_never_ends_goes_on_in_another_recording(bench, tape, monkeypatch):
    monkeypatch.setattr(tapes, "LONGEST_S", 15)
    line = bench({s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6)))]}).hear(tape[: s(40)]).stop()
    one, two, three = line.calls()
    assert (one.closing.cause, one.closing.duration_s) == (EndCause.TOO_LONG, 15.0)
    assert (two.opening.continues, three.opening.continues) == (one.call_id, two.call_id)
    whole = np.concatenate([call.heard(call.kept) for call in (one, two, three)])
    assert same(whole, tape[s(1) : s(40)])


def test_stopping_closes_the_call_properly(bench, tape):
    line = bench({s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6)))]}).hear(tape[: s(12)]).stop()
    (call,) = line.calls()
    assert call.complete
    assert (call.closing.cause, call.closing.duration_s) == (EndCause.STOPPED, 11.0)


def test_a_call_that_a_restart_cut_short_is_continued_from_the_first_sample(bench, tape):
    line = bench({s(9): [CallClosed(facts(0, 0, s(8)))]}, continues="2026-11-23T085900Z-1-7f3a9c")
    (call,) = line.hear(tape[: s(10)]).calls()
    assert call.opening.continues == "2026-11-23T085900Z-1-7f3a9c"
    assert call.opening.started_at == MONDAY
    assert call.closing.duration_s == 8.0


def test_a_continued_call_that_is_over_at_once_is_closed_at_once(bench, tape):
    line = bench({s(0.4): [CallClosed(facts(0, 0, s(0.3)))]}, continues="2026-11-23T085900Z-1-7f3a9c")
    (call,) = line.hear(tape[: s(5)]).calls()
    assert call.closing.duration_s == 0.3
    assert line.recorder.view.call_id is None


def test_a_detector_that_opens_the_continued_call_itself_makes_no_second_recording(bench, tape):
    line = bench({0: [CallOpened(0, facts(0, 0, 0))]}, continues="2026-11-23T085900Z-1-7f3a9c")
    (call,) = line.hear(tape[: s(5)]).stop().calls()
    assert call.opening.continues


# --- the spool refuses ---


def test_calls_wait_in_memory_for_the_keeper_s_key_and_then_all_arrive(bench, tape):
    line = bench({
        s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6)))],
        s(15): [CallClosed(facts(s(6), s(6), s(14)))],
        s(16): [CallMissed(facts(s(15), None, s(16)))],
        s(20): [CallOpened(s(19), facts(s(19), s(19), s(20)))],
    })  # fmt: skip
    line.published = None
    line.hear(tape[: s(25)])
    assert line.calls() == []
    assert "Waiting for the keeper's key" in line.recorder.view.trouble
    line.published = line.key.seal_to
    line.hear(tape[s(25) : s(26)])
    assert line.recorder.view.trouble == ""
    one, two, missed = line.stop().calls()
    assert same(one.heard(one.kept), tape[s(1) : s(14)])
    assert missed.closing.missed
    assert same(two.heard(two.kept), tape[s(14) : s(26)])


def test_a_missing_key_is_known_before_there_is_a_call(bench, tape):
    line = bench({})
    line.published = None
    line.hear(tape[: s(2)])
    assert "Waiting for the keeper's key" in line.recorder.view.trouble


@pytest.mark.parametrize(("fault", "failing_s"), [(errno.ENOSPC, 20.0), (errno.EIO, 0.8), (errno.EROFS, 1.0)])
def test_a_disk_that_fails_during_a_call_loses_nothing_of_it(bench, tape, fault, failing_s):
    line = bench({s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6)))], s(44): [CallClosed(facts(s(6), s(6), s(43)))]})
    line.hear(tape[: s(20)])
    line.disk.fault = fault
    line.hear(tape[s(20) : s(20 + failing_s)])
    assert "cannot be written" in line.recorder.view.trouble
    line.disk.fault = None
    line.hear(tape[s(20 + failing_s) :])
    assert line.recorder.view.trouble == ""
    cut, rest = line.calls()
    assert (cut.closing, cut.complete) == (None, False)
    assert (rest.opening.continues, rest.complete) == (cut.call_id, True)
    first = s((rest.opening.started_at - MONDAY).total_seconds())
    assert first <= s(1) + len(cut.heard())  # the second begins before the first ends: nothing lies between
    assert same(cut.heard(), tape[s(1) : s(1) + len(cut.heard())])
    assert same(rest.heard(rest.kept), tape[first : s(43)])


def test_a_disk_that_fails_as_the_call_ends_loses_nothing_of_it(bench, tape):
    line = bench({s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6)))], s(20): [CallClosed(facts(s(6), s(6), s(20)))]})
    line.hear(tape[: s(19.9)])
    line.disk.fault = errno.EIO
    line.hear(tape[s(19.9) : s(22)])
    line.disk.fault = None
    line.hear(tape[s(22) : s(29)])
    cut, rest = line.calls()
    first = s((rest.opening.started_at - MONDAY).total_seconds())
    assert first <= s(1) + len(cut.heard())
    assert first / RATE + rest.closing.duration_s == pytest.approx(20.0, abs=0.001)
    assert same(rest.heard(rest.kept), tape[first : s(20)])


def test_memory_is_bounded_when_nothing_can_be_written_for_hours(bench, tape, caplog):
    line = bench({s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6)))]}, most_waiting=60_000)
    line.published = None
    line.hear(tape).hear(tape).hear(tape)
    assert line.recorder.view.lost_calls > 0
    assert "is lost" in caplog.text
    line.published = line.key.seal_to
    line.hear(tape[: s(3)]).stop()
    kept = sum(len(call.ogg) for call in line.calls())
    assert kept < 110_000
    assert line.calls()[-1].closing.ended_at == MONDAY + timedelta(seconds=138)


def test_the_disk_is_synced_often_enough_that_a_power_cut_takes_a_second_and_a_half_at_most(bench, tape):
    line = bench({s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6)))]}).hear(tape[: s(10)])
    worst_s = 0.0
    for at in range(10, 30):
        before = line.disk.syncs
        line.hear(tape[s(at) : s(at + 1)])
        assert 1 <= line.disk.syncs - before <= 2
        durable = line.recorder._tape.recording.durable_end
        worst_s = max(worst_s, (line.position - durable) / RATE)
    assert worst_s <= 1.5 - 0.22  # a block and the resampler's hold come on top


def test_nothing_of_a_call_lies_in_the_spool_in_clear(bench, tape, tmp_path):
    known = facts(
        s(6), s(6), s(19), caller=CALLER, dialled="02079460123", marks=(Mark(MarkKind.KEYED_DIGIT, s(9), s(9), "7"),)
    )
    line = bench({s(6.5): [CallOpened(s(6), facts(s(6), s(6), s(6), caller=CALLER))], s(20): [CallClosed(known)]})
    line.hear(tape[: s(21)])
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (b"01632960846", b"02079460123", b"OggS", b"OpusHead", b"keyed_digit", b"Reception"):
        assert secret not in everything
