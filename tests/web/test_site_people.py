"""Who may sign in, as the manager changes it; and one's own account."""

import re

import pyotp
import pytest
from box import MANAGER, PASSWORD, codes_on, secret_on

from appliance.model.people import Role

NEW = "violet harbour 72 lantern"


@pytest.fixture
def page_of(manager):
    """Return the path of somebody's page."""

    def path(username):
        for ref in re.findall(r'href="/people/([0-9a-f]{16})"', manager.get("/people").text):
            if f">{username}</dd>" in manager.get(f"/people/{ref}").text:
                return f"/people/{ref}"
        raise AssertionError(f"{username} is not listed")

    return path


@pytest.fixture
def somebody(box, manager, request):
    """Somebody new, of whom no other test knows."""
    username = f"p{abs(hash(request.node.name)) % 10**8}"
    box.add_person(manager, Role.SENIOR, username)
    manager.prove()
    return username


def test_a_change_of_name_is_seen_in_the_list(manager, somebody, page_of):
    path = page_of(somebody)
    manager.post_form(f"{path}/name", name="Somebody Renamed")
    assert manager.last.status == 303
    assert "Somebody Renamed" in manager.get("/people").text
    assert manager.post_form(f"{path}/name", name="").status == 422


def test_a_new_role_ends_the_sessions_and_opens_what_it_opens(box, manager, somebody, page_of):
    client = box.signed_in(somebody)
    assert client.get("/calls").status == 200
    manager.post_form(f"{page_of(somebody)}/role", role="technician")
    assert client.get("/calls").status == 303
    again = box.signed_in(somebody)
    assert again.get("/calls").status == 403
    assert again.get("/settings/health").status == 200


def test_the_last_manager_stays_one(manager, page_of):
    path = page_of(MANAGER)
    manager.prove()
    assert manager.post_form(f"{path}/role", role="staff").status == 422
    assert "last manager" in manager.last.text
    assert manager.post_form(f"{path}/leave").status == 409
    assert manager.get("/people").status == 200


def test_a_password_that_was_reset_keeps_the_phone(box, manager, somebody, page_of):
    client = box.signed_in(somebody)
    path = page_of(somebody)
    assert manager.post_form(f"{path}/password", password="short", again="short").status == 422
    assert manager.post_form(f"{path}/password", password="surgery surgery 1", again="surgery surgery 1").status == 422
    manager.post_form(f"{path}/password", password=NEW, again=NEW)
    assert manager.last.headers["Location"] == path
    assert "Their phone and its codes stay as they were" in manager.get(path).text
    assert client.get("/").status == 303, "signed out"
    refused = box.client()
    refused.post_form("/sign-in", username=somebody, password=PASSWORD, code=box.people[somebody].code())
    assert refused.last.status == 403
    assert box.signed_in(somebody, NEW).get("/calls").status == 200


def test_a_new_phone_keeps_the_password_and_the_old_codes_are_good_no_more(box, manager, somebody, page_of):
    old = box.people[somebody]
    manager.post_form(f"{page_of(somebody)}/phone")
    box.shown(manager, somebody)
    refused = box.client()
    refused.post_form("/sign-in", username=somebody, password=PASSWORD, code=old.code())
    assert refused.last.status == 403
    assert box.signed_in(somebody).get("/calls").status == 200


def test_password_and_phone_are_replaced_together(box, manager, somebody, page_of):
    manager.post_form(f"{page_of(somebody)}/password", password=NEW, again=NEW, second_factor="y")
    box.shown(manager, somebody)
    assert box.signed_in(somebody, NEW).get("/calls").status == 200


def test_who_leaves_is_out_at_once_and_may_come_back(box, manager, somebody, page_of):
    client = box.signed_in(somebody)
    path = page_of(somebody)
    manager.post_form(f"{path}/leave")
    assert client.get("/calls").status == 303
    assert "No longer signing in" in manager.get("/people").text
    assert "They cannot sign in any more" in manager.get(path).text
    refused = box.client()
    refused.post_form("/sign-in", username=somebody, password=PASSWORD, code=box.people[somebody].code())
    assert refused.last.status == 403
    manager.post_form(f"{path}/return", page=path)
    assert box.signed_in(somebody).get("/calls").status == 200


def test_a_session_of_somebody_is_seen_and_ended(box, manager, somebody, page_of):
    client = box.client()
    headers = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:153.0) Gecko/20100101 Firefox/153.0"}
    form = {"csrf_token": client.token("/sign-in"), "username": somebody, "password": PASSWORD}
    client.post("/sign-in", {**form, "code": box.people[somebody].code()}, headers)
    page = manager.get(page_of(somebody)).text
    assert "Firefox on Windows" in page
    end = re.search(r'action="(/people/\w+/sessions/\d+/end)"', page)[1]
    manager.post(end, {"csrf_token": manager.token("/people/add")})
    assert client.get("/calls").status == 303


def test_no_address_of_the_site_holds_a_username(manager, somebody):
    assert somebody not in "".join(re.findall(r'(?:href|action)="([^"]*)"', manager.get("/people").text))


def test_a_person_that_there_is_not_is_404(manager):
    for tail in ("", "/role", "/password"):
        assert manager.get(f"/people/{'0' * 16}{tail}").status == 404


def test_ones_own_password_is_changed_with_the_one_that_was(box, somebody):
    client, other = box.signed_in(somebody), box.signed_in(somebody)
    form = {"password": NEW, "again": NEW}
    assert client.post_form("/account/password", current="wrong words here", **form).status == 422
    assert "Check your password" in client.last.text
    assert client.post_form("/account/password", current="", **form).status == 422
    weak = {"password": "recorder recorder", "again": "recorder recorder"}
    assert client.post_form("/account/password", current=PASSWORD, **weak).status == 422
    assert client.post_form("/account/password", current=PASSWORD, **form).status == 303
    assert client.get("/calls").status == 200, "this session goes on"
    assert other.get("/calls").status == 303, "the others end"
    assert box.signed_in(somebody, NEW)


def test_ones_sessions_are_listed_and_the_others_ended(box, somebody):
    client, other, third = (box.signed_in(somebody) for _ in range(3))
    page = client.get("/account").text
    assert page.count("(this one)") == 1
    ends = re.findall(r'action="(/account/sessions/\d+/end)"', page)
    assert len(ends) == 2
    client.post(ends[0], {"csrf_token": client.token("/account")})
    assert [other.get("/calls").status, third.get("/calls").status].count(303) == 1
    client.post_form("/account/sessions/end-others", page="/account")
    assert {other.get("/calls").status, third.get("/calls").status} == {303}
    assert client.get("/calls").status == 200


def test_nobody_ends_a_session_of_somebody_else(box, manager, somebody):
    client = box.signed_in(somebody)
    theirs = re.findall(r"/sessions/(\d+)/end", manager.get("/account").text)
    box.signed_in(MANAGER)
    theirs = re.findall(r"/sessions/(\d+)/end", manager.get("/account").text) or theirs
    for number in theirs:
        client.post(f"/account/sessions/{number}/end", {"csrf_token": client.token("/account")})
        assert client.last.status in (403, 404)
    assert set(re.findall(r"/sessions/(\d+)/end", manager.get("/account").text)) >= set(theirs)


def test_new_recovery_codes_replace_the_old(box, somebody):
    client = box.signed_in(somebody)
    old = box.people[somebody].codes
    client.post_form("/account/codes")
    made = codes_on(client.get(client.last.headers["Location"]).text)
    assert len(made) == 8
    assert not set(made) & set(old)
    for code, status in ((old[0], 403), (made[0], 303), (made[0], 403)):
        other = box.client()
        other.post_form("/sign-in", username=somebody, password=PASSWORD, code=code)
        assert other.last.status == status


def test_another_phone_is_linked_by_a_code_of_it(box, somebody):
    client = box.signed_in(somebody)
    page = client.get("/account/phone").text
    secret = secret_on(page)
    token = client.token("/sign-in") if "csrf" not in page else re.search(r'csrf_token"[^>]*value="([^"]+)"', page)[1]
    client.post("/account/phone", {"csrf_token": token, "code": "000000"})
    assert client.last.status == 422
    assert secret_on(client.last.text) == secret
    client.post("/account/phone", {"csrf_token": token, "code": pyotp.TOTP(secret).now()})
    assert client.last.status == 303
    assert len(codes_on(client.get(client.last.headers["Location"]).text)) == 8


def test_new_codes_are_shown_to_their_owner_only(box, manager, somebody):
    client = box.signed_in(somebody)
    client.post_form("/account/codes")
    assert manager.get(client.last.headers["Location"]).status == 404


def test_a_manager_comes_back_in_with_the_recovery_sheet_and_a_mistyped_one_does_not(new_box):
    box = new_box()
    box.set_up()
    client = box.client()
    form = {"username": MANAGER, "password": NEW, "again": NEW}
    mistyped = box.sheet[:-1] + ("A" if box.sheet[-1] != "A" else "B")
    assert client.post_form("/rescue", sheet=mistyped, **form).status == 422
    assert client.post_form("/rescue", sheet=box.sheet, **{**form, "again": "another"}).status == 422
    client.post_form("/rescue", sheet=box.sheet, **form)
    assert client.last.status == 200
    assert "__Host-session" not in client.cookies, "nobody is signed in by it"
    box.people[MANAGER] = type(box.people[MANAGER])(MANAGER, secret_on(client.last.text), codes_on(client.last.text))
    assert box.signed_in(MANAGER, NEW).get("/people").status == 200
