"""Pauses and objections: what is recorded meanwhile is silence, to the sample, and the recording says why."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spooled import look

from appliance.audio import BLOCK, RATE, Frame
from appliance.capture.detector import LineMemory
from appliance.clock import ClockQuality, FakeClock, Moment
from appliance.events import CallClosed, CallOpened, CallUpdated
from appliance.model.calls import CallFacts, EndCause, Mark, MarkKind
from appliance.model.gaps import GapCause, Why
from appliance.model.status import LineState
from appliance.model.wishes import WishKind
from appliance.recorder.handover import Handover
from appliance.recorder.instant import Instant
from appliance.recorder.line_recorder import LineRecorder
from appliance.recorder.line_view import LineView
from appliance.recorder.masking import KeyMask, Unmasked
from appliance.recorder.memory import RememberedLine, recall, remember
from appliance.recorder.status import LineWords, StatusBook
from appliance.recorder.withholding import BUTTON, PAGE, REMIND_S, Asked, WithheldMask, Withholding
from appliance.recorder.worker import LineNow
from appliance.storage.unsealing import PrivateKey

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PAUSE_S = 30.0


def at(s):
    return round(s * RATE)


class Scripted:
    """A detector that says what a test wrote down, when the line reaches the position it wrote it for."""

    def __init__(self, script):
        self.script, self.open = sorted(script.items()), None

    def observe(self, frame, signs=()):
        events = []
        while self.script and self.script[0][0] <= frame.end:
            events += self.script.pop(0)[1]
        for event in events:
            self.open = event.facts if isinstance(event, CallOpened | CallUpdated) else None
        return events

    def finish(self, position, cause):
        if self.open is None:
            return []
        return [CallClosed(CallFacts(self.open.start, position, self.open.off_hook, cause=cause))]

    def memory(self):
        return LineMemory()


class Line:
    """A line with a tone on it all the time, recorded; ``ask`` is a wish at a second of it."""

    def __init__(self, folder, script, inner=None):
        self.folder, self.key, self.heard = folder, PrivateKey.generate(), 0
        folder.mkdir()
        self.withholding = Withholding(PAUSE_S)
        mask = WithheldMask(inner or Unmasked(), self.withholding)
        self.recorder = LineRecorder(
            1, "Reception", Scripted(script), Handover(folder, lambda: self.key.seal_to), mask=mask
        )

    def ask(self, kind, s, by=PAGE):
        self.withholding.ask(Asked(kind, s, by))

    def until(self, s, asked=()):
        """Hear the line up to second ``s``; ``asked`` are (second, kind, by)."""
        asked = sorted(asked)
        while self.heard < at(s):
            samples = (0.3 * np.sin(2 * np.pi * 440 * np.arange(self.heard, self.heard + BLOCK) / RATE)).astype("f4")
            frame = Frame(self.heard, samples)
            self.heard = frame.end
            now_s = self.heard / RATE
            while asked and asked[0][0] <= now_s:
                when, kind, by = asked.pop(0)
                self.ask(kind, when, by)
            self.withholding.turn(at, now_s - BLOCK / RATE, in_call=self.recorder.in_call)
            moment = Moment(MONDAY + timedelta(seconds=now_s), ClockQuality.SYNCHRONISED)
            self.recorder.feed(frame, Instant(moment, "boot-1", now_s))
        return self

    def stop(self):
        moment = Moment(MONDAY + timedelta(seconds=self.heard / RATE), ClockQuality.SYNCHRONISED)
        self.recorder.stop(EndCause.STOPPED, Instant(moment, "boot-1", self.heard / RATE))
        return self.calls()

    def calls(self):
        return look(self.folder, self.key)


def call(start, end):
    opened = CallFacts(at(start), at(start), at(start), answered=True)
    closed = CallFacts(at(start), at(end), at(start), answered=True, cause=EndCause.HOOK)
    return {at(start): [CallOpened(at(start), opened)], at(end): [CallClosed(closed)]}


def gaps(kept):
    return [(s.detail, round(s.start_s, 3), round(s.end_s, 3)) for s in kept.closing.spans if s.kind == "gap"]


def loud(kept, start_s, end_s):
    """Return the level between two seconds of what was kept, leaving the encoder's edges out."""
    piece = kept.heard()[at(start_s + 0.05) : at(end_s - 0.05)]
    return float(np.sqrt(np.mean(piece**2)))


def test_a_pause_is_silence_in_the_recording_which_goes_on_by_itself_and_says_so(tmp_path):
    line = Line(tmp_path / "spool", call(5, 60))
    (kept,) = line.until(70, [(10.0, WishKind.PAUSE, BUTTON)]).calls()
    assert gaps(kept) == [("paused", 10.0, 10.0 + PAUSE_S)]
    assert loud(kept, 5, 10) > 0.2
    assert loud(kept, 10, 10 + PAUSE_S) < 0.001
    assert loud(kept, 10 + PAUSE_S, 60) > 0.2
    assert kept.closing.duration_s == 60.0


def test_the_same_button_goes_on_again(tmp_path):
    line = Line(tmp_path / "spool", call(5, 40))
    (kept,) = line.until(50, [(10.0, WishKind.PAUSE, BUTTON), (22.5, WishKind.PAUSE, BUTTON)]).calls()
    assert gaps(kept) == [("paused", 10.0, 22.5)]


def test_the_page_pauses_and_resumes_and_asking_twice_is_asking_once(tmp_path):
    wishes = [(10.0, WishKind.PAUSE, PAGE), (15.0, WishKind.PAUSE, PAGE), (20.0, WishKind.RESUME, PAGE)]
    (kept,) = Line(tmp_path / "spool", call(5, 40)).until(50, wishes).calls()
    assert gaps(kept) == [("paused", 10.0, 20.0)]


def test_after_an_objection_nothing_more_of_the_call_is_recorded_whatever_is_pressed(tmp_path):
    wishes = [
        (12.0, WishKind.OBJECT, BUTTON),
        (14.0, WishKind.PAUSE, BUTTON),
        (16.0, WishKind.RESUME, PAGE),
        (18.0, WishKind.OBJECT, BUTTON),
    ]
    (kept,) = Line(tmp_path / "spool", call(5, 60)).until(70, wishes).calls()
    assert gaps(kept) == [("objected", 12.0, 60.0)]
    assert loud(kept, 12, 60) < 0.001
    assert loud(kept, 5, 12) > 0.2


def test_an_objection_in_a_pause_begins_where_it_was_made(tmp_path):
    wishes = [(10.0, WishKind.PAUSE, BUTTON), (20.0, WishKind.OBJECT, BUTTON)]
    (kept,) = Line(tmp_path / "spool", call(5, 60)).until(70, wishes).calls()
    assert gaps(kept) == [("paused", 10.0, 20.0), ("objected", 20.0, 60.0)]


@pytest.mark.parametrize("kind", [WishKind.PAUSE, WishKind.OBJECT])
def test_the_next_call_is_recorded_whole_even_where_it_follows_at_once(tmp_path, kind):
    script = call(5, 20)
    following = CallFacts(at(20), at(20), at(20))
    script[at(20)].append(CallOpened(at(20), following))
    script |= {at(40): [CallClosed(CallFacts(at(20), at(40), at(20), cause=EndCause.HOOK))]}
    first, second = Line(tmp_path / "spool", script).until(45, [(10.0, kind, PAGE)]).calls()
    assert gaps(first)[0][1:] == (10.0, 20.0)
    assert gaps(second) == []
    assert loud(second, 0, 20) > 0.2


def test_a_call_that_ended_before_it_was_known_leaves_the_next_ones_pre_roll_alone(tmp_path):
    closed = CallFacts(at(5), at(20), at(5), cause=EndCause.HOOK)
    script = {at(5): call(5, 20)[at(5)], at(24): [CallClosed(closed)], **call(25, 40)}
    first, second = Line(tmp_path / "spool", script).until(45, [(10.0, WishKind.OBJECT, PAGE)]).calls()
    assert gaps(first) == [("objected", 10.0, 20.0)]
    assert gaps(second) == []
    assert loud(second, 0, 5) > 0.2


def test_without_a_call_there_is_nothing_to_withhold_and_it_is_not_kept_for_later(tmp_path):
    line = Line(tmp_path / "spool", call(10, 30))
    (kept,) = line.until(35, [(2.0, WishKind.OBJECT, BUTTON), (3.0, WishKind.PAUSE, BUTTON)]).calls()
    assert gaps(kept) == []


def test_a_call_cut_by_the_stop_of_the_recorder_says_what_was_withheld_up_to_there(tmp_path):
    line = Line(tmp_path / "spool", call(5, 60)).until(20, [(10.0, WishKind.PAUSE, PAGE)])
    (kept,) = line.stop()
    assert gaps(kept) == [("paused", 10.0, 20.0)]


def test_with_keyed_digits_masked_too_the_pause_keeps_its_place(tmp_path):
    line = Line(tmp_path / "spool", call(5, 30), inner=KeyMask())
    (kept,) = line.until(35, [(10.0, WishKind.PAUSE, BUTTON), (20.0, WishKind.PAUSE, BUTTON)]).calls()
    assert gaps(kept) == [("paused", 10.0, 20.0)]
    assert loud(kept, 10, 20) < 0.001


def test_digits_keyed_and_words_spoken_in_a_pause_are_not_even_listed():
    withholding = Withholding(PAUSE_S)
    withholding.pause(at(10), 10.0, BUTTON)
    withholding.resume(at(20))
    marks = (
        Mark(MarkKind.KEYED_DIGIT, at(9), at(9.1), "4"),
        Mark(MarkKind.KEYED_DIGIT, at(12), at(12.1), "5"),
        Mark(MarkKind.HELD, at(13), at(14)),
    )
    facts = CallFacts(0, at(30), 0, marks=marks, speech=((at(8), at(9)), (at(11), at(12)), (at(19), at(25))))
    told = WithheldMask(Unmasked(), withholding).told(facts)
    assert [mark.detail for mark in told.marks] == ["4", ""]
    assert told.speech == ((at(8), at(9)),)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(0.0, 60.0), st.sampled_from([WishKind.PAUSE, WishKind.RESUME, WishKind.OBJECT])),
        max_size=12,
    ),
    st.integers(50, 3000),
)
def test_whatever_is_asked_every_sample_stays_in_its_place_and_is_whole_or_silent(wishes, block):
    withholding, out, silent = Withholding(PAUSE_S), [], np.zeros(at(60), bool)
    pending = sorted(wishes, key=lambda wish: wish[0])
    for start in range(0, at(60), block):
        frame = Frame(start, np.ones(min(block, at(60) - start), np.float32))
        while pending and at(pending[0][0]) <= start:
            when, kind = pending.pop(0)
            withholding.ask(Asked(kind, when, PAGE))
        withholding.turn(at, start / RATE, in_call=True)
        out += withholding.over([frame])
    position = 0
    for frame in out:
        assert frame.position == position
        position = frame.end
        assert set(np.unique(frame.samples)) <= {0.0 if frame.withheld else 1.0}
        silent[frame.position : frame.end] = bool(frame.withheld)
    assert position == at(60)
    objected = [when for when, kind in wishes if kind is WishKind.OBJECT and at(when) <= at(60) - 2 * block]
    if objected:
        assert silent[at(min(objected)) + 2 * block :].all()
    if not wishes:
        assert not silent.any()


# --- lamp, page and memory --------------------------------------------------------------------------------------------


def now_with(withholding, now_s):
    sealed = Instant(Moment(MONDAY, ClockQuality.SYNCHRONISED), "boot-1", now_s)
    view = LineView(call_id="2026-11-23T090000Z-1-7f3a9c", sealed_at=sealed)
    return LineNow(view, LineMemory(), now_s, now_s, withheld=withholding.now)


def test_lamp_and_page_say_paused_until_when_and_a_long_pause_is_an_alarm():
    book, withholding = StatusBook([LineWords(1, "Reception")], MONDAY, 0.0), Withholding(180.0)
    withholding.pause(0, 100.0, BUTTON)
    status = book.status([now_with(withholding, 110.0)], MONDAY, 110.0)
    line = status.lines[0]
    assert (line.state, line.by) == (LineState.PAUSED, BUTTON)
    assert line.until == MONDAY + timedelta(seconds=170)
    assert status.alarms == ()
    later = book.status([now_with(withholding, 101.0 + REMIND_S)], MONDAY, 101.0 + REMIND_S)
    assert [(alarm.key, alarm.line) for alarm in later.alarms] == [("paused", 1)]
    assert "goes on by itself at" in later.alarms[0].text


def test_an_objection_is_said_and_is_no_alarm():
    book, withholding = StatusBook([LineWords(1, "Reception")], MONDAY, 0.0), Withholding(180.0)
    withholding.object(0, 100.0, PAGE)
    status = book.status([now_with(withholding, 900.0)], MONDAY, 900.0)
    assert (status.lines[0].state, status.lines[0].until, status.alarms) == (LineState.OBJECTED, None, ())


def test_a_recording_that_does_not_reach_the_disk_is_a_fault_even_when_paused():
    book, withholding = StatusBook([LineWords(1, "Reception")], MONDAY, 0.0), Withholding(180.0)
    withholding.pause(0, 100.0, PAGE)
    now = LineNow(LineView(call_id="x", sealed_at=None), LineMemory(), 110.0, 110.0, withheld=withholding.now)
    assert book.status([now], MONDAY, 110.0).lines[0].state is LineState.FAULT


@pytest.mark.parametrize(
    ("why", "left_s", "down_s", "then"),
    [
        (Why(GapCause.OBJECTED, PAGE), None, 3.0, GapCause.OBJECTED),
        (Why(GapCause.PAUSED, BUTTON), 100.0, 3.0, GapCause.PAUSED),
        (Why(GapCause.PAUSED, BUTTON), 2.0, 3.0, None),
        (Why(GapCause.OBJECTED, PAGE), None, 90.0, None),
    ],
)
def test_what_was_withheld_is_withheld_after_a_restart_in_the_same_call(tmp_path, why, left_s, down_s, then):
    clock = FakeClock()
    kept = RememberedLine(open_call="2026-11-23T090000Z-1-7f3a9c", withheld=why, pause_left_s=left_s)
    remember(tmp_path, {"Reception": kept}, clock)
    clock.advance(down_s)
    withholding = Withholding(180.0)
    recall(tmp_path, clock).withhold("Reception", withholding, clock)
    assert (withholding.why().cause if withholding.why() else None) is then
