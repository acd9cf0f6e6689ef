"""Every route, by every method, for every role and for nobody: the matrix is the whole truth."""

import threading
from collections import defaultdict

import pytest
from flask import Flask

from appliance.config import Config
from appliance.errors import ConfigWrong
from appliance.link.client import Link
from appliance.model.people import Role
from appliance.web import access
from appliance.web.app import make_app
from waiting import eventually

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE")
DATA = {"lines.levels", "live.state", "live.events", "audio.read", "audio.read_simple", "hearings.read"}
NO_SUCH_CASE = {
    "requests.cut", "copies.take", "copies.watch", "copies.custody", "hearings.show", "hearings.hear",
    "hearings.make", "hearings.read", "letters.show", "letters.wording", "papers.one",
    "papers.one_pdf", "papers.confirm", "reports.month", "reports.month_pdf", "policy_page.sentence",
    *(f"{sort}.printed{form}" for sort in ("requests", "complaints", "police", "incidents", "training")
      for form in ("", "_pdf")),
}  # fmt: skip
"""Pages of a case or a kind that there is not."""

STREAM = ("live.events", "GET")
CERTIFICATE = {"network.certificate", "network.profile"}
OPEN = {
    "setup.code",
    "setup.practice",
    "setup.you",
    "setup.second_factor",
    "signin.form",
    "rescue.form",
    "policy.report",
    *CERTIFICATE,
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return make_app(Config(), Link(tmp_path_factory.mktemp("none") / "keeper.sock"), threading.Event())


@pytest.fixture(scope="module")
def call(box):
    """A call that nobody has shared with anybody."""
    call_id = box.record(seconds=6.0)
    manager = box.clients[Role.MANAGER]
    eventually(lambda: manager.get(f"/calls/{call_id}").status == 200, "the keeper takes it in")
    return call_id


def paths(app: Flask, call_id):
    """Return every path with the endpoint that answers each method of it."""
    values = {
        "call_id": call_id, "index": 0, "name": "x", "number": 999_999, "line": 1, "ref": "0" * 16, "kind": "holds",
        "reference": "AR-2026-999", "act": "close", "month": "2026-13",
    }  # fmt: skip
    routes = defaultdict(dict)
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            path = rule.build({name: values[name] for name in rule.arguments})[1]
            routes[path] |= dict.fromkeys(rule.methods, rule.endpoint)
    return routes


def test_a_route_without_an_entry_keeps_the_site_from_starting(app):
    matrix = access.load()
    app = Flask("another")
    app.add_url_rule("/forgotten", "forgotten", lambda: "")
    with pytest.raises(ConfigWrong, match="forgotten GET"):
        matrix.check(app)


def test_an_entry_for_nobody_known_is_refused(tmp_path):
    path = tmp_path / "access.toml"
    path.write_text('[groups]\n[routes]\n"home.show" = { GET = ["manageress"] }\n')
    with pytest.raises(ConfigWrong, match="manageress"):
        access.load(path)


def test_what_the_matrix_does_not_name_is_for_nobody():
    assert access.load().who("unheard.of", "GET") == frozenset()
    assert access.load().who("home.show", "DELETE") == frozenset()


def test_only_these_routes_are_open_to_somebody_signed_out(app):
    matrix = access.load()
    open_ = {
        rule.endpoint for rule in app.url_map.iter_rules() if matrix.who(rule.endpoint, "GET") & {"anyone", "setup"}
    }
    assert open_ | {"policy.report"} == OPEN


@pytest.mark.parametrize("role", [*Role, None])
def test_each_role_reaches_what_the_matrix_says_and_nothing_else(app, box, call, clients, role):
    matrix = access.load()
    client = clients[role] if role else box.client()
    if role in (Role.MANAGER, Role.PARTNER, Role.SENIOR):
        client.post_form(f"/calls/{call}/listen", page=f"/calls/{call}/hold", purpose="facts")
    wrong = []
    for path, endpoints in paths(app, call).items():
        for method in METHODS:
            endpoint = endpoints.get(method)
            if (endpoint, method) == STREAM:
                continue
            status = client.request(method, path).status
            expected = expect(matrix, endpoint, method, role)
            if status not in expected:
                wrong.append((path, method, status, expected))
    assert wrong == []


def expect(matrix, endpoint, method, role):
    """Return the statuses that are right. No form is sent with a token, so no POST changes anything."""
    if endpoint is None:
        return {405, 400} if method in ("TRACE", "NONSENSE") else {405}
    if endpoint == "policy.report":
        return {204}
    who = matrix.who(endpoint, method)
    if "setup" in who:
        return {303}
    if endpoint in CERTIFICATE:
        return {404}  # a box for itself alone has none
    if endpoint == "rescue.form" and method != "POST":
        return {200}
    if "anyone" in who:
        return {400} if method == "POST" else {303 if role else 200}
    if role is None:
        return {401} if endpoint in DATA else {303}
    return inside(endpoint, method, role) if role in who else {403}


def inside(endpoint, method, role):
    """Return the statuses for who may use the route: what is not there is 404 to them."""
    missing = {"holds.release", "people.added", "account.new_codes", *NO_SUCH_CASE}
    if role is Role.STAFF:  # nothing is shared with them
        missing |= {"call.show", "audio.read", "audio.read_simple"}
    if method == "POST":
        return {400}
    nobody = endpoint.startswith("person.") or endpoint.endswith((".case", ".act"))
    return {404} if nobody or endpoint in missing else {200}


def test_signed_out_a_range_of_audio_gives_nothing(box):
    answer = box.client().get(f"/calls/{box.call}/audio", Range="bytes=0-99")
    assert (answer.status, answer.body) == (401, b"")
    assert "Content-Range" not in answer.headers


def test_a_person_whose_role_hears_nothing_gets_no_byte_of_audio(call, clients):
    for role, status in ((Role.STAFF, 404), (Role.TECHNICIAN, 403), (Role.AUDITOR, 403)):
        for tail in ("audio", "audio.wav"):
            answer = clients[role].get(f"/calls/{call}/{tail}", Range="bytes=0-99")
            assert (answer.status, answer.body) == (status, b"")


def test_no_call_is_shown_by_a_made_up_id(box, manager):
    for call_id in ("2026-11-23T163300Z-1-7f3a9c", "..", "%2e%2e%2fetc", "x" * 900, "1%00"):
        for tail in ("", "/audio", "/hold", "/holds/0/release"):
            answer = manager.get(f"/calls/{call_id}{tail}")
            # Sound is refused before its purpose is said, whether there is such a call or not.
            expected = (404, 400, 308, 403) if tail == "/audio" else (404, 400, 308)
            assert answer.status in expected, (call_id, tail, answer.status)
