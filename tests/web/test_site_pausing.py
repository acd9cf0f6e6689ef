"""Pausing a call's recording from the line's page, and who may."""

from datetime import UTC, datetime

import pytest

from appliance.codec import read_json
from appliance.model.people import Role
from appliance.model.status import LineState, LineStatus
from appliance.model.wishes import FILE_NAME, KeeperWord, WishKind
from appliance.web.pausing import described
from waiting import eventually

NOW = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)


@pytest.fixture
def states(box):
    yield box.recorder.states
    box.recorder.states.update({1: LineState.IDLE, 2: LineState.IDLE})


@pytest.mark.parametrize(
    ("state", "offers", "words"),
    [
        (LineState.IDLE, (False, False, False), "no call"),
        (LineState.FAULT, (False, False, False), "no call"),
        (LineState.RECORDING, (True, False, True), "being recorded"),
        (LineState.PAUSED, (False, True, True), "It goes on by itself at 16:36"),
        (LineState.OBJECTED, (False, False, False), "not recorded"),
    ],
)
def test_only_what_makes_sense_is_offered(state, offers, words):
    until = NOW.replace(minute=36) if state is LineState.PAUSED else None
    panel = described(LineStatus(1, "Line 1", state, NOW, -30.0, until=until))
    assert (panel.may_pause, panel.may_resume, panel.may_object) == offers
    assert words in panel.state


@pytest.mark.parametrize("role", [Role.MANAGER, Role.STAFF])
def test_whoever_takes_calls_pauses_one_and_the_recorder_is_told(box, clients, role, states):
    states[2] = LineState.RECORDING
    client = clients[role]
    eventually(lambda: "Pause recording" in client.get("/lines/2").text, "the page says so")
    answer = client.post_form("/lines/2/pause", "/lines/2")
    assert answer.status == 303
    assert "Recording is paused." in client.get("/lines/2").text
    note = read_json(box.config.folders.intake / FILE_NAME, KeeperWord)
    assert (note.wishes[-1].kind, note.wishes[-1].line) == (WishKind.PAUSE, 2)


def test_a_pause_that_comes_too_late_changes_nothing_and_says_so(clients, states):
    states[2] = LineState.RECORDING
    client = clients[Role.STAFF]
    eventually(lambda: "Pause recording" in client.get("/lines/2").text, "the page says so")
    states[2] = LineState.IDLE
    eventually(lambda: "There is no call to pause" in client.get("/lines/2").text, "the page says so")
    client.post_form("/lines/2/object", "/lines/2")
    assert "nothing was changed" in client.get("/lines/2").text


def test_the_lamps_are_tested_from_the_lines_page(clients, box):
    client = clients[Role.TECHNICIAN]
    assert client.post_form("/lines/lamps", "/lines").status == 303
    note = read_json(box.config.folders.intake / FILE_NAME, KeeperWord)
    assert note.wishes[-1].kind is WishKind.LAMP_TEST


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.AUDITOR])
def test_who_takes_no_calls_is_offered_none_of_it(clients, role, states):
    states[2] = LineState.RECORDING
    assert "The call now" not in clients[role].get("/lines/2").text
