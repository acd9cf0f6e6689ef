"""A day's entries in one small file, old or new but never a mixture."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.errors import SealBroken
from appliance.storage.daybook import Daybook
from vaultbox import UnsyncedDisk


def entry(name, **more):
    return {"call_id": name, **more}


def test_entries_come_back_as_they_were_put(tmp_path):
    book = Daybook(tmp_path / "2026-11-23.json")
    book.put(entry("a", line=1))
    book.put(entry("b", line=2))
    assert Daybook(tmp_path / "2026-11-23.json").entries(dict) == [entry("a", line=1), entry("b", line=2)]


def test_putting_an_entry_again_replaces_it(tmp_path):
    book = Daybook(tmp_path / "day.json")
    book.put(entry("a", line=1))
    book.put(entry("a", line=2))
    assert book.entries(dict) == [entry("a", line=2)]


def test_a_day_whose_last_entry_goes_leaves_no_file(tmp_path):
    book = Daybook(tmp_path / "day.json")
    book.put(entry("a"))
    book.remove("a")
    book.remove("a")
    assert list(tmp_path.iterdir()) == []


def test_a_rewritten_day_takes_more_entries(tmp_path):
    book = Daybook(tmp_path / "day.json")
    book.rewrite([entry("a"), entry("b")])
    book.put(entry("c"))
    assert [one["call_id"] for one in book.entries(dict)] == ["a", "b", "c"]


def test_a_rewrite_mends_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "day.json"
    path.write_bytes(b"\0\0\0\0")
    with pytest.raises(SealBroken):
        Daybook(path).entries(dict)
    Daybook(path).rewrite([entry("a")])
    assert Daybook(path).entries(dict) == [entry("a")]


class CutAfter:
    """The machine's disk until ``left`` operations have been done; then the power is gone."""

    def __init__(self, left):
        self.left = left

    def __getattr__(self, name):
        def operation(*arguments):
            if self.left == 0:
                raise OSError(5, "power cut")
            self.left -= 1
            return getattr(os, name)(*arguments)

        return operation


@pytest.mark.parametrize("left", range(8))
@pytest.mark.parametrize("first", [True, False])
def test_a_cut_at_any_step_leaves_all_entries_of_before_or_after(tmp_path, left, first):
    path = tmp_path / "day.json"
    before = [] if first else ["a"]
    for name in before:
        Daybook(path).put(entry(name))
    try:
        Daybook(path, CutAfter(left)).put(entry("b"))
        told = [[*before, "b"]]
    except OSError:
        told = [before, [*before, "b"]]
    assert [one["call_id"] for one in Daybook(path).entries(dict)] in told


def test_a_change_after_a_fault_of_the_disk_writes_the_whole_day_anew(tmp_path):
    path = tmp_path / "day.json"
    Daybook(path).put(entry("a"))
    cut = CutAfter(2)
    book = Daybook(path, cut)
    with pytest.raises(OSError, match="power cut"):
        book.put(entry("b"))
    cut.left = -1
    book.put(entry("c"))
    assert path.read_bytes().count(b"\n") == 1
    assert [one["call_id"] for one in Daybook(path).entries(dict)] in (["a", "c"], ["a", "b", "c"])


def test_a_change_is_one_line_and_one_sync(tmp_path):
    path, cut = tmp_path / "day.json", CutAfter(-1)
    book = Daybook(path, cut)
    for number in range(60):
        book.put(entry(f"call {number}", line=1))
    before, done = path.stat().st_size, cut.left
    book.put(entry("one more", line=2))
    assert done - cut.left == 4  # open, write, sync, close
    assert path.stat().st_size - before < 250


def test_a_day_that_is_changed_again_and_again_does_not_grow_for_ever(tmp_path):
    path = tmp_path / "day.json"
    book = Daybook(path)
    for number in range(500):
        book.put(entry("a", line=number))
    assert path.stat().st_size < 20_000
    assert Daybook(path).entries(dict) == [entry("a", line=499)]


@pytest.fixture
def day(tmp_path):
    """A day of a snapshot and nine changes, and its entries after each of them."""
    path, told = tmp_path / "day.json", []
    book = Daybook(path)
    for number in range(8):
        book.put(entry(f"call {number}", line=number))
        told.append(book.entries(dict))
    book.remove("call 3")
    told.append(book.entries(dict))
    book.put(entry("call 5", line=99))
    return path, [*told, book.entries(dict)]


def test_a_file_that_ends_anywhere_holds_all_that_was_acknowledged_before(day):
    path, told = day
    data = path.read_bytes()
    ends = [at + 1 for at, byte in enumerate(data) if byte == 10]
    for length in range(ends[0], len(data) + 1):
        path.write_bytes(data[:length])
        whole = sum(end <= length for end in ends)
        assert Daybook(path).entries(dict) == told[whole - 1]
        again = Daybook(path)
        again.put(entry("next", line=1))
        assert Daybook(path).entries(dict) == [*told[whole - 1], entry("next", line=1)]


def test_pages_that_never_reached_the_disk_spoil_the_last_change_alone(day):
    path, told = day
    data = path.read_bytes()
    start = data.rindex(b"\n", 0, -1) + 1
    for at in range(start, len(data) - 1):
        path.write_bytes(data[:at] + bytes(len(data) - 1 - at) + b"\n")
        assert Daybook(path).entries(dict) == told[-2]
    path.write_bytes(data + bytes(400))
    assert Daybook(path).entries(dict) == told[-1]


@given(data=st.data())
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_before_the_last_change_is_never_taken_for_a_day(day, data):
    path, told = day
    good = path.read_bytes()
    at = data.draw(st.integers(0, good.rindex(b"\n", 0, -1) - 1))
    bad = bytearray(good)
    bad[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(bad))
    try:
        assert Daybook(path).entries(dict) in told
    except SealBroken:
        pass
    finally:
        path.write_bytes(good)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3) | st.none(), st.booleans()), max_size=60))
@settings(deadline=None, max_examples=60)
def test_whatever_is_put_and_removed_is_what_is_there(tmp_path_factory, changes):
    path, model = tmp_path_factory.mktemp("day") / "day.json", {}
    book = Daybook(path, UnsyncedDisk())
    for name, value, opened_again in changes:
        if opened_again:
            book = Daybook(path, UnsyncedDisk())
        if value is None:
            book.remove(name)
            model.pop(name, None)
        else:
            book.put(entry(name, line=value))
            model[name] = entry(name, line=value)
        assert sorted(book.entries(dict), key=str) == sorted(model.values(), key=str)
        assert path.exists() == bool(model)
