"""What every answer carries, whoever gives it: the site, its errors, nginx with a file, nginx by itself."""

import re
import socket

import pytest

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def answers(box, manager):
    out = box.client()
    call = f"/calls/{box.call}"
    manager.post_form(f"{call}/listen", page=f"{call}/hold", purpose="facts")
    yield "page", manager.get("/")
    yield "call", manager.get(call)
    yield "json", manager.get("/live")
    yield "audio", manager.get(f"{call}/audio", Range="bytes=0-9")
    yield "range past the end", manager.get(f"{call}/audio", Range="bytes=99999999-")
    yield "signed out", out.get(call)
    yield "sign in", out.get("/sign-in")
    yield "404", out.get("/nowhere")
    yield "405", manager.request("DELETE", "/")
    yield "400", manager.post(f"{call}/hold", {})
    yield "403", manager.post(f"{call}/hold", {}, {"Sec-Fetch-Site": "cross-site"})
    yield "413", manager.request("POST", "/sign-in", b"x" * 70_000, {"Content-Type": "text/plain"})
    yield "file", out.get("/static/site.css")
    yield "no such file", out.get("/static/nothing.css")
    yield "folder", out.get("/static/")
    yield "post to a file", out.post("/static/site.css", {})
    yield "another host", out.request("GET", "/", headers={"Host": "evil.example"})
    yield "trace", out.request("TRACE", "/")
    yield "too long an address", out.get("/" + "x" * 9000)


def test_every_answer_has_the_headers_that_keep_a_browser_safe(box, manager):
    for name, answer in answers(box, manager):
        for header, value in ALWAYS.items():
            assert answer.header_values(header) == [value], (name, answer.status, header)
        (policy,) = answer.header_values("Content-Security-Policy")
        assert policy.startswith("default-src 'none'"), name
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert not re.search(r"unsafe-|\*|https?:", policy), name
        (referrer,) = answer.header_values("Referrer-Policy")
        assert referrer in ("same-origin", "no-referrer"), name
        assert "Access-Control-Allow-Origin" not in answer.headers, name
        assert answer.headers.get("Server", "nginx") == "nginx", name
        assert "Strict-Transport-Security" not in answer.headers, "it means nothing on plain HTTP"


def test_nothing_but_files_may_be_kept_by_a_browser(box, manager):
    for name, answer in answers(box, manager):
        (cached,) = answer.header_values("Cache-Control")
        assert cached == ("public, max-age=31536000, immutable" if name == "file" else "no-store"), name


def test_every_answer_with_a_body_says_what_it_is(box, manager):
    for name, answer in answers(box, manager):
        if answer.body:
            kind = answer.headers["Content-Type"]
            assert "charset=utf-8" in kind or kind.startswith(("audio/", "text/html")), (name, kind)


def test_no_page_has_a_script_or_style_in_it(manager, box):
    for path in ("/", "/calls", f"/calls/{box.call}", "/records", "/people", "/people/add"):
        page = manager.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page), path
        assert not re.search(r"https?://(?!127\.0\.0\.1)(?!www\.w3\.org/2000/svg)", page), path


def test_the_policy_is_that_of_the_design_without_its_one_inline_script(manager):
    policy = manager.get("/").headers["Content-Security-Policy"]
    assert re.sub(r"nonce-[\w-]+", "nonce-…", policy) == (
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-…'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "object-src 'none'; manifest-src 'self'; report-uri /csp"
    )


def test_the_nonce_is_another_for_each_answer(manager):
    nonces = {re.search(r"nonce-([\w-]+)", manager.get("/").headers["Content-Security-Policy"])[1] for _ in range(3)}
    assert len(nonces) == 3
    assert all(len(nonce) >= 22 for nonce in nonces)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "recorder.local", "127.0.0.1:1", ""])
def test_another_host_gets_421_or_400_and_no_page(box, host):
    answer = box.client().request("GET", "/sign-in", headers={"Host": host})
    assert answer.status in (421, 400)
    assert b"<form" not in answer.body
    assert not answer.header_values("Set-Cookie")


def test_forwarded_headers_of_a_client_change_nothing(box):
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    answer = box.client().request("GET", "/", headers=forged)
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x",
        b"POST / HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {}\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\n Host: {}\r\n\r\n",
    ],
)
def test_a_request_that_two_servers_would_read_differently_is_refused(box, request_):
    with socket.create_connection(("127.0.0.1", box.port), timeout=10) as raw:
        raw.sendall(request_.replace(b"{}", f"127.0.0.1:{box.port}".encode()))
        assert raw.recv(4096).split()[1] in (b"400", b"501")
