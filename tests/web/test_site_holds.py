"""Placing and releasing holds, and adding people, through the pages."""

import pytest
from box import PASSWORD

from appliance.model.people import Role
from waiting import eventually

SCRIPT = '"><script>alert(1)</script>{{7*7}}'


@pytest.fixture
def call(box, manager):
    """Return the page of a new call, which nobody else tests with."""
    call_id = box.record(seconds=2.0)
    eventually(lambda: manager.get(f"/calls/{call_id}").status == 200, "the keeper takes it in")
    return f"/calls/{call_id}"


def test_a_hold_is_placed_shown_and_released(manager, call):
    manager.post_form(f"{call}/hold", reason="complaint", reference="C-17", note="Ring back", **review("2027"))
    assert manager.last.headers["Location"] == call
    page = manager.get(call).text
    for words in ("The hold is placed", "An ongoing complaint", "C-17", "Ring back", "On hold", "Every hold on it is"):
        assert words in page
    assert "C-17" not in manager.get("/records").text
    manager.post_form(f"{call}/holds/0/release", why="closed", password=PASSWORD)
    assert manager.last.status == 303
    page = manager.get(call).text
    assert "The hold is released. This call will be deleted on" in page
    assert manager.get(f"{call}/holds/0/release").status == 404


def review(year):
    return {"review_on-day": "1", "review_on-month": "3", "review_on-year": year}


def test_a_hold_without_reason_or_with_an_odd_review_date_is_not_placed(manager, call):
    assert manager.post_form(f"{call}/hold", **review("2027")).status == 422
    assert "Select why this call must be kept" in manager.last.text
    for year in ("2020", "2190", "x"):
        assert manager.post_form(f"{call}/hold", reason="complaint", **review(year)).status == 422
    assert "None. This call is deleted automatically" in manager.get(call).text


def test_senior_staff_place_holds_and_cannot_release_them(manager, clients, call):
    senior = clients[Role.SENIOR]
    senior.post_form(f"{call}/hold", reason="police", **review("2027"))
    assert "Release this hold" not in senior.get(call).text
    assert senior.get(f"{call}/holds/0/release").status == 403
    assert "Release this hold" in manager.get(call).text


def test_what_people_type_is_shown_as_text_and_never_as_page(box, manager, call):
    manager.post_form(f"{call}/hold", reason="other", reference=SCRIPT, note=SCRIPT, **review("2027"))
    name = box.record(seconds=2.0, name=SCRIPT)
    eventually(lambda: manager.get(f"/calls/{name}").status == 200, "the keeper takes it in")
    for path in (call, f"/calls/{name}", "/records", "/calls", f"{call}/holds/0/release"):
        page = manager.get(path).text
        assert "<script>alert" not in page
        assert "&gt;49" not in page
    assert "&lt;script&gt;" in manager.get(call).text
    assert "&lt;script&gt;" in manager.get(f"/calls/{name}").text


def test_a_person_is_added_and_their_codes_are_shown_to_who_added_them_only(box, manager, clients):
    manager.post_form(
        "/people/add", name="The other senior", username="senior2", role="senior", password=PASSWORD, again=PASSWORD
    )
    where = manager.last.headers["Location"]
    assert "They can sign in now" in manager.get(where).text
    assert clients[Role.PARTNER].get(where).status == 403
    assert "The other senior" in manager.get("/people").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"password": "short"}, "12 to 128 characters"),
        ({"again": "another thing entirely"}, "not the same"),
        ({"username": "a b"}, "without spaces"),
        ({"role": "king"}, "Not a valid choice"),
        ({"name": ""}, "Enter their name"),
        ({"password": "surgery surgery 1", "again": "surgery surgery 1"}, "Leave out words"),
        ({"username": "partner"}, "Somebody has that username already"),
    ],
)
def test_a_person_who_cannot_be_added_is_not_and_the_field_says_why(manager, fields, words):
    form = {"name": "Another", "username": "another", "role": "staff", "password": PASSWORD, "again": PASSWORD}
    answer = manager.post_form("/people/add", **{**form, **fields})
    assert answer.status == 422
    assert words in answer.text
    assert PASSWORD not in answer.text


def test_fields_that_a_form_has_not_are_ignored(manager, call):
    manager.post_form(f"{call}/hold", reason="claim", placed_by="somebody else", index="9", **review("2027"))
    assert "Placed by The Manager" in manager.get(call).text
    assert "somebody else" not in manager.last.text
