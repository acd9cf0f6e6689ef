"""The lines' state, streamed and asked for."""

import contextlib
import http.client
import json
import time

import pytest
from box import MANAGER

from appliance.model.status import LineState
from appliance.web.live import MOST_STREAMS
from crowding import crowding
from waiting import eventually

NO_CONTACT = "No contact with the recorder since "


class Stream:
    """An event stream as a browser opens it."""

    def __init__(self, client):
        self._connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        self._connection.request("GET", "/live/events", headers={"Cookie": cookie})
        self.answer = self._connection.getresponse()

    def next(self):
        """Return the next event's name and data."""
        name = "message"
        for _ in range(200):
            line = self.answer.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
        raise AssertionError("no event")

    def ended(self):
        return not self.answer.read().strip()

    def close(self):
        self.answer.close()
        self._connection.close()


@pytest.fixture
def states(box):
    yield box.recorder.states
    box.recorder.states.update({1: LineState.IDLE, 2: LineState.IDLE})


def line(standing, number):
    return next(line for line in standing["lines"] if line["line"] == number)


def test_a_stream_tells_the_state_at_once_and_each_change(manager, states):
    with contextlib.closing(Stream(manager)) as stream:
        assert stream.answer.status == 200
        assert stream.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert line(stream.next()[1], 2)["words"] == "Idle"
        states[2] = LineState.RECORDING
        assert line(stream.next()[1], 2)["words"] == "Recording"
        states[2] = LineState.FAULT
        _, standing = stream.next()
        assert line(standing, 2)["words"] == "Fault – not recording"
        assert standing["headline"] == "Line 2 is not being recorded"


def test_the_same_is_had_by_asking(manager, states):
    states[1] = LineState.RINGING
    standing = eventually(
        lambda: (found := json.loads(manager.get("/live").text)) and line(found, 1)["words"] == "Ringing" and found,
        "the page says that it rings",
    )
    assert standing["headline"] == "Both lines are being recorded"


def test_a_recorder_that_says_nothing_is_not_believed(box, manager):
    box.recorder.silent = True
    try:
        standing = eventually(
            lambda: (found := json.loads(manager.get("/live").text)) and NO_CONTACT in str(found) and found,
            "it is lost",
        )
    finally:
        box.recorder.silent = False
    assert {line["words"] for line in standing["lines"]} == {"Not known"}
    assert standing["headline"] == "The recorder is not answering"
    eventually(lambda: NO_CONTACT not in manager.get("/live").text, "contact is back")


def test_twelve_streams_are_given_and_the_next_is_told_to_poll(box, manager):
    with contextlib.ExitStack() as open_:
        for stream in eventually(lambda: _all_places(manager), "the streams of other tests are let go"):
            open_.enter_context(contextlib.closing(stream))
        one_more = open_.enter_context(contextlib.closing(Stream(manager)))
        assert one_more.answer.status == 503
        assert one_more.answer.headers["Retry-After"] == "60"
        assert box.client().get("/sign-in").status == 200
    eventually(lambda: _again(manager), "the places are free again")


def _all_places(client):
    streams = [Stream(client) for _ in range(MOST_STREAMS)]
    if all(stream.answer.status == 200 for stream in streams):
        return streams
    for stream in streams:
        stream.close()
    return None


def _again(client):
    with contextlib.closing(Stream(client)) as stream:
        return stream.answer.status == 200


def test_signing_out_ends_the_stream(box):
    client = box.signed_in("senior")
    with contextlib.closing(Stream(client)) as stream:
        stream.next()
        client.post_form("/sign-out", page="/")
        assert stream.next() == ("ended", {})
        assert stream.ended()


def test_the_site_stops_at_once_though_streams_are_open_and_comes_back(new_box):
    box = new_box()
    box.set_up()
    manager = box.signed_in(MANAGER)
    with contextlib.closing(Stream(manager)) as stream:
        stream.next()
        began = time.monotonic()
        assert box.stop_service("web") == 0
        assert time.monotonic() - began < 4.0 * crowding()
    answer = manager.get("/")
    assert answer.status == 503
    assert "Recording runs on its own" in answer.text
    box.start_service("web")
    eventually(lambda: manager.get("/").status == 200, "the same session goes on")


def test_without_the_keeper_the_pages_say_that_they_start_and_keep_the_session_cookie(new_box):
    box = new_box()
    client = box.client()
    client.cookies["__Host-session"] = "A" * 43 + "="
    box.stop_service("keeper")
    for path in ("/", "/calls", "/sign-in", "/setup"):
        answer = client.get(path)
        assert answer.status == 503
        assert "The pages are starting" in answer.text
        assert not answer.header_values("Set-Cookie")
    assert client.get("/live").status == 503
    assert "Traceback" not in box.log("web")
