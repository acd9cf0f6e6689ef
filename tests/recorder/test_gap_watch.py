"""One line's account of itself: whatever frames come or fail to come, each second is heard or lost, never both."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.clock import FakeClock
from appliance.model.gaps import GapCause, Why
from appliance.recorder.gapwatch import AGREE_S, TOLD_AFTER_S, GapWatch
from appliance.recorder.instant import read
from appliance.storage.gapnotes import Losing, Lost

CARD, PAUSED, OVERRUN = (Why(cause) for cause in (GapCause.CARD, GapCause.PAUSED, GapCause.OVERRUN))
BEGAN = read(FakeClock())


def at(s):
    return replace(BEGAN, boottime_s=BEGAN.boottime_s + s)


def lost(notes):
    began = BEGAN.boottime_s
    return [(n.start.boottime_s - began, n.end.boottime_s - began, n.why.cause) for n in notes if isinstance(n, Lost)]


def test_what_passes_before_the_first_frame_is_lost_to_the_start():
    watch = GapWatch(1, BEGAN)
    watch.hear(at(0.7), at(0.8), None, CARD)
    assert lost(watch.notes(at(0.8))) == [(0.0, pytest.approx(0.7), GapCause.STOPPED)]


def test_a_line_heard_without_a_break_has_nothing_to_write_down():
    watch = GapWatch(1, BEGAN)
    for tenth in range(100):
        watch.hear(at(tenth / 10), at(tenth / 10 + 0.1), None, CARD)
    assert watch.notes(at(10.0)) == []


def test_a_loss_that_lasts_is_told_before_it_is_over_and_once():
    watch = GapWatch(2, BEGAN)
    watch.hear(at(0), at(1), None, CARD)
    told = []
    for tenth in range(10, 80):
        watch.miss(at(tenth / 10), CARD)
        told += watch.notes(at(tenth / 10))
    assert [(note.line, note.why) for note in told] == [(2, CARD)]
    assert isinstance(told[0], Losing)
    watch.hear(at(7.9), at(8.0), None, CARD)
    assert lost(watch.notes(at(8.0))) == [(1.0, pytest.approx(7.9), GapCause.CARD)]


def test_a_loss_that_was_told_and_was_none_because_sound_came_late_is_taken_back():
    watch = GapWatch(1, BEGAN)
    watch.hear(at(0), at(1), None, CARD)
    watch.miss(at(4), CARD)
    (told,) = watch.notes(at(4))
    watch.hear(at(1), at(1.1), None, CARD)
    (taken_back,) = watch.notes(at(4.1))
    assert isinstance(told, Losing)
    assert taken_back == Lost(1, told.start, told.start, CARD)


def test_lost_frames_that_fill_a_hole_end_where_the_sound_begins():
    watch = GapWatch(1, BEGAN)
    watch.hear(at(0), at(1), None, CARD)
    watch.hear(at(1), at(1.4), OVERRUN, CARD)
    watch.hear(at(1.4), at(2), None, CARD)
    assert lost(watch.notes(at(2))) == [(1.0, pytest.approx(1.4), GapCause.OVERRUN)]


def test_a_pause_within_a_loss_is_a_loss_of_its_own():
    watch = GapWatch(1, BEGAN)
    watch.hear(at(0), at(1), None, CARD)
    watch.hear(at(1), at(3), PAUSED, CARD)
    watch.miss(at(6), CARD)
    watch.hear(at(7), at(8), None, CARD)
    assert [cause for *_, cause in lost(watch.notes(at(8)))] == [GapCause.PAUSED, GapCause.CARD]


def test_a_new_chapter_is_told_of_what_lasts():
    watch = GapWatch(1, BEGAN)
    watch.miss(at(5), CARD)
    first = watch.notes(at(8))
    watch.retell()
    again = watch.notes(at(8))
    assert [note.start for note in again if isinstance(note, Losing)] == [
        note.start for note in first if isinstance(note, Losing)
    ][-1:]


steps = st.lists(st.tuples(st.sampled_from(["heard", "lost", "paused", "silence"]), st.floats(0.3, 4.0)), max_size=40)


def live(steps, wobbles):
    """Let a line live through ``steps``; return what it lost and how much it did lose.

    ``wobbles`` are how wrongly the instant of each frame is known.
    """
    watch, now, truly_lost, notes = GapWatch(1, BEGAN), 0.0, 0.0, []
    for (what, length_s), wobble in zip(steps, wobbles, strict=True):
        start, now = now, now + length_s
        if what == "silence":
            watch.miss(at(now), CARD)
        else:
            watch.hear(at(start + wobble), at(now + wobble), {"lost": CARD, "paused": PAUSED}.get(what), CARD)
        truly_lost += what != "heard" and length_s
        notes += watch.notes(at(now))
    watch.hear(at(now), at(now + 0.1), None, CARD)
    return lost([*notes, *watch.notes(at(now + TOLD_AFTER_S))]), truly_lost


@settings(deadline=None)
@given(steps)
def test_every_second_is_either_heard_or_lost(steps):
    stretches, truly_lost = live(steps, [0.0] * len(steps))
    assert sum(end - start for start, end, _ in stretches) == pytest.approx(truly_lost, abs=1e-6)


@settings(deadline=None)
@given(steps, st.data())
def test_no_second_is_lost_twice_however_wrongly_a_frame_s_time_is_known(steps, data):
    wobble = st.floats(-AGREE_S, AGREE_S)
    stretches, _ = live(steps, data.draw(st.lists(wobble, min_size=len(steps), max_size=len(steps))))
    assert all(start <= end for start, end, _ in stretches)
    for (_, end, _), (start, *_) in pairwise(stretches):
        assert start >= end
