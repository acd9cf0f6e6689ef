"""What grows with lines and recordings: measured, told as JSON, read back, and drawn."""

import json

import pytest

from appliance.bench import lines
from appliance.bench.plots import draw
from appliance.bench.row import Growth, Limit, Row
from appliance.cli import main
from appliance.errors import UsageWrong

PNG = b"\x89PNG\r\n\x1a\n"
ROWS = [
    ("catalogue", Row(f"{size}", size / 10, "ms", "a peer", size / 5, Limit(120, True), Growth("search", size)))
    for size in (1_000, 10_000)
]  # fmt: skip


@pytest.fixture
def told(tmp_path):
    path = tmp_path / "told.json"
    rows = [
        {"group": "lines", "name": "cost: 1 line", "ours": 2.0, "unit": "%", "peer_name": "one", "peer": 2.0,
         "limit": None, "growth": {"figure": "cost", "size": 1}, "ratio": 1.0, "kept": None},
        {"group": "detector", "name": "idle", "ours": 1.0, "unit": "s", "peer_name": "fft", "peer": None,
         "limit": {"value": 1.5, "absolute": False, "least": False}, "growth": None, "ratio": None, "kept": None},
    ]  # fmt: skip
    path.write_text(json.dumps(rows))
    return path


def test_more_lines_cost_more_and_each_stands_beside_so_many_times_one(monkeypatch, capsys):
    monkeypatch.setattr(lines, "QUICK_BODY_S", 2.0)
    assert main(["bench", "--quick", "--json", "lines"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    one, two = rows["cost, all lines in a call: 1 line"], rows["cost, all lines in a call: 2 lines"]
    assert two["ours"] > one["ours"] > rows["cost, all lines at rest: 1 line"]["ours"] > 0
    assert two["peer"] == pytest.approx(2 * one["ours"])
    assert two["growth"] == {"figure": "cost, all lines in a call", "size": 2}
    memory = rows["memory, all lines in a call: 2 lines"]
    assert memory["ours"] > memory["peer"] > 1


def test_what_json_told_is_read_back_and_not_measured_again(told, capsys):
    assert main(["bench", "--json", "--of", str(told)]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(told.read_text())


def test_a_picture_is_drawn_for_each_group_that_grows_and_for_no_other(told, tmp_path, capsys):
    assert main(["bench", "--of", str(told), "--plots", str(tmp_path / "new" / "plots")]) == 0
    assert [path.name for path in (tmp_path / "new" / "plots").iterdir()] == ["growth-lines.png"]
    assert "growth-lines.png" in capsys.readouterr().err


def test_a_picture_is_a_png_whatever_was_not_measured(tmp_path):
    group, row = ROWS[0]
    lonely = (group, Row("reindex, of 5", 0.2, "s", "SQLite: not there", None, growth=Growth("reindex", 5)))
    (path,) = draw([*ROWS, (group, row), lonely], tmp_path)
    assert path.read_bytes().startswith(PNG)


def test_nothing_that_grows_is_refused_in_words_that_say_what_does(tmp_path):
    with pytest.raises(UsageWrong, match=r"lines.*catalogue"):
        draw([("detector", Row("idle", 1.0, "s", "fft", 1.0))], tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", b'[{"group": 1}]', b"\xff"])
def test_a_file_that_is_no_table_is_refused(tmp_path, content, capsys):
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    assert main(["bench", "--of", str(path)]) == 2
    assert "cannot be read as what" in capsys.readouterr().err
