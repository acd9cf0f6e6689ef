"""``linekeeper analyse``: the very same detector over files."""

import json
import wave

import numpy as np
import pytest
import signals

from appliance.analyse import calls_in
from appliance.audio import RATE, positions
from appliance.capture.detector import Detector
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import Profile
from appliance.capture.simulator.truth import ring_json
from appliance.capture.tones import plan_for
from appliance.cli import main
from appliance.errors import AudioUnreadable
from appliance.events import CallClosed, CallMissed
from appliance.model.calls import EndCause


@pytest.fixture(scope="module")
def pair():
    pair = SimulatedPair(seed=31)
    pair.idle(3.0)
    pair.ring(3, caller="02079460123")
    pair.idle(9.0)
    pair.lift()
    pair.dial("01632960111")
    pair.ringback(1.5)
    pair.answer()
    pair.talk(6.0)
    pair.hang_up()
    pair.idle(3.0)
    return pair


@pytest.fixture(scope="module")
def sound(pair, tmp_path_factory):
    path = tmp_path_factory.mktemp("lines") / "line000.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(pair.audio() * 32767).astype("<i2").tobytes())
    return path


def test_json_has_what_the_page_says(pair, sound, capsys):
    assert main(["analyse", str(sound), "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert report["file"] == "line000.wav"
    missed, answered = report["calls"]
    assert missed.pop("start") == pytest.approx(pair.truth().calls[0].seize / RATE, abs=0.5)
    assert missed.pop("end") == pytest.approx(pair.truth().calls[0].seize_end / RATE, abs=2.5)
    assert missed == {
        "direction": "in", "dialled": None, "caller": "02079460123", "answered": False, "missed": True,
    }  # fmt: skip
    assert answered["start"] == pytest.approx(pair.truth().calls[1].off_hook / RATE, abs=0.05)
    assert answered["end"] == pytest.approx(pair.truth().calls[1].on_hook / RATE, abs=0.3)
    assert (answered["direction"], answered["dialled"], answered["caller"]) == ("out", "01632960111", None)
    assert (answered["answered"], answered["missed"]) == (True, False)


def test_it_finds_what_the_live_detector_finds(pair, sound):
    with wave.open(str(sound)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
    detector, live = Detector(plan_for("uk")), []
    for frame in signals.frames(samples, 441):
        live += detector.observe(frame)
    live += detector.finish(len(samples), EndCause.LINE_LOST)
    facts = [event.facts for event in live if isinstance(event, CallClosed | CallMissed)]
    assert list(calls_in(sound, plan_for("uk")).calls) == sorted(facts, key=lambda f: f.start)


def test_hook_edges_of_that_file_own_the_boundaries(pair, sound, tmp_path, capsys):
    off_hook, on_hook = (round(at / RATE, 4) for at, _ in pair.truth().hook)
    edges = tmp_path / "edges.json"
    edges.write_text(json.dumps({"line000.wav": [[off_hook, 1], [on_hook, 0]], "other.wav": [[1.0, 1]]}))
    assert main(["analyse", str(sound), "--hook", str(edges), "--json"]) == 0
    call = json.loads(capsys.readouterr().out)[0]["calls"][1]
    assert (call["start"], call["end"]) == pytest.approx((off_hook, on_hook), abs=0.001)


def test_a_ring_sensor_finds_the_missed_call_that_cannot_be_heard(tmp_path, capsys):
    pair = SimulatedPair(Profile(ringing="none"), seed=33)
    pair.idle(8.0)
    pair.ring(3, clip=False)
    pair.idle(9.0)
    path = tmp_path / "quiet.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(pair.audio() * 32767).astype("<i2").tobytes())
    assert main(["analyse", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["calls"] == []
    edges = tmp_path / "ring.json"
    edges.write_text(json.dumps({"quiet.wav": ring_json(pair.truth())}))
    assert main(["analyse", str(path), "--ring", str(edges), "--json"]) == 0
    (call,) = json.loads(capsys.readouterr().out)[0]["calls"]
    assert call["missed"]


def test_without_json_there_is_a_table_and_words_stay_off_it(sound, capsys):
    assert main(["analyse", str(sound)]) == 0
    out = capsys.readouterr().out
    assert "line000.wav" in out
    assert "01632960111" in out
    assert "missed" in out


def test_progress_is_told_to_whoever_asks(sound):
    told = []
    report = calls_in(sound, plan_for("uk"), progress=lambda heard_s, of_s: told.append((heard_s, of_s)))
    assert told == sorted(told)
    assert told[-1] == pytest.approx((report.duration_s, report.duration_s))


def test_a_file_that_is_cut_short_is_used_as_far_as_it_goes_and_said_to_be(sound, tmp_path, capsys):
    short = tmp_path / "short.wav"
    short.write_bytes(sound.read_bytes()[:200_000])
    assert main(["analyse", str(short)]) == 0
    assert "short.wav is cut short" in capsys.readouterr().err


def test_a_call_that_the_file_cuts_off_ends_with_the_file(tmp_path):
    pair = SimulatedPair(seed=32)
    pair.idle(3.0)
    pair.lift()
    pair.dial("01632960111")
    pair.ringback(1.5)
    pair.answer()
    pair.talk(6.0)
    path = tmp_path / "cut.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(pair.audio() * 32767).astype("<i2").tobytes())
    (facts,) = calls_in(path, plan_for("uk")).calls
    assert facts.end == pytest.approx(pair.position, abs=positions(0.1))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--country", "atlantis"], "no tone plan"),
        (["--tones", "{tmp}/none.toml"], "cannot be read"),
        (["--hook", "{tmp}/none.json"], "hook edges"),
        (["--hook", "{tmp}/bad.json"], "hook edges"),
        (["--ring", "{tmp}/bad.json"], "ring edges"),
    ],
)
def test_what_cannot_be_understood_is_a_sentence_and_exit_code_two(sound, tmp_path, capsys, arguments, words):
    (tmp_path / "bad.json").write_text('{"line000.wav": [["soon", 1]]}')
    assert main(["analyse", str(sound), *(part.format(tmp=tmp_path) for part in arguments)]) == 2
    assert words in capsys.readouterr().err


def test_tone_plans_of_ones_own_are_heard_by(sound, tmp_path, capsys):
    own = tmp_path / "own.toml"
    own.write_text(
        "[exchange]\nring = [400, 200, 400, 2000]\ndial = [{ hz = [350, 440] }]\nringback = [{ hz = [425] }]\n"
    )
    assert main(["analyse", str(sound), "--country", "exchange", "--tones", str(own)]) == 0
    assert "01632960111" in capsys.readouterr().out


def test_a_file_that_is_no_sound_is_refused(tmp_path, capsys):
    path = tmp_path / "not.wav"
    path.write_bytes(b"hello")
    with pytest.raises(AudioUnreadable):
        calls_in(path, plan_for("uk"))
    assert main(["analyse", str(path)]) == 1
    assert "not.wav" in capsys.readouterr().err
