"""Shares: one recording, one person, until a date."""

import base64
from datetime import timedelta

import msgspec
import pytest
from sealed import AT, an_opening

from appliance.clock import FakeClock
from appliance.errors import NoSuchCall, SealBroken
from appliance.model.calls import CallId
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.shares import Share, SharedSound, Shares
from appliance.storage.unsealing import PrivateKey

CALL, DATA_KEY = an_opening().call_id, bytes(range(32))
SOUND = SharedSound(DATA_KEY, "Reception", 20_000, 10.0, bytes(50))
OTHER = CallId("2026-11-23T163300Z-2-000000")
FORTNIGHT = timedelta(days=14)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def nurse():
    return PrivateKey.generate()


@pytest.fixture
def shares(tmp_path, clock, nurse):
    shares = Shares(tmp_path, clock)
    shares.share(CALL, SOUND, nurse.seal_to, "nurse", "manager", AT + FORTNIGHT)
    return shares


def test_the_person_opens_what_was_shared_also_after_a_restart(shares, tmp_path, clock, nurse):
    for kept in (shares, Shares(tmp_path, clock)):
        assert kept.open(kept.find(CALL, "nurse"), nurse) == SOUND
        assert [share.call_id for share in kept.shared_with("nurse")] == [CALL]


def test_nobody_else_does_and_no_other_call_is_opened(shares):
    with pytest.raises(NoSuchCall):
        shares.find(CALL, "senior")
    with pytest.raises(NoSuchCall):
        shares.find(OTHER, "nurse")
    with pytest.raises(SealBroken):
        shares.open(shares.find(CALL, "nurse"), PrivateKey.generate())


def test_it_ends_on_its_date(shares, clock, nurse):
    clock.jump(AT + FORTNIGHT - timedelta(seconds=1))
    assert shares.open(shares.find(CALL, "nurse"), nurse) == SOUND
    clock.jump(AT + FORTNIGHT)
    with pytest.raises(NoSuchCall):
        shares.find(CALL, "nurse")
    assert shares.shared_with("nurse") == ()
    shares.drop_ended()
    assert shares._all == ()


def test_a_clock_that_went_back_does_not_bring_an_ended_share_back(shares, clock):
    clock.jump(AT + FORTNIGHT)
    assert shares.standing() == ()
    clock.jump(AT.replace(year=1970))
    assert shares.standing() == ()
    shares.drop_ended()
    clock.jump(AT + timedelta(days=1))
    assert len(shares.standing()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"until": AT + 10 * FORTNIGHT},
        {"call_id": OTHER},
        {"username": "senior"},
        {"first_s": 0.0},
        {"last_s": 9999.0},
    ],
)
def test_its_bounds_and_its_call_cannot_be_written_over(shares, tmp_path, clock, nurse, change):
    (kept,) = read_checked(tmp_path / "shares.json", tuple[Share, ...])
    changed = msgspec.structs.replace(kept, **change)
    write_checked(tmp_path / "shares.json", (changed,))
    forged = Shares(tmp_path, clock)
    with pytest.raises(SealBroken):
        forged.open(forged.find(changed.call_id, changed.username), nurse)


def test_sharing_again_replaces_and_taking_back_ends_it(shares, nurse):
    shares.share(CALL, SOUND, nurse.seal_to, "nurse", "manager", AT + 2 * FORTNIGHT, (1.0, 2.5))
    assert [(share.until, share.last_s) for share in shares.shared_with("nurse")] == [(AT + 2 * FORTNIGHT, 2.5)]
    shares.share(OTHER, SOUND, nurse.seal_to, "nurse", "manager", AT + FORTNIGHT)
    shares.withdraw(CALL)
    assert [share.call_id for share in shares.shared_with("nurse")] == [OTHER]
    shares.withdraw_all("nurse")
    assert shares.shared_with("nurse") == ()


def test_the_data_key_is_not_in_the_file(tmp_path, shares):
    assert base64.b64encode(DATA_KEY)[:12] not in (tmp_path / "shares.json").read_bytes()
    assert b"Reception" not in (tmp_path / "shares.json").read_bytes()
