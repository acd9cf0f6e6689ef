"""Alarms from their start to their end, who saw to them, and what is left of that after a restart."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.clock import FakeClock
from appliance.errors import NoSuchAlarm
from appliance.keeper.alarmbook import MOST_ENDED, SETTLES_S, AlarmBook
from appliance.model.status import Alarm
from vaultbox import UnsyncedDisk


@pytest.fixture
def clock():
    return FakeClock()


def alarm(clock, key="disk", line=None, text="The disk is filling up."):
    return Alarm(key, text, clock.now().at, line)


def test_an_alarm_has_a_start_and_an_end(tmp_path, clock):
    book = AlarmBook(tmp_path / "alarms.json", clock)
    began = clock.now().at
    assert book.compare([alarm(clock)])
    clock.advance(100)
    assert not book.compare([alarm(clock)])
    assert [record.since for record in book.standing()] == [began]
    clock.advance(20)
    assert book.compare([])
    assert book.standing() == ()
    assert book.ended(5)[0].ended_at - began == timedelta(seconds=120)


def test_two_lines_with_the_same_trouble_are_two_alarms(tmp_path, clock):
    book = AlarmBook(tmp_path / "alarms.json", clock)
    book.compare([alarm(clock, "line", 1), alarm(clock, "line", 2)])
    book.compare([alarm(clock, "line", 2)])
    assert [record.line for record in book.standing()] == [2]
    assert [record.line for record in book.ended(5)] == [1]


def test_who_saw_to_it_is_kept_over_a_restart_and_only_the_first_counts(tmp_path, clock):
    book = AlarmBook(tmp_path / "alarms.json", clock)
    book.compare([alarm(clock)])
    number = book.standing()[0].number
    book.acknowledge(number, "manager")
    at = clock.now().at
    clock.advance(60)
    book.acknowledge(number, "partner")
    again = AlarmBook(tmp_path / "alarms.json", clock)
    again.compare([alarm(clock)])
    record = again.standing()[0]
    assert (record.number, record.acknowledged_by, record.acknowledged_at) == (number, "manager", at)


def test_an_alarm_that_comes_back_within_a_minute_is_the_same_and_later_a_new_one(tmp_path, clock):
    book = AlarmBook(tmp_path / "alarms.json", clock)
    book.compare([alarm(clock)])
    first = book.standing()[0]
    book.compare([])
    clock.advance(SETTLES_S - 1)
    book.compare([alarm(clock)])
    assert book.standing() == (first,)
    book.compare([])
    clock.advance(SETTLES_S + 1)
    book.compare([alarm(clock)])
    assert book.standing()[0].number != first.number


def test_what_is_acknowledged_must_be_there(tmp_path, clock):
    with pytest.raises(NoSuchAlarm):
        AlarmBook(tmp_path / "alarms.json", clock).acknowledge(7, "manager")


def test_a_damaged_book_is_begun_anew_and_said_so(tmp_path, clock, caplog):
    path = tmp_path / "alarms.json"
    path.write_bytes(b"\0" * 40)
    book = AlarmBook(path, clock)
    assert "damaged" in caplog.text
    assert book.compare([alarm(clock)])
    assert AlarmBook(path, clock).standing() == book.standing()


class FullDisk(UnsyncedDisk):
    full = True

    def write(self, fd, data):
        if self.full:
            raise OSError(28, "No space left on device")
        import os

        return os.write(fd, data)


def test_a_disk_that_refuses_the_book_does_not_stop_the_alarm_and_is_tried_again(tmp_path, clock, caplog):
    disk, path = FullDisk(), tmp_path / "alarms.json"
    book = AlarmBook(path, clock, disk)
    book.compare([alarm(clock)])
    assert len(book.standing()) == 1
    assert "cannot be written" in caplog.text
    disk.full = False
    book.compare([alarm(clock)])
    assert len(AlarmBook(path, clock).standing()) == 1


def test_only_so_many_ended_alarms_are_kept(tmp_path, clock):
    book = AlarmBook(tmp_path / "alarms.json", clock, UnsyncedDisk())
    for number in range(MOST_ENDED + 20):
        book.compare([alarm(clock, f"trouble-{number}")])
    book.compare([])
    kept = book.ended(10_000)
    assert len(kept) == MOST_ENDED
    assert kept[0].key == f"trouble-{MOST_ENDED + 19}"


_KEYS = ("disk", "clock", "line")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sets(st.sampled_from(_KEYS)), st.floats(0.1, 200.0)), min_size=1, max_size=25))
def test_what_stands_is_always_exactly_what_was_last_said(tmp_path_factory, steps):
    clock = FakeClock()
    path = tmp_path_factory.mktemp("book") / "alarms.json"
    book = AlarmBook(path, clock, UnsyncedDisk())
    for keys, wait_s in steps:
        book.compare([alarm(clock, key) for key in keys])
        assert {record.key for record in book.standing()} == keys
        numbers = [record.number for record in (*book.standing(), *book.ended(10_000))]
        assert len(numbers) == len(set(numbers))
        for record in book.ended(10_000):
            assert record.ended_at >= record.since
        clock.advance(wait_s)
    assert AlarmBook(path, clock).standing() == book.standing()


def test_a_record_of_an_alarm_names_its_text_as_it_is_now(tmp_path, clock):
    book = AlarmBook(tmp_path / "alarms.json", clock)
    book.compare([alarm(clock)])
    before = book.standing()[0]
    book.compare([alarm(clock, text="The disk is almost full.")])
    assert book.standing() == (replace(before, text="The disk is almost full."),)
