"""The keyring: which key calls are sealed to, and who can open it."""

from datetime import UTC, datetime

import pytest

from appliance.clock import ClockQuality, FakeClock
from appliance.errors import NotAllowed, SealBroken, SetupRefused
from appliance.storage.keyring import Keyring
from appliance.storage.spool import read_seal_to
from appliance.storage.unsealing import PrivateKey


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def folders(tmp_path):
    for name in ("vault", "intake"):
        (tmp_path / name).mkdir()
    return tmp_path / "vault", tmp_path / "intake"


@pytest.fixture
def keyring(folders, clock):
    return Keyring(*folders, clock)


@pytest.fixture
def person():
    return PrivateKey.generate()


def set_up(keyring, *people):
    recipients = [person.seal_to for person in people]
    keyring.grant_first(recipients)
    keyring.finish_setup(recipients)


def test_a_new_box_has_a_key_at_once_and_the_recorder_knows_it(keyring, folders, clock):
    key = keyring.current()
    assert read_seal_to(folders[1]) == key
    assert Keyring(*folders, clock).current() == key


def test_the_recorder_is_told_again_when_its_file_was_lost(keyring, folders):
    key = keyring.current()
    (folders[1] / "seal-to.json").write_bytes(b"nonsense")
    assert keyring.current() == key
    assert read_seal_to(folders[1]) == key


def test_set_up_grants_the_first_key_then_destroys_it_and_goes_on_with_another(keyring, folders, person):
    first = keyring.current()
    raw = (folders[0] / "first-key.json").read_bytes()
    set_up(keyring, person)
    assert keyring.open(first.kid, person).seal_to == first
    assert keyring.current() != first
    assert read_seal_to(folders[1]) == keyring.current()
    assert not (folders[0] / "first-key.json").exists()
    assert all(raw[20:60] not in path.read_bytes() for path in folders[0].rglob("*.json"))
    with pytest.raises(SetupRefused):
        keyring.grant_first([person.seal_to])


def test_no_private_half_of_a_later_key_is_ever_on_the_disk(keyring, folders, person):
    set_up(keyring, person)
    key = keyring.rotate([person.seal_to])
    raw = keyring.open(key.kid, person).raw()
    import base64

    for path in folders[0].rglob("*.json"):
        assert base64.b64encode(raw)[:20] not in path.read_bytes()


def test_only_who_was_granted_a_key_opens_it(keyring, person):
    set_up(keyring, person)
    kid, other = keyring.current().kid, PrivateKey.generate()
    with pytest.raises(NotAllowed):
        keyring.open(kid, other)
    assert keyring.grant_all(person, other.seal_to) == 2
    assert keyring.open(kid, other).kid == kid
    keyring.revoke([other.kid])
    with pytest.raises(NotAllowed):
        keyring.open(kid, other)
    assert keyring.open(kid, person).kid == kid


def test_nobody_grants_what_they_cannot_open(keyring, person):
    set_up(keyring, person)
    assert keyring.grant_all(PrivateKey.generate(), PrivateKey.generate().seal_to) == 0


def test_a_grant_moved_to_another_keys_file_does_not_open(keyring, folders, person):
    set_up(keyring, person)
    one, two = sorted((folders[0] / "grants").glob("*.json"))
    one.write_bytes(two.read_bytes())
    with pytest.raises(SealBroken):
        keyring.open(one.stem, person)


@pytest.mark.parametrize("kid", ["0123456789abcdef", "../keyring", "", "a/b", "."])
def test_a_key_that_is_not_there_is_named_so(keyring, person, kid):
    keyring.current()
    with pytest.raises(SealBroken):
        keyring.open(kid, person)
    assert not keyring.may_open(kid, person.kid)


def test_the_key_in_use_is_not_destroyed_and_an_old_one_can_be(keyring, person):
    old = keyring.current()
    set_up(keyring, person)
    with pytest.raises(NotAllowed):
        keyring.destroy(keyring.current().kid)
    keyring.destroy(old.kid)
    with pytest.raises(SealBroken):
        keyring.open(old.kid, person)


def test_a_lost_keyring_is_not_replaced_by_a_key_in_clear(keyring, folders, person, clock):
    set_up(keyring, person)
    (folders[0] / "keyring.json").unlink()
    with pytest.raises(SealBroken, match="backup"):
        Keyring(*folders, clock).current()
    assert not (folders[0] / "first-key.json").exists()


@pytest.mark.parametrize(
    ("day", "quality", "due"),
    [
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), ClockQuality.SYNCHRONISED, False),
        (datetime(2026, 12, 1, 0, 0, tzinfo=UTC), ClockQuality.SYNCHRONISED, True),
        (datetime(2026, 12, 1, 0, 0, tzinfo=UTC), ClockQuality.RTC, True),
        (datetime(2026, 12, 1, 0, 0, tzinfo=UTC), ClockQuality.UNSURE, False),
        (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), ClockQuality.SYNCHRONISED, True),
        (datetime(1970, 1, 1, 0, 0, tzinfo=UTC), ClockQuality.SYNCHRONISED, False),
        (datetime(2027, 6, 30, 23, 30, tzinfo=UTC), ClockQuality.SYNCHRONISED, True),
    ],
)
def test_a_new_key_is_due_when_a_month_of_the_practices_time_has_begun(keyring, clock, person, day, quality, due):
    set_up(keyring, person)
    clock.jump(day, quality)
    assert keyring.rotation_due() == due


def test_a_month_begins_at_midnight_of_british_summer_time(keyring, clock, person):
    clock.jump(datetime(2027, 6, 30, 12, tzinfo=UTC))
    set_up(keyring, person)
    clock.jump(datetime(2027, 6, 30, 22, 59, tzinfo=UTC))
    assert not keyring.rotation_due()
    clock.jump(datetime(2027, 6, 30, 23, 0, tzinfo=UTC))
    assert keyring.rotation_due()


def test_before_set_up_no_rotation_is_due(keyring, clock):
    keyring.current()
    clock.advance(100 * 24 * 3600)
    assert not keyring.rotation_due()
