"""The list of calls and the search: exact, and no number in any address."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.model.people import Role
from waiting import eventually


@pytest.fixture
def token(manager):
    return manager.token("/calls")


def found(client):
    return client.get(client.last.headers["Location"]).text


def test_a_search_by_number_finds_the_call_and_puts_no_number_in_the_address(box, manager):
    manager.post_form("/search", page="/calls", number="01632 960")
    where = manager.last.headers["Location"]
    assert re.fullmatch(r"/calls\?search=[\w-]{22}", where)
    page = manager.get(where).text
    assert "01632 960846" in page
    assert str(box.call) in page
    assert str(box.other_call) not in page
    assert not any("1632" in link for link in re.findall(r'(?:href|action|src)="([^"]*)"', page))


def test_a_search_is_only_for_whom_made_it(box, manager, clients):
    manager.post_form("/search", page="/calls", number="01632")
    where = manager.last.headers["Location"]
    assert "That search has been forgotten" in clients[Role.PARTNER].get(where).text
    assert 'value="01632"' not in clients[Role.PARTNER].last.text


def test_nothing_found_says_so_and_offers_the_way_back(manager):
    manager.post_form("/search", page="/calls", number="0000000")
    assert "No calls match" in found(manager)


def test_a_search_by_day_line_and_kind(box, manager):
    manager.post_form("/search", page="/calls", line="2", kind="answered", direction="in", length="short")
    page = found(manager)
    assert str(box.other_call) in page
    assert str(box.call) not in page
    manager.post_form("/search", page="/calls", kind="missed")
    assert str(box.missed) in found(manager)


def test_a_withheld_number_is_called_so(box, manager):
    call = box.record(seconds=6.0, number=None, ago=timedelta())
    eventually(lambda: str(call) in manager.get("/calls").text, "the keeper takes it in")
    assert "Number withheld" in manager.last.text
    assert "Call from a withheld number" in manager.get(f"/calls/{call}").text


def test_days_that_are_not_or_stand_in_the_wrong_order_are_told(manager):
    days = {"first-day": "31", "first-month": "2", "first-year": "2026"}
    assert manager.post_form("/search", page="/calls", **days).status == 422
    assert "From must be a real date" in manager.last.text
    days = {
        "first-day": "2",
        "first-month": "3",
        "first-year": "2026",
        "last-day": "1",
        "last-month": "3",
        "last-year": "2026",
    }
    assert manager.post_form("/search", page="/calls", **days).status == 422
    assert "must be the same day" in manager.last.text


def test_pages_that_are_not_there_are_404(manager):
    for page in ("0", "-1", "999", "x", "1e3", "9" * 30, "²"):
        assert manager.get(f"/calls?page={quote(page)}").status == 404


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.dictionaries(
        st.sampled_from(
            ["number", "first-day", "first-month", "first-year", "last-day", "line", "direction", "kind", "length"]
        ),
        st.text(max_size=30)
        | st.sampled_from(["(a+)+$", ".*", "[[", "{$gt:1}", "'; --", "99999999999999999999", "²", "\x00"]),
    )
)
def test_no_search_whatever_is_typed_breaks_the_site(manager, token, form):
    answer = manager.post(
        "/search", {"csrf_token": token, **{name: text.encode("utf-8", "replace") for name, text in form.items()}}
    )
    assert answer.status in (303, 422)
    if answer.status == 303:
        assert manager.get(answer.headers["Location"]).status == 200
