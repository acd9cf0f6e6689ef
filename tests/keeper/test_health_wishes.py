"""What people on the telephone want of a line: passed on to the recorder, written down, and refused where senseless."""

from dataclasses import replace

import pytest

from appliance.codec import read_json, to_json
from appliance.config import Announce, LineConfig, Tap
from appliance.errors import NoCallOnLine, NotAllowed
from appliance.files import replace_quickly
from appliance.keeper.answers_announcing import AnnouncingAnswers
from appliance.link.messages.announcing import AskAnnouncing
from appliance.link.messages.wishes import CallerObjects, PauseLine, ResumeLine, ShowLamps
from appliance.model.calls import CallId
from appliance.model.people import Role
from appliance.model.status import LineState, LineStatus, RecorderStatus
from appliance.model.wishes import FILE_NAME, VALID_S, KeeperWord, WishKind
from appliance.recorder.keeperword import WordReader
from vaultbox import Box

CALL = CallId("2026-11-23T163300Z-1-7f3a9c")


@pytest.fixture
def box(tmp_path):
    box = Box(tmp_path)
    box.set_up()
    yield box
    box.close()


def lines_are(box, state, by=""):
    now = box.clock.now().at
    call_id = None if state in (LineState.IDLE, LineState.RINGING) else CALL
    lines = (
        LineStatus(1, "Reception", state, now, -30.0, call_id, by=by),
        LineStatus(2, "Back office", LineState.IDLE, now, -70.0),
    )
    replace_quickly(box.folders.live / "recorder.json", to_json(RecorderStatus(now, now, lines)))
    box.chores.look()


def note(box):
    return read_json(box.folders.intake / FILE_NAME, KeeperWord)


@pytest.mark.parametrize(
    ("request_", "kind", "act"),
    [
        (PauseLine, WishKind.PAUSE, "pause asked"),
        (ResumeLine, WishKind.RESUME, "resume asked"),
        (CallerObjects, WishKind.OBJECT, "objection told"),
    ],
)
def test_a_wish_is_written_down_and_reaches_the_recorder(box, request_, kind, act):
    reader = WordReader(box.folders.intake, box.clock)
    token = box.sign_in()
    lines_are(box, LineState.RECORDING)
    box.ask(request_(token, 1))
    (wish,) = reader.new()
    assert (wish.kind, wish.line, wish.by) == (kind, 1, "manager")
    assert reader.new() == []
    assert box.acts()[-1] == act


@pytest.mark.parametrize("state", [LineState.IDLE, LineState.RINGING, LineState.FAULT, LineState.OFF])
def test_without_a_call_in_progress_it_is_refused_and_nothing_is_left_for_the_next_call(box, state):
    token = box.sign_in()
    lines_are(box, state)
    with pytest.raises(NoCallOnLine):
        box.ask(PauseLine(token, 1))
    assert note(box).wishes == ()


@pytest.mark.parametrize("line", [0, 2, 3, -1])
def test_another_line_or_none_is_refused(box, line):
    token = box.sign_in()
    lines_are(box, LineState.RECORDING)
    with pytest.raises(NoCallOnLine):
        box.ask(CallerObjects(token, line))


def test_a_recorder_that_is_silent_is_asked_for_nothing(box):
    token = box.sign_in()
    lines_are(box, LineState.RECORDING)
    box.clock.advance(10)
    with pytest.raises(NoCallOnLine):
        box.ask(PauseLine(token, 1))


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.STAFF, True), (Role.SENIOR, True), (Role.PARTNER, True), (Role.TECHNICIAN, False), (Role.AUDITOR, False)],
)
def test_whoever_takes_calls_may_pause_them_and_nobody_else(box, role, may):
    token = box.add("somebody", role, box.sign_in())
    lines_are(box, LineState.RECORDING)
    if may:
        box.ask(PauseLine(token, 1))
        assert len(note(box).wishes) == 1
    else:
        with pytest.raises(NotAllowed):
            box.ask(PauseLine(token, 1))


def test_everybody_may_test_the_lamps(box):
    box.ask(ShowLamps(box.add("auditor", Role.AUDITOR, box.sign_in())))
    assert [wish.kind for wish in note(box).wishes] == [WishKind.LAMP_TEST]


def test_old_wishes_leave_the_note_and_numbers_grow_over_a_restart_of_the_keeper(box):
    token = box.sign_in()
    lines_are(box, LineState.RECORDING)
    box.ask(PauseLine(token, 1))
    first = note(box).wishes[0].number
    box.clock.advance(VALID_S + 1)
    box.restart()
    token = box.sign_in()
    lines_are(box, LineState.RECORDING)
    box.ask(ResumeLine(token, 1))
    (second,) = note(box).wishes
    assert second.number > first


def test_a_button_press_is_written_down_as_it_shows_and_so_is_its_end(box):
    box.sign_in()
    acts = len(box.acts())
    paused, recording = LineState.PAUSED, LineState.RECORDING
    for state in (recording, paused, paused, recording, paused, LineState.OBJECTED, LineState.OBJECTED, LineState.IDLE):
        lines_are(box, state, by="button" if state in (paused, LineState.OBJECTED) else "")
    assert box.acts()[acts:] == ["recording paused", "recording resumed", "recording paused", "caller objected"]


def test_the_boxs_lamp_follows_the_keepers_alarms(box):
    reader = WordReader(box.folders.intake, box.clock)
    lines_are(box, LineState.IDLE)
    reader.new()
    assert not reader.attention
    box.desk.alarms.raise_("disk", "The disk is filling up.")
    box.chores.look()
    reader.new()
    assert reader.attention
    box.desk.alarms.clear("disk")
    box.chores.look()
    reader.new()
    assert not reader.attention


def test_which_lines_tell_callers_is_known_for_the_register(tmp_path):
    box = Box(tmp_path)
    box.set_up()
    token = box.sign_in()
    lines = (
        LineConfig("Reception", Tap.CARD, "card1", announce=Announce.INCOMING, beep_every_s=15),
        LineConfig("Back office", Tap.SIMULATED),
    )
    now = box.clock.now().at
    status = LineStatus(1, "Reception", LineState.IDLE, now, -70.0, announced_at=now)
    replace_quickly(box.folders.live / "recorder.json", to_json(RecorderStatus(now, now, (status,))))
    box.desk.live.look()
    told = AnnouncingAnswers(replace(box.desk, lines=lines)).announcing(AskAnnouncing(token))
    first, second = told.lines
    assert (first.announce, first.own, first.beep_every_s, first.played_at) == ("incoming", False, 15, now)
    assert (second.announce, second.played_at) == ("never", None)
    assert "recorded" in told.words
    box.close()
