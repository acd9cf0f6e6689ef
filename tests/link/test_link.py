"""The socket between site and keeper, over a real one."""

import contextlib
import os
import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import errors
from appliance.link import wire
from appliance.link.client import Link
from appliance.link.messages.base import Done, Message
from appliance.link.messages.call import Audio
from appliance.link.messages.sessions import SignIn, SignOut
from appliance.link.messages.setup import AskSetup, SetupState
from appliance.link.server import LinkServer


class Keeper:
    """A link server whose answers a test sets, and the link that asks it."""

    def __init__(self, path):
        self.path = path
        self.heard = []
        self.answers = lambda _request: Done()
        self.open()

    def open(self):
        self.server = LinkServer(self.path, self.answer, frozenset())
        self.server.start()

    def answer(self, request):
        self.heard.append(request)
        return self.answers(request)

    def ask(self, request, kind, **link):
        with Link(self.path, **link) as one:
            return one.ask(request, kind)


@pytest.fixture
def keeper(tmp_path):
    one = Keeper(tmp_path / "keeper.sock")
    yield one
    one.server.close()


def test_a_request_gets_its_typed_reply(keeper):
    keeper.answers = lambda _request: SetupState(done=True, practice="A surgery")
    assert keeper.ask(AskSetup(), SetupState).practice == "A surgery"


def test_a_refusal_is_raised_by_its_own_name(keeper):
    def refuse(_request):
        raise errors.HoldTooLate("It has been destroyed already.")

    keeper.answers = refuse
    with pytest.raises(errors.HoldTooLate, match="destroyed already"):
        keeper.ask(SignOut(b"x"), Done)


def test_a_throttled_sign_in_says_how_long_to_wait(keeper):
    def throttle(_request):
        raise errors.SignInThrottled("Wait 5 minutes before you try again.", 300)

    keeper.answers = throttle
    with pytest.raises(errors.SignInThrottled) as raised:
        keeper.ask(SignIn("a", "b", "c", "127.0.0.1"), Done)
    assert raised.value.wait_s == 300


def test_a_fault_in_the_keeper_tells_nothing_of_its_inside(keeper, caplog):
    def fail(_request):
        raise ZeroDivisionError("0160 5550199")

    keeper.answers = fail
    with pytest.raises(errors.LinekeeperError) as raised:
        keeper.ask(AskSetup(), SetupState)
    assert "0160" not in str(raised.value)
    assert "could not be answered" in caplog.text


def test_a_reply_of_another_kind_is_a_broken_link(keeper):
    with pytest.raises(errors.LinkBroken, match="AskSetup with Done"):
        keeper.ask(AskSetup(), SetupState)


def test_one_connection_serves_many_requests(keeper):
    with Link(keeper.path) as link:
        for _ in range(5):
            link.ask(SignOut(b"x"), Done)
        assert link._idle.qsize() == 1


def test_a_connection_that_a_restart_closed_is_opened_anew_and_nothing_is_asked_twice(keeper):
    with Link(keeper.path) as link:
        link.ask(SignOut(b"1"), Done)
        keeper.server.close()
        keeper.open()
        assert link.ask(SignOut(b"2"), Done) == Done()
    assert [request.token for request in keeper.heard] == [b"1", b"2"]


def test_no_keeper_is_said_in_words(tmp_path):
    with pytest.raises(errors.LinkBroken, match="starts again by itself"), Link(tmp_path / "nobody.sock") as link:
        link.ask(AskSetup(), SetupState)


def test_a_keeper_that_never_answers_is_given_up(keeper):
    release = threading.Event()
    keeper.answers = lambda _request: (release.wait(60), Done())[1]
    with pytest.raises(errors.LinkBroken):
        keeper.ask(AskSetup(), SetupState, timeout_s=0.2)
    release.set()


def test_rubbish_on_the_socket_ends_that_connection_alone(keeper):
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(keeper.path))
        stranger.sendall(b"\xff\xff\xff\xff not a message")
        with contextlib.suppress(ConnectionResetError):
            assert stranger.recv(10) == b""
    assert keeper.ask(SignOut(b"x"), Done) == Done()


def test_another_user_is_not_heard(keeper, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(errors.LinkBroken):
        keeper.ask(AskSetup(), SetupState)
    assert keeper.heard == []


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_are_no_request_are_never_more_than_a_broken_link(body):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(len(body).to_bytes(4, "big") + body)
        theirs.shutdown(socket.SHUT_WR)
        try:
            request = wire.receive_request(ours)
        except errors.LinkBroken:
            return
        assert request is None or isinstance(request, Message)


@given(st.binary(max_size=1000), st.integers(0, 2**40))
def test_a_reply_crosses_the_wire_unchanged(data, total):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(ours, Audio(total, data))
        assert wire.receive_reply(theirs) == Audio(total, data)
