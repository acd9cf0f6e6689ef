"""``linekeeper levels``: what it says of a file, of lines, of the recorder's lines, and with somebody's help."""

import io
import json
from datetime import UTC, datetime

import numpy as np
import pytest
from rich.console import Console

from appliance.audio import RATE, SILENCE_DBFS
from appliance.capture.calibration import Told
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import Profile
from appliance.capture.simulator.tap import ScriptedLine
from appliance.capture.wiring import Measure
from appliance.cli import main
from appliance.cli.guide import Guide, words_of
from appliance.cli.levels import Ear, LevelRow, meter, table
from appliance.clock import FakeClock, SystemClock
from appliance.codec import to_json
from appliance.model.status import LineState, LineStatus, RecorderStatus
from appliance.recorder.memory import recall
from sounds import write_wav


def a_call(profile=None):
    """Somebody leaves the line idle for 10 s, makes a call, and hangs up; return it, and when they hang up."""
    pair = SimulatedPair(profile or Profile(), 1)
    pair.idle(12.0)
    pair.lift()
    pair.dial("01632960846")
    pair.talk(12.0)
    ends = pair.position
    pair.hang_up()
    pair.idle(8.0)
    return pair.audio(), ends


def as_file(path, samples):
    return write_wav(path, np.clip(np.rint(samples * 32768), -32768, 32767))


def said(rows):
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(table(rows))
    return console.export_text()


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (Profile(), []),
        (Profile(hum_dbfs=-40.0), ["There is mains hum"]),
        (Profile(gain_db=14.0), ["The line is too loud"]),
        (Profile(dc=0.06), ["The line's direct current"]),
    ],
)
def test_a_sound_file_is_measured_and_what_is_wrong_is_named(tmp_path, capsys, profile, words):
    audio, _ = a_call(profile)
    assert main(["levels", "--json", str(as_file(tmp_path / "line.wav", audio))]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["line"] == "line.wav"
    assert row["seconds"] == len(audio) // RATE + 1
    assert [one[: len(begin)] for one, begin in zip(row["wrong"], words, strict=True)] == words


def test_a_silent_card_and_a_file_that_is_none(tmp_path, capsys):
    assert main(["levels", str(as_file(tmp_path / "dead.wav", np.zeros(3 * RATE)))]) == 0
    assert "The card hears nothing at all. Plug" in " ".join(capsys.readouterr().out.split())
    (tmp_path / "notes.txt").write_text("no sound")
    assert main(["levels", str(tmp_path / "notes.txt")]) == 1
    assert "is not a sound file" in capsys.readouterr().err


def settings(folder, waves):
    lines = "".join(f'[[line]]\nname = "{name}"\ntap = "wave"\nwave = "{path}"\n' for name, path in waves.items())
    (folder / "box.toml").write_text(f'folder = "{folder}/data"\n{lines}[simulator]\nspeed = 20.0\n')
    return folder / "box.toml"


def test_the_lines_of_the_settings_are_listened_to(tmp_path, capsys):
    audio, _ = a_call()
    config = settings(tmp_path, {"Reception": as_file(tmp_path / "1.wav", audio), "Surgery": tmp_path / "none.wav"})
    assert main(["levels", "--config", str(config), "--json", "--seconds", "1.5"]) == 0
    reception, surgery = json.loads(capsys.readouterr().out)
    assert reception["seconds"] >= 5
    assert (reception["wrong"], surgery["seconds"]) == ([], 0)
    assert "none.wav" in surgery["wrong"][0]


def test_where_the_recorder_runs_its_own_word_is_shown_and_it_keeps_its_lines(tmp_path, capsys):
    config = settings(tmp_path, {"Reception": tmp_path / "none.wav"})
    now = datetime.now(UTC)
    line = LineStatus(1, "Reception", LineState.IDLE, now, -38.0, hum_dbfs=-40.0, floor_dbfs=-71.0)
    live = tmp_path / "data" / "live"
    live.mkdir(parents=True)
    (live / "recorder.json").write_bytes(to_json(RecorderStatus(now, now, (line,))))
    assert main(["levels", "--config", str(config), "--json", "--seconds", "0.3"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["hum_dbfs"], row["floor_dbfs"]) == (-40.0, -71.0)
    assert row["wrong"][0].startswith("There is mains hum")
    assert main(["levels", "--config", str(config), "--guide"]) == 2
    assert "Stop it first" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [[], ["--card", "one", "--config", "x"], ["--card", "one", "--guide", "--keep"]],
)
def test_what_cannot_be_meant_is_said(capsys, arguments):
    assert main(["levels", *arguments]) == 2
    assert capsys.readouterr().err.startswith("linekeeper: ")


def test_with_somebody_s_help_a_line_is_measured(capsys):
    audio, ends = a_call()
    line = ScriptedLine(audio)
    spoken = Console(width=200, record=True, file=io.StringIO())
    found = Guide(spoken, done=lambda: line._position >= ends).through(line)
    assert found.told is Told.CLEARLY
    assert found.came_back
    asked = spoken.export_text()
    assert asked.index("Leave the line idle") < asked.index("Make a call now") < asked.index("Hang up, and leave")
    words = " ".join(words_of(found))
    assert "told from an idle line by its sound" in words
    assert "it came back" in words


def test_what_was_found_is_kept_for_the_recorder_and_other_lines_stay_as_they_were(tmp_path, capsys):
    audio, ends = a_call()
    played = np.concatenate([audio[:ends], audio[ends:]])
    config = settings(tmp_path, {"Reception": as_file(tmp_path / "1.wav", played), "Surgery": tmp_path / "2.wav"})
    assert main(["levels", "--config", str(config), "--guide", "--keep", "--line", "Reception", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    remembered = recall(tmp_path / "data" / "live", SystemClock())
    assert remembered.memory("Reception").idle_floor_dbfs == pytest.approx(found["memory"]["idle_floor_dbfs"])
    assert remembered.going_on("Reception", FakeClock()) is None
    assert remembered.memory("Surgery") is None
    assert main(["levels", "--config", str(config), "--guide"]) == 2
    assert "Reception, Surgery" in capsys.readouterr().err


def test_a_line_that_is_lost_says_so_and_comes_back():
    line = ScriptedLine(np.full(8 * RATE, 0.01, np.float32))
    ear = Ear("Reception", lambda: line)
    line.unplug()
    ear.listen(0.0)
    assert "unplugged" in ear.row().words[0]
    line._unplugged = False
    for _ in range(40):
        ear.listen(0.0)
    assert ear.row().words == ()
    assert ear.ended


def test_the_table_names_the_line_and_marks_what_is_too_much():
    rows = [LevelRow("Reception", (Measure(-20.0, -70.0, -40.0, 0.05, 0.1),)), LevelRow("Surgery", ())]
    text = said(rows)
    assert "-40 dB !" in text
    assert "5.0% !" in text
    assert "+10.0% !" in text
    assert "Surgery    nothing heard" in text
    assert "Reception: There is mains hum" in text


@pytest.mark.parametrize(("dbfs", "blocks"), [(SILENCE_DBFS, 0), (-80.0, 0), (-40.0, 10), (0.0, 20), (3.0, 20)])
def test_a_meter_has_as_many_blocks_as_the_level_is_high(dbfs, blocks):
    assert meter(dbfs).count("▮") == blocks
