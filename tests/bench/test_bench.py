"""``linekeeper bench`` as a person calls it."""

import json

import pytest

from appliance.bench import GROUPS, capture, detector
from appliance.bench.material import idle, talking
from appliance.bench.scoring import Score
from appliance.bench.sensitivity import Threshold, differences, scaled, thresholds
from appliance.capture.detector import hangup
from appliance.cli import main


@pytest.fixture
def little(monkeypatch):
    """Less audio still than --quick takes."""
    monkeypatch.setattr(capture, "QUICK_BODY_S", 4.0)
    monkeypatch.setattr(detector, "QUICK_BODY_S", 4.0)


@pytest.mark.usefixtures("little")
def test_quick_figures_of_speed_are_printed_as_json(capsys):
    assert main(["bench", "--quick", "--json", "detector", "capture"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["group"] for row in rows} == {"detector", "capture"}
    assert all(row["ours"] > 0 for row in rows)
    assert all(row["ratio"] == pytest.approx(row["ours"] / row["peer"]) for row in rows if row["peer"])
    assert [row["kept"] in (True, False) for row in rows if row["limit"] and row["peer"]]


@pytest.mark.usefixtures("little")
def test_the_table_says_what_is_claimed_and_words_go_to_stderr(capsys):
    assert main(["bench", "--quick", "detector"]) == 0
    told = capsys.readouterr()
    assert "idle line" in told.out
    assert "≤ 1.50" in told.out
    assert "detector: idle line" in told.err


@pytest.mark.usefixtures("little")
def test_without_ffmpeg_its_rows_say_so(capsys, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert main(["bench", "--quick", "--json", "capture"]) == 0
    rows = [row for row in json.loads(capsys.readouterr().out) if "ffmpeg" in row["peer_name"]]
    assert {row["peer_name"] for row in rows} == {"ffmpeg: not installed"}
    assert {row["ratio"] for row in rows} == {None}


def test_accuracy_and_decoders_on_a_few_calls(capsys):
    assert main(["bench", "--quick", "--json", "accuracy", "decoders"]) == 0
    rows = {(row["name"], row["peer_name"]): row for row in json.loads(capsys.readouterr().out)}
    found = rows["audio: answered calls found", "truth"]
    assert 0 < found["ours"] <= found["peer"]
    assert sum("dialled by DTMF" in name for name, _ in rows) == 2


def test_a_group_that_does_not_exist_is_refused_with_the_names_of_those_that_do(capsys):
    assert main(["bench", "speed"]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in GROUPS)


def test_material_is_as_long_as_asked_for_and_begins_where_it_should():
    assert idle(5.0).body_s == 5.0
    call = talking(5.0)
    assert (call.body_s, len(call.lead) > 0) == (5.0, True)


def test_every_constant_of_the_detector_that_is_compared_with_something_is_a_threshold():
    found = thresholds()
    assert Threshold("appliance.capture.detector.hangup", "CLICK_HOPS") in found
    assert not any(threshold.name in ("HOP", "RATE", "WINDOW") for threshold in found)
    assert len(found) > 50


def test_a_threshold_moves_by_a_fifth_and_a_whole_number_by_one_at_least():
    assert scaled(10.0, 1.2) == 12.0
    assert scaled(3, 1.2) == 4
    assert scaled(60, 0.8) == 48
    assert scaled((100.0, 200.0), 0.8) == (80.0, 160.0)
    assert scaled(-40.0, 1.2) == -48.0


def test_a_moved_threshold_is_put_back(monkeypatch):
    from appliance.bench import sensitivity

    seen = []
    monkeypatch.setattr(sensitivity, "table", lambda _: seen.append(hangup.CLICK_HOPS) or Score())
    before = hangup.CLICK_HOPS
    threshold = Threshold("appliance.capture.detector.hangup", "CLICK_HOPS")
    assert [moved.value for moved in sensitivity.moved([], [threshold])] == seen == [before - 1, before + 1]
    assert before == hangup.CLICK_HOPS


def test_what_a_movement_changes_is_said():
    before = Score(merges=1, lost_end_s=0.5, end_errors_s=(0.0, 0.0))
    after = Score(merges=3, lost_end_s=0.0, end_errors_s=(1.0, 1.0))
    assert differences(before, after) == "merges +2, lost_end_s -0.50, end_p95_s +1.00"
    assert differences(before, before) == ""
