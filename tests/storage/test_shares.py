"""Shares: one recording, one person, until a date."""

from datetime import timedelta

import msgspec
import pytest
from sealed import AT, an_opening

from appliance.clock import FakeClock
from appliance.errors import NoSuchCall, SealBroken
from appliance.model.calls import CallId
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.shares import Share, Shares
from appliance.storage.unsealing import PrivateKey

CALL, DATA_KEY = an_opening().call_id, bytes(range(32))
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
    shares.share(CALL, DATA_KEY, nurse.seal_to, "nurse", "manager", AT + FORTNIGHT)
    return shares


def test_the_person_opens_what_was_shared_also_after_a_restart(shares, tmp_path, clock, nurse):
    for kept in (shares, Shares(tmp_path, clock)):
        assert kept.open(CALL, "nurse", nurse) == DATA_KEY
        assert [share.call_id for share in kept.shared_with("nurse")] == [CALL]


def test_nobody_else_does_and_no_other_call_is_opened(shares, nurse):
    with pytest.raises(NoSuchCall):
        shares.open(CALL, "senior", nurse)
    with pytest.raises(NoSuchCall):
        shares.open(OTHER, "nurse", nurse)
    with pytest.raises(SealBroken):
        shares.open(CALL, "nurse", PrivateKey.generate())


def test_it_ends_on_its_date(shares, clock, nurse):
    clock.jump(AT + FORTNIGHT - timedelta(seconds=1))
    assert shares.open(CALL, "nurse", nurse) == DATA_KEY
    clock.jump(AT + FORTNIGHT)
    with pytest.raises(NoSuchCall):
        shares.open(CALL, "nurse", nurse)
    assert shares.shared_with("nurse") == ()
    shares.drop_ended()
    assert shares._all == ()


def test_its_date_and_its_call_cannot_be_written_over(shares, tmp_path, clock, nurse):
    (kept,) = read_checked(tmp_path / "shares.json", tuple[Share, ...])
    for change in ({"until": AT + 10 * FORTNIGHT}, {"call_id": OTHER}, {"username": "senior"}):
        changed = msgspec.structs.replace(kept, **change)
        write_checked(tmp_path / "shares.json", (changed,))
        with pytest.raises(SealBroken):
            Shares(tmp_path, clock).open(changed.call_id, changed.username, nurse)


def test_sharing_again_replaces_and_taking_back_ends_it(shares, nurse):
    shares.share(CALL, DATA_KEY, nurse.seal_to, "nurse", "manager", AT + 2 * FORTNIGHT)
    assert [share.until for share in shares.shared_with("nurse")] == [AT + 2 * FORTNIGHT]
    shares.share(OTHER, DATA_KEY, nurse.seal_to, "nurse", "manager", AT + FORTNIGHT)
    shares.withdraw(CALL)
    assert [share.call_id for share in shares.shared_with("nurse")] == [OTHER]
    shares.withdraw_all("nurse")
    assert shares.shared_with("nurse") == ()


def test_the_data_key_is_not_in_the_file(tmp_path, shares):
    import base64

    assert base64.b64encode(DATA_KEY)[:12] not in (tmp_path / "shares.json").read_bytes()
