"""Sharing a call with a member of staff, and what they see of it; tags, notes and who took the call."""

import re

import pytest
from box import days_from_now

from appliance.model.people import Role
from waiting import eventually


@pytest.fixture
def call(box, manager):
    """Return the page of a new call of twenty seconds."""
    call_id = box.record(seconds=20.0)
    eventually(lambda: manager.get(f"/calls/{call_id}").status == 200, "the keeper takes it in")
    return f"/calls/{call_id}"


def share(manager, call, until=14, **more):
    manager.post_form(f"{call}/share", username="staff", **days_from_now("until", until), **more)
    return manager.last


def withdraw(manager, call):
    manager.post_form(f"{call}/withdraw", page=call, username="staff")


def test_staff_see_and_hear_a_call_once_it_is_shared_and_no_number(manager, clients, call):
    staff = clients[Role.STAFF]
    assert staff.get(call).status == 404
    assert share(manager, call).status == 303
    assert "Shared with" in manager.get(call).text
    page = staff.get("/my-calls").text
    assert call in page
    assert "The manager" in page or "The Manager" in page
    assert "have been shared with you" in staff.get("/").text or "has been shared with you" in staff.last.text
    shown = staff.get(call).text
    for text in (page, shown, staff.get("/").text):
        assert "01632" not in text
    staff.post_form(f"{call}/listen", page=call, purpose="training")
    answer = staff.get(f"{call}/audio", Range="bytes=0-3")
    assert (answer.status, answer.body) == (206, b"OggS")
    assert staff.get(f"{call}/audio.wav", Range="bytes=0-3").body == b"RIFF"
    withdraw(manager, call)
    for path in (call, f"{call}/audio", f"{call}/audio.wav"):
        assert staff.get(path).status == 404, path
    assert call not in staff.get("/my-calls").text


def test_of_a_part_nothing_else_is_heard(manager, clients, call):
    staff = clients[Role.STAFF]
    assert share(manager, call, first="0:05", last="0:10").status == 303
    assert "from 0:05 to 0:10" in manager.get(call).text
    staff.post_form(f"{call}/listen", page=call, purpose="training")
    whole = staff.get(f"{call}/audio.wav")
    assert len(whole.body) == pytest.approx(44 + 5 * 16000, abs=16000 * 0.4), "whole pages of the sound"
    assert 'data-duration="5.0"' in staff.get(call).text
    withdraw(manager, call)


def test_a_share_that_cannot_be_is_refused_in_words(manager, call):
    assert share(manager, call, until=-1).status == 422
    assert "That day is over" in manager.last.text
    assert share(manager, call, until=200).status == 422
    assert share(manager, call, first="ten").status == 422
    assert "Enter minutes and seconds" in manager.last.text
    assert share(manager, call, first="0:10", last="0:05").status == 422
    manager.post_form(f"{call}/share", username="partner", **days_from_now("until", 3))
    assert manager.last.status == 422
    manager.post_form(f"{call}/share", **days_from_now("until", 3))
    assert "Select who shall hear it" in manager.last.text
    assert "Nobody. Staff hear only" in manager.get(call).text


def test_staff_can_do_nothing_else_with_a_call_that_is_shared(manager, clients, call):
    staff = clients[Role.STAFF]
    share(manager, call)
    for tail in ("hold", "label", "share", "holds/0/release"):
        assert staff.get(f"{call}/{tail}").status == 403, tail
    page = staff.get(call).text
    for words in ("Place on hold", "Who has listened", "Shared with", "Tags and note"):
        assert words not in page
    withdraw(manager, call)


def test_tags_a_note_and_who_took_the_call_are_written_searched_and_taken_away(manager, call):
    manager.post_form(f"{call}/label", handler="Sam", tags="wrong number,  Results , results", note="Rang\ntwice")
    assert manager.last.headers["Location"] == call
    page = manager.get(call).text
    for words in ("wrong number", "Sam", "Rang\ntwice"):
        assert words in page
    for search in ({"text": "sam"}, {"text": "rang"}, {"tag": "wrong number"}):
        manager.post_form("/search", page="/calls", **search)
        where = manager.last.headers["Location"]
        assert re.fullmatch(r"/calls\?search=[\w-]{22}", where)
        assert call in manager.get(where).text, search
    assert "Showing: wrong number" in manager.last.text
    manager.post_form(f"{call}/label", handler="", tags="", note="")
    assert "wrong number" not in manager.get(call).text


@pytest.mark.parametrize(
    "fields",
    [{"tags": ",".join(f"t{n}" for n in range(11))}, {"tags": "x" * 60}, {"note": "x" * 1001}, {"handler": "x" * 61}],
)
def test_what_is_too_long_is_not_written(manager, call, fields):
    assert manager.post_form(f"{call}/label", **fields).status == 422
    assert "None." in manager.get(call).text
