"""What is wrong, what to do, and the two answers that only the manager gives."""

from datetime import UTC, datetime

from appliance.clock import LONDON
from appliance.model.people import Role


def today():
    return datetime.now(UTC).astimezone(LONDON).date()


def test_what_is_wrong_is_listed_with_what_to_do(box, manager):
    page = manager.get("/attention").text
    assert "What to do" in page
    assert "<main" in page


def test_the_date_that_the_page_showed_is_confirmed_and_no_other(manager):
    token = manager.token("/people/add")
    for wrong in ("2020-01-01", "tomorrow", "", "9999-99-99"):
        assert manager.post("/attention/clock", {"csrf_token": token, "today": wrong}).status == 403
    manager.post("/attention/clock", {"csrf_token": token, "today": today().isoformat()})
    assert manager.last.status == 303
    assert "The date is confirmed" in manager.get("/attention").text
    assert "2020" not in manager.get("/records").text


def test_how_many_may_be_deleted_is_typed_and_a_number(manager):
    token = manager.token("/people/add")
    for wrong in ("", "0", "-4", "all", "1e9", "9" * 12):
        assert manager.post("/attention/deletions", {"csrf_token": token, "count": wrong}).status == 422, wrong
    manager.post("/attention/deletions", {"csrf_token": token, "count": "3"})
    assert manager.last.status == 303


def test_nobody_but_the_manager_is_asked(clients):
    for role in (Role.STAFF, Role.AUDITOR):
        assert clients[role].get("/attention").status == 403
        assert "/attention" not in clients[role].get("/").text
    for role in (Role.PARTNER, Role.SENIOR, Role.TECHNICIAN):
        assert clients[role].get("/attention").status == 200
        assert "/attention/clock" not in clients[role].last.text
