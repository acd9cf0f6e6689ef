"""Legal holds at rest: what cannot be read keeps everything."""

from dataclasses import replace
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


def test_a_released_hold_says_who_ended_it_when_and_why(tmp_path, holds):
    placed, ended_at = hold(), AT.replace(month=12)
    holds.place(CALL, placed)
    ended = holds.release(CALL, 0, "partner", ended_at, b"why")
    assert ended == replace(placed, released_by="partner", released_at=ended_at, why_sealed=b"why")
    assert holds.of(CALL) == ()
    assert again(tmp_path).written_to({"kid"}) == (CALL,)


def test_a_file_of_another_calls_holds_holds_and_cannot_be_read(tmp_path, holds):
    holds.place(CALL, hold())
    (tmp_path / f"{CALL}.json").rename(tmp_path / f"{OTHER}.json")
    with pytest.raises(SealBroken, match="1 legal hold"):
        holds.read()
    assert holds.is_held(OTHER)
    assert holds.held() == {OTHER}


def test_holds_are_found_by_the_keys_they_are_sealed_to_released_ones_too(holds):
    holds.place(CALL, replace(hold(), kid="old"))
    holds.release(CALL, 0, "partner", AT, b"why")
    holds.place(CALL, replace(hold(), kid="new"))
    holds.place(OTHER, replace(hold(), kid="new"))
    assert holds.kids() == {"old", "new"}
    assert holds.written_to({"old"}) == (CALL,)
    assert set(holds.written_to(["new", "another"])) == {CALL, OTHER}
    assert holds.written_to(()) == ()


def test_sealing_anew_changes_every_hold_of_one_call_durably(tmp_path, holds):
    for call in (CALL, CALL, OTHER):
        holds.place(call, hold())
    holds.release(CALL, 0, "partner", AT, b"why")
    holds.reseal(CALL, lambda record: replace(record, kid="new"))
    kept = again(tmp_path)
    assert kept.written_to({"new"}) == (CALL,)
    assert kept.written_to({"kid"}) == (OTHER,)
    assert len(kept.of(CALL)) == 1


def test_sealing_anew_writes_nothing_where_there_is_no_hold(tmp_path, holds):
    holds.reseal(CALL, lambda record: record)
    assert list(tmp_path.iterdir()) == []


def test_holds_that_cannot_be_read_are_not_sealed_anew(tmp_path, holds):
    (tmp_path / f"{CALL}.json").write_bytes(b"{}")
    with pytest.raises(SealBroken):
        holds.read()
    with pytest.raises(SealBroken):
        holds.reseal(CALL, lambda record: record)


def test_what_is_left_of_released_holds_goes_with_the_recording(tmp_path, holds):
    holds.place(CALL, hold())
    holds.release(CALL, 0, "partner", AT, b"why")
    holds.forget(CALL)
    holds.forget(CALL)
    assert list(tmp_path.iterdir()) == []
