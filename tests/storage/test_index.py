"""The index of numbers: found in any spelling while somebody is signed in, ciphertext on the disk, gone with them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import SealBroken
from appliance.model.calls import Caller, CallerIdentity, CallId
from appliance.storage.index import Known, NumberIndex
from appliance.storage.indexseal import open_day, seal_day
from appliance.storage.numbers import normal_number
from vaultbox import UnsyncedDisk

KEY = bytes(range(32))


def call(number, day="2026-11-23"):
    return CallId(f"{day}T163300Z-1-{number:06x}")


def known(salt, number=None, dialled=None, name=None, day="2026-11-23"):
    identity = CallerIdentity.NUMBER if number else CallerIdentity.WITHHELD
    return Known(call(salt, day), "Reception", Caller(identity, number, name), dialled, answered=True)


@pytest.fixture
def index(tmp_path):
    index = NumberIndex(tmp_path)
    index.unlock(KEY)
    return index


def test_what_is_known_comes_back_whole(index):
    calls = [known(1, "01632960846", name="SURGERY"), known(2), known(3, dialled="01632960123")]
    index.add(calls)
    assert [index.get(one.call_id) for one in calls] == calls
    assert index.get(call(4)) is None
    assert index.known("2026-11-23") == {call(1), call(2), call(3)}


@pytest.mark.parametrize("part", ["01632960846", "+44 1632 960846", "960 846", "1632-960", "(01632)", "0846"])
def test_a_call_is_found_by_any_part_in_any_spelling(index, part):
    index.add([known(1, "01632960846"), known(2, "02079460000"), known(3, dialled="+441632960846"), known(4)])
    assert index.search(part) == {call(1), call(3)}


@pytest.mark.parametrize("part", ["", "withheld", "999", "2026", "163300"])
def test_what_is_no_number_of_a_call_finds_nothing(index, part):
    index.add([known(1, "01632960846"), known(2)])
    assert index.search(part) == frozenset()


numbers = st.none() | st.from_regex(r"0[0-9]{3,10}|\+44[1-9][0-9]{3,9}|\+33[0-9]{5,9}", fullmatch=True)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(numbers, numbers, st.integers(1, 3)), max_size=40), st.from_regex(r"[0-9]{1,5}", fullmatch=True)
)
def test_search_gives_what_looking_at_each_call_gives(tmp_path_factory, made, part):
    index = NumberIndex(tmp_path_factory.mktemp("index"), UnsyncedDisk())
    index.unlock(KEY)
    calls = [known(at, number, dialled, day=f"2026-11-2{day}") for at, (number, dialled, day) in enumerate(made)]
    index.add(calls)
    wanted = {
        one.call_id for one in calls if part in normal_number(one.caller.number) or part in normal_number(one.dialled)
    }
    assert index.search(part) == wanted


def test_a_day_kept_on_disk_opens_again_and_shows_no_number(tmp_path, index):
    index.add([known(1, "01632960846", name="NAME OF CALLER")])
    index.keep("2026-11-23")
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"960846" not in content
    assert b"CALLER" not in content
    again = NumberIndex(tmp_path)
    again.unlock(KEY)
    again.load("2026-11-23")
    assert again.search("960846") == {call(1)}


def test_all_of_it_is_gone_once_it_is_locked(index):
    index.add([known(1, "01632960846")])
    index.lock()
    assert index.search("960846") == frozenset()
    assert index.get(call(1)) is None
    index.add([known(2, "01632960846")])
    assert index.get(call(2)) is None


def test_a_destroyed_call_leaves_the_index_on_disk_too(tmp_path, index):
    index.add([known(1, "01632960846"), known(2, "01632960123")])
    index.keep("2026-11-23")
    index.forget(call(1))
    assert index.search("1632") == {call(2)}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"\0" * 10, bytes(range(100))])
def test_a_day_that_does_not_open_is_thrown_away(tmp_path, index, damage):
    (tmp_path / "2026-11-23.sealed").write_bytes(damage)
    index.load("2026-11-23")
    assert index.known("2026-11-23") == frozenset()
    assert list(tmp_path.iterdir()) == []


def test_a_sealed_day_opens_as_no_other_day_and_under_no_other_key():
    sealed = seal_day(KEY, "2026-11-23", b"plain")
    assert open_day(KEY, "2026-11-23", sealed) == b"plain"
    for key, day in ((KEY, "2026-11-24"), (bytes(32), "2026-11-23")):
        with pytest.raises(SealBroken):
            open_day(key, day, sealed)
