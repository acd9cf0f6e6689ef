"""What the keeper makes of the box's word on its updates."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.keeper.answers_updates import read_updates
from image.box import bulletin

ENDED = [bulletin.Stage.DONE, bulletin.Stage.REFUSED, bulletin.Stage.ROLLED_BACK]


@pytest.fixture(autouse=True)
def release(tmp_path, monkeypatch):
    """The box runs a version."""
    monkeypatch.setattr(bulletin, "running_version", lambda: "1.0")


@pytest.mark.parametrize("stage", list(bulletin.Stage))
def test_what_the_box_says_is_what_is_told(tmp_path, stage):
    bulletin.publish(stage, "1.1", "Words for people.", ["Line 1"], tmp_path)
    told = read_updates(tmp_path)
    assert (told.now.stage, told.now.version, told.now.offered, told.now.text) == (
        stage,
        "1.0",
        "1.1",
        "Words for people.",
    )
    assert told.now.at.tzinfo is not None
    assert [one.stage for one in told.past] == ([stage] if stage in ENDED else [])


def test_the_newest_stands_first_and_old_ones_are_left_out(tmp_path):
    for number in range(30):
        bulletin.publish(bulletin.Stage.DONE, f"1.{number}", "Done.", None, tmp_path)
    past = read_updates(tmp_path).past
    assert [one.offered for one in past] == [f"1.{number}" for number in range(29, 9, -1)]


def test_a_machine_without_the_box_s_updates_has_none(tmp_path):
    assert read_updates(tmp_path / "updates").now is None


@given(status=st.binary(max_size=60), history=st.binary(max_size=60))
def test_whatever_stands_there_is_told_or_called_unreadable(tmp_path_factory, status, history):
    folder = tmp_path_factory.mktemp("updates")
    (folder / "status.json").write_bytes(status)
    (folder / "history.jsonl").write_bytes(history)
    told = read_updates(folder)
    assert told.unreadable or json.loads(status or b'{"stage": ""}')["stage"] is not None
