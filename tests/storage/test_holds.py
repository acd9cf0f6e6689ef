"""Legal holds at rest: what cannot be read keeps everything."""

from datetime import UTC, date, datetime

import pytest

from appliance.errors import NoSuchCall, SealBroken
from appliance.model.calls import CallId
from appliance.model.holds import HoldReason
from appliance.storage.holds import HoldRecord, Holds

AT = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)
CALL, OTHER = CallId("2026-11-23T163300Z-1-7f3a9c"), CallId("2026-11-23T163400Z-1-7f3a9d")


def hold(reason=HoldReason.COMPLAINT):
    return HoldRecord(reason, "manager", AT, date(2027, 2, 23), "kid", b"sealed words")


@pytest.fixture
def holds(tmp_path):
    holds = Holds(tmp_path)
    holds.read()
    return holds


def again(tmp_path):
    holds = Holds(tmp_path)
    holds.read()
    return holds


def test_a_hold_stands_until_it_is_released(tmp_path, holds):
    holds.place(CALL, hold())
    assert again(tmp_path).is_held(CALL)
    holds.release(CALL, 0, "partner", AT, b"why")
    assert not holds.is_held(CALL)
    assert not again(tmp_path).is_held(CALL)
    assert holds.held() == frozenset()


def test_of_two_holds_the_other_still_stands(tmp_path, holds):
    holds.place(CALL, hold())
    holds.place(CALL, hold(HoldReason.POLICE))
    holds.release(CALL, 0, "partner", AT, b"why")
    assert [one.reason for one in again(tmp_path).of(CALL)] == [HoldReason.POLICE]
    holds.place(CALL, hold(HoldReason.CLAIM))
    holds.release(CALL, 0, "partner", AT, b"why")
    assert [one.reason for one in holds.of(CALL)] == [HoldReason.CLAIM]
    assert [one.reason for one in holds.standing()] == [HoldReason.CLAIM]


@pytest.mark.parametrize("index", [-1, 1, 7])
def test_a_hold_that_is_not_there_cannot_be_released(holds, index):
    holds.place(CALL, hold())
    with pytest.raises(NoSuchCall):
        holds.release(CALL, index, "partner", AT, b"")


@pytest.mark.parametrize("damage", [b"", b"\0" * 30, b"[{}]", b'[{"reason":"because"}]', b"{}", b"null", b"[1]"])
def test_a_hold_that_cannot_be_read_still_holds(tmp_path, holds, damage):
    holds.place(CALL, hold())
    holds.place(OTHER, hold())
    (tmp_path / f"{CALL}.json").write_bytes(damage)
    with pytest.raises(SealBroken, match="Nothing is deleted"):
        holds.read()
    assert holds.held() == {CALL, OTHER}
    assert holds.is_held(CALL)
    with pytest.raises(SealBroken):
        holds.place(CALL, hold())
    with pytest.raises(SealBroken):
        holds.release(CALL, 0, "partner", AT, b"")
    assert (tmp_path / f"{CALL}.json").read_bytes() == damage


def test_a_missing_folder_is_not_taken_for_no_holds(tmp_path):
    with pytest.raises(SealBroken, match="missing"):
        Holds(tmp_path / "holds").read()


def test_what_is_left_of_released_holds_goes_with_the_recording(tmp_path, holds):
    holds.place(CALL, hold())
    holds.release(CALL, 0, "partner", AT, b"why")
    holds.forget(CALL)
    holds.forget(CALL)
    assert list(tmp_path.iterdir()) == []
