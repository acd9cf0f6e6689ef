"""What ``linekeeper run`` says in the terminal."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from appliance.cli.terminal import Terminal, current
from appliance.codec import to_json
from appliance.files import replace_quickly
from appliance.model.status import LineState, LineStatus, RecorderStatus

NOW = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "recorder.json"


def report(path, *states, at=None):
    at = at or datetime.now(UTC)
    lines = tuple(
        LineStatus(number, f"Line {number}", state, NOW, -50.0, fault="unplugged" if state is LineState.FAULT else "")
        for number, state in enumerate(states, start=1)
    )
    replace_quickly(path, to_json(RecorderStatus(at, NOW, lines)))


def said_through(path, *reports):
    """Return the words that a terminal without a screen prints when the recorder reports so."""
    words = io.StringIO()
    with Terminal(path, Console(file=words, width=200)) as terminal:
        for states in reports:
            report(path, *states)
            terminal.tick()
            terminal.tick()
    return words.getvalue().splitlines()


def test_each_change_of_a_line_is_said_once(path):
    said = said_through(path, [LineState.IDLE], [LineState.RINGING], [LineState.RECORDING], [LineState.IDLE])
    assert [line.split("  ")[1] for line in said if "Line 1" in line] == [
        "Line 1: Idle",
        "Line 1: Ringing",
        "Line 1: ● Recording",
        "Line 1: Idle",
    ]


def test_recording_is_on_once_every_line_listens(path):
    said = said_through(path, [LineState.STARTING, LineState.IDLE], [LineState.IDLE, LineState.IDLE])
    assert said.index("Recording is on.") == len(said) - 1


def test_a_fault_is_said_with_what_is_wrong_and_recording_is_not_called_on(path):
    said = said_through(path, [LineState.FAULT])
    assert said == ["16:33:00  Line 1: Fault – not recording (unplugged)"]


def test_a_screen_shows_the_lines_in_a_table(path):
    words = io.StringIO()
    console = Console(file=words, width=100, force_terminal=True)
    with Terminal(path, console, below=lambda: "whom to sign in as") as terminal:
        report(path, LineState.RECORDING)
        terminal.tick()
    assert "Recording" in words.getvalue()
    assert "whom to sign in as" in words.getvalue()


@pytest.mark.parametrize("age_s", [3.5, 3600])
def test_an_old_word_of_the_recorder_is_not_believed(path, age_s):
    report(path, LineState.IDLE, at=NOW)
    assert current(path, NOW + timedelta(seconds=1)) is not None
    assert current(path, NOW + timedelta(seconds=age_s)) is None


def test_a_torn_or_missing_word_is_none(path):
    assert current(path, NOW) is None
    path.write_bytes(b'{"at": ')
    assert current(path, NOW) is None
