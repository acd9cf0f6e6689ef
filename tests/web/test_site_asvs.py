"""Rows of OWASP ASVS 5.0 that no other test of the pages holds. SECURITY.md says which test holds which."""

import ast
import hashlib
import re
import socket
import threading
import time
from contextlib import ExitStack, closing
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from box import MANAGER, PASSWORD
from test_site_live_state import Stream
from test_site_role_walk import paths

import appliance.clock
from appliance.config import Config
from appliance.link.client import Link
from appliance.link.messages.base import Done
from appliance.link.messages.sessions import NoteRefusal, Session, WhoAmI
from appliance.model.people import Person, Role
from appliance.web.app import make_app
from crowding import crowding
from vaultbox import Box as Vault
from vaultbox import UnsyncedDisk
from waiting import eventually

SOURCE = Path(appliance.__file__).parent
TREES = {path: ast.parse(path.read_text()) for path in SOURCE.rglob("*.py")}


@cache
def calls():
    """Every call in the code, by the last part of what is called: the trees are walked once."""
    found = {}
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found.setdefault(getattr(node.func, "attr", getattr(node.func, "id", "")), []).append((path, node))
    return found


def calls_of(name):
    return calls().get(name, [])


def test_no_program_is_started_through_a_shell():
    for name in ("run", "Popen", "check_output", "system", "popen"):
        for path, call in calls_of(name):
            assert not any(word.arg == "shell" for word in call.keywords), path
            module = getattr(getattr(call.func, "value", None), "id", "")
            assert (module, name) not in {("os", "system"), ("os", "popen")}, path


def test_no_format_string_is_somebodys_input():
    for path, call in calls_of("format"):
        if isinstance(call.func, ast.Attribute) and "web" in path.parts:
            held = call.func.value
            assert isinstance(held, ast.Constant) or getattr(held, "id", "x").isupper(), (path, call.lineno)


@pytest.mark.parametrize("text", ["(", ".*", "(a+)+$", "(" * 20, "[^", "\\", "a" * 20])
def test_a_search_that_looks_like_an_expression_is_taken_as_it_is_and_quickly(box, manager, text):
    form = {"csrf_token": manager.token("/calls"), "text": text}
    began_s = box.cpu_s()
    manager.post("/search", form)
    assert manager.get(manager.last.headers["Location"]).status == 200
    assert box.cpu_s() - began_s < 0.5
    assert "No calls match" in manager.last.text


def test_a_name_sent_twice_counts_once(manager):
    token = manager.token("/calls")
    body = f"csrf_token={token}&number=0000000&number=01632&kind=missed&kind=held"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    manager.request("POST", "/search", body, form)
    assert "No calls match" in manager.get(manager.last.headers["Location"]).text
    assert manager.get("/calls?page=1&page=9").status == 200


def state_of(box):
    """Return a sum of every file that pages could change; the journal and what the keeper does by itself aside."""
    vault = box.config.folders.vault
    aside = {"journal", "index", "throttle", "boots", "horizon"}
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vault.rglob("*")
        if path.is_file() and not aside & {part.split(".")[0] for part in path.relative_to(vault).parts}
    }


def test_looking_at_every_page_changes_nothing(box, manager, tmp_path):
    app = make_app(Config(), Link(tmp_path / "none.sock"), threading.Event())
    before = state_of(box)
    assert len(before) > 5
    for path, endpoints in paths(app, box.call).items():
        if "GET" in endpoints and endpoints["GET"] != "live.events":
            manager.get(path)
    changed = {path.name for path, digest in state_of(box).items() if before.get(path, digest) != digest}
    assert changed == set()


def test_whose_address_it_is_cannot_be_made_up(box, manager):
    client = box.client()
    headers = {"X-Forwarded-For": "203.0.113.99", "Forwarded": "for=203.0.113.99", "X-Real-IP": "203.0.113.99"}
    form = {"csrf_token": client.token("/sign-in"), "username": "partner", "password": PASSWORD}
    client.post("/sign-in", {**form, "code": box.people["partner"].code()}, headers)
    assert client.last.status == 303
    assert "203.0.113.99" not in client.get("/account").text
    assert "203.0.113.99" not in manager.get("/records/sign_ins").text
    client.post_form("/sign-out", page="/")


def test_a_new_box_leads_everywhere_to_set_up_and_knows_nobody(new_box):
    box = new_box()
    client = box.client()
    for path in ("/", "/calls", "/sign-in", "/people", "/settings"):
        assert client.get(path).headers["Location"] == "/setup"
    for username in ("admin", "root", "manager", "linekeeper", "pi"):
        client.post_form("/sign-in", page="/setup", username=username, password=username, code="000000")
        assert client.last.status in (303, 403)
        assert "__Host-session" not in client.cookies
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{4}(-[A-HJ-NP-Z2-9]{4}){2}", box.setup_code())


def test_a_password_is_good_for_years(tmp_path):
    vault = Vault(tmp_path, disk=UnsyncedDisk())
    vault.set_up()
    vault.clock.advance(timedelta(days=5 * 365).total_seconds())
    assert vault.sign_in()
    vault.close()


def test_password_alone_opens_nothing(box):
    client = box.client()
    client.post_form("/sign-in", username=MANAGER, password=PASSWORD, code="")
    assert client.last.status == 422
    assert "__Host-session" not in client.cookies
    assert client.get("/").status == 303


class Asked:
    """The keeper's end as far as the gate asks it; it remembers what it was asked."""

    def __init__(self):
        self.requests = []

    def ask(self, request, kind):
        self.requests.append(request)
        if kind is Session:
            person = Person("technician", "The technician", Role.TECHNICIAN)
            return Session(person, "Anytown Surgery", appliance.clock.SystemClock().now().at, fresh=True)
        return Done()


@pytest.mark.parametrize(
    ("path", "headers", "active"),
    [
        ("/help", {}, True),
        ("/help", {"Sec-Fetch-Dest": "document"}, True),
        ("/help", {"Sec-Fetch-Dest": "empty"}, False),
        ("/live", {}, False),
        ("/lines/levels", {"Sec-Fetch-Dest": "empty"}, False),
    ],
)
def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(path, headers, active):
    link = Asked()
    client = make_app(Config(), link, threading.Event()).test_client(use_cookies=False)
    client.get(path, headers={"Host": "127.0.0.1", "Cookie": f"__Host-session={'A' * 43}=", **headers})
    assert next(request for request in link.requests if isinstance(request, WhoAmI)).active is active


def test_a_page_that_a_role_may_not_use_is_written_down(box, manager, clients):
    clients[Role.TECHNICIAN].get("/records")
    assert "Was refused: records.journal" in manager.get("/records").text
    link = Asked()
    client = make_app(Config(), link, threading.Event()).test_client(use_cookies=False)
    answer = client.get(
        f"/calls/{box.call}/audio", headers={"Host": "127.0.0.1", "Cookie": f"__Host-session={'A' * 43}="}
    )
    assert answer.status_code == 403
    assert NoteRefusal in {type(request) for request in link.requests}


def test_who_is_let_go_hears_nothing_more_from_an_open_page(box, manager):
    box.add_person(manager, Role.SENIOR, "leaver")
    client = box.signed_in("leaver")
    refs = re.findall(r'href="/people/([0-9a-f]{16})"', manager.get("/people").text)
    ref = next(ref for ref in refs if ">leaver</dd>" in manager.get(f"/people/{ref}").text)
    with closing(Stream(client)) as stream:
        stream.next()
        manager.post_form(f"/people/{ref}/leave")
        began = time.monotonic()
        assert stream.next() == ("ended", {})
        assert time.monotonic() - began < 5.0 * crowding()


def test_only_nginx_listens_and_only_where_it_should(box):
    own = {process.pid for process in box.services.values()}
    children = {int(child) for pid in own for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    inodes = {
        name.removeprefix("socket:[").removesuffix("]")
        for pid in own | children
        for fd in Path(f"/proc/{pid}/fd").iterdir()
        if (name := _target(fd)).startswith("socket:[")
    }
    listening = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            row = line.split()
            if row[3] == "0A" and row[9] in inodes:  # listening
                listening.add(row[1])
    assert listening == {f"0100007F:{box.port:04X}"}


def _target(fd):
    try:
        return str(fd.readlink())
    except OSError:
        return ""


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/.git/HEAD", "/console", "/static/../access.toml", "/static/%2e%2e/app.py", "/openapi.json",
     "/docs", "/server-status", "/nginx_status", "/.env", "/static/"],
)  # fmt: skip
def test_nothing_is_served_that_is_not_meant_to_be(box, manager, path):
    for client in (box.client(), manager):
        answer = client.get(path)
        assert answer.status in (303, 400, 403, 404), path
        assert b"import " not in answer.body


def test_an_environment_that_asks_for_debugging_gets_none(monkeypatch, tmp_path):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    app = make_app(Config(), Link(tmp_path / "none.sock"), threading.Event())
    assert not app.debug
    answer = app.test_client(use_cookies=False).get("/", headers={"Host": "127.0.0.1"})
    assert answer.status_code == 503
    assert b"Traceback" not in answer.data


def test_a_hundred_idle_sockets_and_forty_streams_do_not_keep_anybody_out(box, manager):
    with ExitStack() as stack:
        for number in range(100):
            idle = stack.enter_context(socket.create_connection(("127.0.0.1", box.port), timeout=10))
            if number % 2:
                idle.sendall(b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        streams = [stack.enter_context(closing(Stream(manager))) for _ in range(40)]
        assert {stream.answer.status for stream in streams} <= {200, 503}
        assert sum(stream.answer.status == 200 for stream in streams) <= 12
        took = []
        for _ in range(5):
            began = time.monotonic()
            assert box.client().get("/sign-in").status == 200
            took.append(time.monotonic() - began)
        assert sorted(took)[2] < 1.0 * crowding()
    eventually(lambda: _a_stream_is_given(manager), "the streams are let go")


def _a_stream_is_given(client):
    with closing(Stream(client)) as stream:
        return stream.answer.status == 200


def test_no_entry_of_log_or_journal_can_be_forged_by_what_is_typed(box, manager):
    forged = "x\r\n2026-01-01 web ERROR forged\x1b[2J"
    client = box.client()
    form = {"csrf_token": client.token("/sign-in"), "username": forged, "password": "forged entry", "code": "111111"}
    client.post("/sign-in", form, {"User-Agent": "forged agent"})
    client.get("/%0d%0aforged")
    client.get("/calls?page=forged")
    for service in box.services:
        assert "forged" not in box.log(service), service
    assert "forged" not in manager.get("/records").text
    journal = b"".join(
        path.read_bytes() for path in (box.config.folders.vault / "journal").rglob("*") if path.is_file()
    )
    assert b"forged" not in journal
    assert b"01632" not in journal
