"""When callers are told that they are recorded, and that the recording says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from appliance.audio import RATE
from appliance.capture.announcement import Sound, beep
from appliance.capture.speakers import Played
from appliance.clock import ClockQuality, FakeClock, Moment
from appliance.config import Announce, LineConfig, Tap, parse
from appliance.errors import ConfigWrong
from appliance.model.calls import CallFacts, Direction, Mark, MarkKind
from appliance.recorder.announcers import announcer
from appliance.recorder.announcing import RETRY_S, TRIES, Announcer, Wanted
from appliance.recorder.instant import Instant
from appliance.recorder.masking import Unmasked
from appliance.recorder.withholding import WithheldMask, Withholding

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MESSAGE = Sound(MarkKind.ANNOUNCEMENT, bytes(2 * 48_000 * 8))  # 8 s
BEEP = beep()


def at(s):
    return round(s * RATE)


class Loudspeaker:
    """Plays in no time at all, or not, as a test says; ``log`` is what was played when."""

    def __init__(self):
        self.busy, self.log, self.done, self.why, self.cuts, self.now_s = False, [], [], "", 0, 0.0

    def play(self, sound):
        if self.busy:
            return False
        self.log.append((self.now_s, sound.kind))
        self.busy, self.ends_s = True, self.now_s + sound.length_s
        self.sound, self.start_s = sound, self.now_s
        return True

    def pass_time(self, now_s):
        self.now_s = now_s
        if self.busy and (now_s >= self.ends_s or self.why):
            start_s = None if self.why else self.start_s
            self.done.append(Played(self.sound, start_s, min(now_s, self.ends_s), self.why))
            self.busy = False

    def cut(self):
        self.cuts += 1
        self.done.append(Played(self.sound, self.start_s, self.now_s))
        self.busy = False

    def played(self):
        done, self.done = self.done, []
        return done

    def close(self):
        pass


class Line:
    """A line on which calls come and go."""

    def __init__(self, announce=Announce.INCOMING, beep_every_s=0, message=MESSAGE):
        self.speaker, self.now_s, self.facts, self.silent = Loudspeaker(), 0.0, None, False
        self.announcer = Announcer(Wanted(announce, message, BEEP, beep_every_s), self.speaker)

    def call(self, direction=Direction.IN, answered=True):
        start = at(self.now_s)
        self.facts = CallFacts(start, start, start, direction=direction, answered=answered)

    def wait(self, s):
        until_s = self.now_s + s
        while self.now_s < until_s:
            self.now_s = round(self.now_s + 0.2, 3)
            self.speaker.pass_time(self.now_s)
            moment = Moment(MONDAY + timedelta(seconds=self.now_s), ClockQuality.SYNCHRONISED)
            self.announcer.turn(self.facts, Instant(moment, "boot-1", self.now_s), at, self.silent)

    def played(self, kind=MarkKind.ANNOUNCEMENT):
        return [round(s, 1) for s, one in self.speaker.log if one is kind]


@pytest.mark.parametrize(
    ("announce", "direction", "played"),
    [
        (Announce.INCOMING, Direction.IN, 1),
        (Announce.INCOMING, Direction.OUT, 0),
        (Announce.INCOMING, Direction.UNKNOWN, 0),
        (Announce.EVERY, Direction.OUT, 1),
        (Announce.EVERY, Direction.IN, 1),
    ],
)
def test_the_message_is_played_once_to_those_it_is_for(announce, direction, played):
    line = Line(announce)
    line.wait(5)
    line.call(direction)
    line.wait(120)
    assert len(line.played()) == played


def test_a_call_out_is_told_once_it_is_answered_and_not_to_the_ringing():
    line = Line(Announce.EVERY)
    line.call(Direction.OUT, answered=False)
    line.wait(20)
    assert line.played() == []
    line.facts = replace(line.facts, answered=True)
    line.wait(1)
    assert len(line.played()) == 1


def test_each_call_is_told_anew_even_where_one_follows_the_other_at_once():
    line = Line()
    line.call()
    line.wait(20)
    line.call()
    line.wait(20)
    assert len(line.played()) == 2


def test_a_message_is_cut_when_its_call_ends_and_the_next_call_hears_it_whole():
    line = Line()
    line.call()
    line.wait(3)
    line.facts = None
    line.wait(1)
    assert line.speaker.cuts == 1
    assert line.announcer.now.last_at is None  # nobody heard it to its end
    line.call()
    line.wait(10)
    assert line.announcer.now.last_at is not None


def test_beeps_come_at_their_interval_and_never_over_the_message():
    line = Line(beep_every_s=15)
    line.call()
    line.wait(66)
    beeps = line.played(MarkKind.BEEP)
    assert len(beeps) == 4
    assert all(later - earlier == pytest.approx(15, abs=0.3) for earlier, later in pairwise(beeps))
    assert beeps[0] > 8.0


def test_no_beep_says_recorded_while_nothing_is():
    line = Line(beep_every_s=15)
    line.call()
    line.silent = True
    line.wait(60)
    assert line.played(MarkKind.BEEP) == []
    line.silent = False
    line.wait(12)
    assert len(line.played(MarkKind.BEEP)) == 1


def test_without_a_call_there_is_silence():
    line = Line(beep_every_s=15)
    line.wait(100)
    assert line.speaker.log == []


def test_a_card_that_does_not_play_is_tried_a_few_times_told_and_forgotten_when_it_plays_again():
    line = Line()
    line.speaker.why = "The sound card is not there."
    line.call()
    line.wait(TRIES * RETRY_S + 30)
    assert len(line.played()) == TRIES
    assert line.announcer.now.trouble == "The sound card is not there."
    line.facts, line.speaker.why = None, ""
    line.wait(1)
    line.call()
    line.wait(20)
    assert line.announcer.now.trouble == ""
    assert line.announcer.now.last_at is not None


def test_what_was_played_is_marked_in_the_recording_where_it_was():
    line = Line(beep_every_s=15)
    line.wait(10)
    line.call()
    line.wait(30)
    mask = WithheldMask(Unmasked(), Withholding(60.0), line.announcer.marks)
    told = mask.told(replace(line.facts, end=at(40)))
    kinds = [(mark.kind, round(mark.start / RATE, 1)) for mark in told.marks]
    assert kinds[0] == (MarkKind.ANNOUNCEMENT, 10.2)
    assert [kind for kind, _ in kinds[1:]] == [MarkKind.BEEP]
    assert (told.marks[0].end - told.marks[0].start) / RATE == pytest.approx(8.0, abs=0.01)
    assert mask.told(told) == told  # being told twice marks nothing twice


def test_what_was_played_in_the_call_before_is_not_marked_in_this_one():
    marks = (Mark(MarkKind.ANNOUNCEMENT, at(1), at(9)), Mark(MarkKind.ANNOUNCEMENT, at(51), at(59)))
    mask = WithheldMask(Unmasked(), Withholding(60.0), lambda: marks)
    assert mask.told(CallFacts(at(50), at(70), at(50))).marks == marks[1:]


def test_a_message_of_the_practices_own_that_is_damaged_is_replaced_and_said_so(tmp_path, caplog):
    (tmp_path / "own.wav").write_bytes(b"no sound")
    line = LineConfig(
        "Reception", Tap.CARD, "card1", announce=Announce.INCOMING, announcement=str(tmp_path / "own.wav")
    )
    one = announcer(line, FakeClock())
    assert "shipped one is played" in caplog.text
    one.close()


@pytest.mark.parametrize(
    "line",
    [
        {"name": "Reception", "tap": "simulated", "announce": "incoming"},
        {"name": "Reception", "card": "card1", "beep_every_s": 1},
        {"name": "Reception", "card": "card1", "beep_every_s": 1000},
        {"name": "Reception", "card": "card1", "announce": "sometimes"},
    ],
)
def test_settings_that_cannot_work_are_refused(line):
    with pytest.raises(ConfigWrong):
        parse({"line": [line]})
