"""What leaves the box in words: enough to act on, nothing about a patient, and no way to forge a header."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.health import AlarmRecord
from appliance.post.letter import Letter, as_json, plain, subject, text

AT = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)
LINE = AlarmRecord(7, "line", "Reception is not being recorded. The sound card is not there.", AT, 1)
DISK = AlarmRecord(8, "disk", "The disk is filling up. Have a larger one fitted.", AT, ended_at=AT + timedelta(hours=2))


def test_a_letter_says_what_since_when_and_what_to_do():
    letter = Letter(began=(LINE,), ended=(DISK,))
    assert subject(letter, "recorder.local") == "Call recorder recorder.local: Reception is not being recorded"
    body = text(letter, "recorder.local")
    assert "New: Reception is not being recorded. The sound card is not there." in body
    assert "from Mon 23 November 2026, 16:33\n" in body
    assert "All right again: The disk is filling up." in body
    assert "until Mon 23 November 2026, 18:33" in body


@pytest.mark.parametrize(
    ("letter", "words"),
    [
        (Letter(began=(LINE, DISK)), "2 alarms"),
        (Letter(still=(LINE,)), "Still: Reception is not being recorded"),
        (Letter(ended=(DISK,)), "All right again: The disk is filling up"),
    ],
)
def test_the_subject_is_the_worst_of_it(letter, words):
    assert subject(letter, "box").endswith(words)


def test_summer_time_is_told_as_people_know_it():
    summer = AlarmRecord(1, "disk", "The disk is full.", datetime(2026, 7, 1, 12, 0, tzinfo=UTC))
    assert "Wed 1 July 2026, 13:00" in text(Letter(began=(summer,)), "box")


@pytest.mark.parametrize("number", ["01632 960846", "+441632960846", "07700-900123"])
def test_no_telephone_number_leaves_the_box_even_if_an_alarm_had_one(number):
    record = AlarmRecord(1, "line", f"Calls from {number} fail.", AT)
    for told in (subject(Letter(began=(record,)), "box"), text(Letter(began=(record,)), "box")):
        assert number not in told
        assert "…" in told
    assert number not in str(as_json(Letter(began=(record,)), "box"))


@given(st.text(max_size=100))
def test_no_text_of_an_alarm_makes_a_second_header(words):
    line = subject(Letter(began=(AlarmRecord(1, "key", words, AT),)), "box")
    assert "\n" not in line
    assert "\r" not in line
    assert "\n" not in plain(words)


def test_who_has_seen_to_it_is_not_named():
    record = AlarmRecord(1, "disk", "The disk is full.", AT, acknowledged_at=AT, acknowledged_by="somebody")
    told = as_json(Letter(ended=(record,)), "box")
    assert told["ended"][0]["acknowledged"] is True
    assert "somebody" not in str(told)
