"""The keeper as it is run: a process, a socket, and what is left of it when it is killed."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import pyotp
import pytest

from appliance.cli import main
from appliance.clock import ClockQuality, SystemClock
from appliance.errors import LinkBroken
from appliance.link.client import Link
from appliance.link.messages.base import Done
from appliance.link.messages.call import Audio, Call, GetCall, ReadAudio, StartListening
from appliance.link.messages.calls import CallPage, CallQuery, ListCalls
from appliance.link.messages.holds import PlaceHold, Released, ReleaseHold
from appliance.link.messages.lines import AskLive, Live
from appliance.link.messages.sessions import SignedIn, SignIn
from appliance.link.messages.setup import AskSetup, FinishSetup, SetupFinished, SetupState, StartSetup, TotpOffer
from appliance.model.calls import Caller, CallerIdentity, Closing, Direction, EndCause, Opening, call_id
from appliance.model.holds import HoldReason
from appliance.model.people import Purpose
from appliance.storage.spool import Spool, read_seal_to
from vaultbox import PASSWORD

PLAIN = bytes(range(256)) * 100
HERE = "127.0.0.1"


def within(seconds, act, errors=(LinkBroken, FileNotFoundError, AssertionError)):
    """Try until it succeeds; the last failure is raised."""
    until = time.monotonic() + seconds
    while True:
        try:
            return act()
        except errors:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


class Keeper:
    """A keeper process of our own on a folder of our own."""

    def __init__(self, folder):
        self.config, self.data = folder / "linekeeper.toml", folder / "data"
        self.config.write_text(f'folder = "{self.data}"\n[[line]]\nname = "Reception"\ntap = "simulated"\n')
        self.link, self.salt, self.process = Link(self.data / "run" / "keeper.sock"), 0, None

    def start(self):
        with (self.config.parent / "log").open("ab") as log:
            self.process = subprocess.Popen(self.command("keeper"), stderr=log)
        within(60, lambda: self.link.ask(AskSetup(), SetupState))

    def command(self, verb):
        return [sys.executable, "-m", "appliance", verb, "--config", str(self.config)]

    def close(self):
        """Kill it, and let go of our end of the link."""
        self.kill()
        self.link.close()

    def kill(self):
        self.process.kill()
        self.process.wait(30)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def call(self):
        self.salt += 1
        at, key = datetime.now(UTC), within(30, self._key)
        caller = Caller(CallerIdentity.NUMBER, "01632960846")
        salt, clock = f"{self.salt:06x}", SystemClock()
        opening = Opening(
            call_id(at, 1, salt),
            1,
            "Reception",
            at,
            ClockQuality.SYNCHRONISED,
            clock.boot_id(),
            clock.monotonic(),
            Direction.IN,
            caller,
        )
        recording = Spool(self.data / "spool").begin(opening, key)
        recording.audio.write(PLAIN)
        closing = Closing(at, 8.0, len(PLAIN), Direction.IN, caller, None, True, False, 2, EndCause.HOOK)
        recording.close(closing)
        return opening.call_id

    def _key(self):
        key = read_seal_to(self.data / "intake")
        assert key is not None
        return key

    def set_up(self):
        code = within(30, lambda: (self.data / "run" / "setup-code").read_text().strip())
        offer = self.link.ask(StartSetup(code, "Anytown Practice", "manager", HERE), TotpOffer)
        typed = pyotp.TOTP(offer.secret).now()
        request = FinishSetup(code, "Anytown Practice", "The manager", "manager", PASSWORD, offer.secret, typed, HERE)
        self.codes = list(self.link.ask(request, SetupFinished).recovery_codes)

    def sign_in(self):
        return self.link.ask(SignIn("manager", PASSWORD, self.codes.pop(), HERE), SignedIn).token

    def listed(self, token):
        return [row.call_id for row in self.link.ask(ListCalls(token, CallQuery(), 1, 100), CallPage).calls]


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path)
    keeper.start()
    yield keeper
    keeper.close()


def test_from_set_up_to_listening_and_holding_over_the_socket(keeper, capsys):
    first = keeper.call()  # recorded before anybody had set the box up
    keeper.set_up()
    second = keeper.call()
    token, ask = keeper.sign_in(), keeper.link.ask

    def both_listed():
        assert keeper.listed(token) == [second, first]

    within(10, both_listed)
    for call in (first, second):
        told = ask(GetCall(token, call), Call)
        assert (told.audio_bytes, told.integrity, told.row.number) == (len(PLAIN), "unchanged", "01632960846")
        ask(StartListening(token, call, Purpose.FACTS), Done)
        assert ask(ReadAudio(token, call, 5000, 10_000), Audio).data == PLAIN[5000:15_000]
    ask(PlaceHold(token, first, HoldReason.COMPLAINT, "reference", "note", date(2030, 1, 1)), Done)
    assert ask(GetCall(token, first), Call).holds[0].reference == "reference"
    assert ask(ReleaseHold(token, first, 0, "over"), Released).destroyed_on is not None

    def found():
        page = ask(ListCalls(token, CallQuery(number="+44 1632 960")), CallPage)
        assert (page.total, page.complete) == (2, True)

    within(10, found)
    live = ask(AskLive(token, 0, 0), Live)
    assert not live.contact
    assert ask(AskLive(token, live.version - 1, 5), Live).version >= live.version
    assert keeper.stop() == 0
    assert main(["verify", "--config", str(keeper.config)]) == 0
    assert main(["reindex", "--config", str(keeper.config)]) == 0
    assert "2 of 1 days" not in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["keeper", "reindex"])
def test_a_second_owner_of_the_same_vault_is_refused(keeper, verb):
    refused = subprocess.run(keeper.command(verb), check=False, capture_output=True, text=True, timeout=30)
    assert refused.returncode == 1
    assert "already runs" in refused.stderr


def test_verify_ends_with_3_where_the_journal_was_altered(keeper, capsys):
    keeper.set_up()
    keeper.stop()
    path = next((keeper.data / "vault" / "journal").glob("*.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"set up", b"set no"))
    assert main(["verify", "--json", "--config", str(keeper.config)]) == 3
    assert '"broken_after"' in capsys.readouterr().out


def test_a_keeper_killed_at_any_moment_loses_nothing_it_was_given_or_said(keeper):
    """Calls come in and holds are placed while it is killed again and again."""
    keeper.set_up()
    chance, calls, held = random.Random(os.environ.get("SEED", "1")), [], []
    for _ in range(4):
        token = keeper.sign_in()
        calls += [keeper.call(), keeper.call()]
        until = time.monotonic() + chance.uniform(0.05, 0.9)
        while time.monotonic() < until:
            known = keeper.listed(token)
            free = [call for call in known if call not in held]
            if free:
                request = PlaceHold(token, free[0], HoldReason.CLAIM, "reference", "note", date(2030, 1, 1))
                keeper.link.ask(request, Done)
                held.append(free[0])
            time.sleep(0.01)
        keeper.kill()
        keeper.start()
    token = keeper.sign_in()

    def all_listed():
        assert sorted(keeper.listed(token)) == sorted(calls)

    within(60, all_listed)
    assert all(keeper.link.ask(GetCall(token, call), Call).integrity == "unchanged" for call in calls)
    page = keeper.link.ask(ListCalls(token, CallQuery(held=True), 1, 100), CallPage)
    assert {row.call_id for row in page.calls} == set(held)
    assert held
    assert keeper.stop() == 0
    assert main(["verify", "--config", str(keeper.config)]) == 0
