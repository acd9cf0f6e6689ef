"""A day's entries in one small file, old or new but never a mixture."""

import os

import pytest

from appliance.errors import SealBroken
from appliance.storage.daybook import Daybook


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
def test_a_cut_at_any_step_leaves_all_entries_of_before_or_after(tmp_path, left):
    path = tmp_path / "day.json"
    Daybook(path).put(entry("a"))
    with pytest.raises(OSError, match="power cut"):
        Daybook(path, CutAfter(left)).put(entry("b"))
    names = [one["call_id"] for one in Daybook(path).entries(dict)]
    assert names == (["a"] if left < 5 else ["a", "b"])
