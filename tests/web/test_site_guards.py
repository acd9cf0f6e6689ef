"""Cookies, form tokens, and changes asked for by other sites' pages."""

import re

import pytest
from box import PASSWORD

from appliance.model.people import Role


def cookies(answer):
    return [cookie for cookie in answer.header_values("Set-Cookie") if "Max-Age=0" not in cookie]


def test_every_cookie_is_for_this_host_only_and_never_for_scripts(box):
    client = box.client()
    client.get("/sign-in")
    seen = cookies(client.last)
    client.post_form("/sign-in", username="partner", password=PASSWORD, code=box.people["partner"].code())
    seen += cookies(client.last)
    assert {cookie.split("=")[0] for cookie in seen} == {"__Host-form", "__Host-session"}
    for cookie in seen:
        parts = {part.strip() for part in cookie.split(";")[1:]}
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= parts
        assert not any(part.startswith(("Domain", "Max-Age", "Expires")) for part in parts)
    client.post_form("/sign-out", page="/")


def test_the_session_is_32_random_bytes_and_stands_in_no_page(box):
    client = box.signed_in("partner")
    token = client.cookies["__Host-session"]
    assert re.fullmatch(r"[\w-]{43}=", token)
    for path in ("/", "/calls", "/records"):
        assert token not in client.get(path).text
    client.post_form("/sign-out", page="/")


def test_an_altered_session_is_nobodys(box):
    client = box.client()
    for token in ("", "x", "A" * 43 + "=", "\xc3\xa9", "A" * 5000, '"quoted"'):
        answer = client.request("GET", "/calls", headers={"Cookie": f"__Host-session={token}"})
        assert answer.status in (303, 400)


def test_after_signing_out_the_old_cookie_opens_nothing(box):
    client = box.signed_in("senior")
    kept = dict(client.cookies)
    client.post_form("/sign-out", page="/")
    assert client.last.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "__Host-session" not in client.cookies
    client.cookies = kept
    assert client.get("/calls").status == 303
    assert client.get(f"/calls/{box.call}/audio", Range="bytes=0-9").status == 401


def test_a_session_chosen_beforehand_is_not_taken_over(box):
    client = box.client()
    client.cookies["__Host-session"] = "A" * 43 + "="
    client.post_form("/sign-in", username="senior", password=PASSWORD, code=box.people["senior"].code())
    assert client.cookies["__Host-session"] != "A" * 43 + "="
    client.post_form("/sign-out", page="/")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/confirm", "/search", "/people/add", "hold", "listen"])
def test_a_form_without_its_token_changes_nothing(box, manager, path):
    path = path if path.startswith("/") else f"/calls/{box.call}/{path}"
    assert manager.post(path, {"username": "x"}).status == 400
    assert manager.post(path, {"csrf_token": "made-up"}).status == 400
    assert "too long" in manager.last.text or "token" not in manager.last.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": None, "Origin": "null"},
    ],
)
def test_a_change_that_another_sites_page_asks_for_is_refused_whatever_token_it_has(box, manager, headers):
    token = manager.token(f"/calls/{box.call}/hold")
    form = {"csrf_token": token, "reason": "complaint"}
    assert manager.post(f"/calls/{box.call}/hold", form, headers).status == 403


def test_another_persons_token_is_not_good(box, manager, clients):
    token = clients[Role.PARTNER].token(f"/calls/{box.call}/hold")
    assert manager.post(f"/calls/{box.call}/hold", {"csrf_token": token, "reason": "complaint"}).status == 400


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/\\evil.example",
        "/%0d%0aX:y",
    ],
)
def test_signing_in_never_leads_to_another_site(box, back):
    client = box.client()
    page = client.get("/sign-in?back=" + back.replace("%", "%25").replace("\\", "%5C")).text
    assert re.search(r'name="back"[^>]*value="([^"]*)"', page)[1] == "/"


def test_signing_in_leads_back_to_where_one_was_going(box):
    client = box.client()
    client.get("/calls?page=1")
    assert client.last.headers["Location"] == "/sign-in?back=/calls?page%3D1"
