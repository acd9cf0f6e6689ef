"""A keeper's whole vault for tests, on a clock moved by hand: calls are recorded into it as the recorder would."""

import itertools
import os
from dataclasses import replace
from datetime import timedelta

import pyotp

from appliance.clock import FakeClock
from appliance.config import Config, LineConfig, Tap
from appliance.files import REAL_DISK
from appliance.keeper.chores import Chores
from appliance.keeper.service import Answers, open_desk
from appliance.keeper.stores import open_stores
from appliance.link.messages.people import AddPerson
from appliance.link.messages.sessions import SignedIn, SignIn
from appliance.link.messages.setup import FinishSetup, SetupFinished, StartSetup
from appliance.model.calls import Caller, CallerIdentity, Closing, Direction, EndCause, Opening, call_id
from appliance.service import Stopping
from appliance.storage.people import Hardness
from appliance.storage.spool import Spool, read_seal_to

QUICK = Hardness(memory_kib=32, passes=1, lanes=1)
PASSWORD = "copper kettle 41 drifting"
OTHER = "violet harbour 72 lantern"
DESK = "192.0.2.7"
NUMBER = "01632960846"


class UnsyncedDisk:
    """The machine's disk without the waiting: for tests that ask many times and cut no power."""

    def __getattr__(self, name):
        return (lambda _fd: None) if name == "fsync" else getattr(os, name)


class Box:
    """The keeper without its process: stores, desk and answers. ``restart`` opens everything again."""

    def __init__(self, folder, clock=None, disk=REAL_DISK):
        lines = (LineConfig("Reception", Tap.SIMULATED), LineConfig("Back office", Tap.SIMULATED))
        self.config = Config(folder / "data", lines)
        self.folders, self.disk = self.config.folders, disk
        self.folders.live.mkdir(parents=True, exist_ok=True)  # the recorder's, not the keeper's to make
        self.clock = clock or FakeClock()
        self.salts = itertools.count(1)
        self.secrets = {}
        self.restart()

    def close(self):
        self.desk.shelf.clear()
        self.desk.shared_shelf.clear()
        self.stores.journal.close()

    def restart(self):
        self.stores = open_stores(self.folders, self.clock, self.disk, QUICK)
        self.desk = open_desk(self.config, self.stores)
        self.answers = Answers(self.desk)
        self.stopping = Stopping()
        self.chores = Chores(self.desk, self.stopping)
        self.spool = Spool(self.folders.spool, self.disk)

    # --- the recorder's part ----------------------------------------------------------------------------------------

    def opening(self, line=1, number=NUMBER, direction=Direction.IN, continues=None, name=None):
        now = self.clock.now()
        identity = CallerIdentity.NUMBER if number else CallerIdentity.WITHHELD
        return Opening(
            call_id=call_id(now.at, line, f"{next(self.salts):06x}"),
            line=line,
            line_name=self.config.line[line - 1].name,
            started_at=now.at,
            clock=now.quality,
            boot_id=self.clock.boot_id(),
            boottime_s=self.clock.monotonic(),
            direction=direction,
            caller=Caller(identity, number, name) if direction is Direction.IN else Caller(),
            continues=continues,
        )

    def closing(self, opening, plain, duration_s=10.0, missed=False, dialled=None):
        return Closing(
            ended_at=opening.started_at + timedelta(seconds=duration_s),
            duration_s=duration_s,
            audio_bytes=len(plain),
            direction=opening.direction,
            caller=opening.caller,
            dialled=dialled,
            answered=not missed,
            missed=missed,
            rings=2,
            cause=EndCause.HOOK,
            peaks=bytes(range(50)),
        )

    def begin(self, plain=b"sound" * 2000, **of):
        """Begin a recording that does not end."""
        opening = self.opening(**of)
        recording = self.spool.begin(opening, read_seal_to(self.folders.intake))
        recording.audio.write(plain)
        recording.sync()
        return opening, recording

    def call(self, plain=b"sound" * 2000, duration_s=10.0, dialled=None, trim=0, **of):
        """Record a whole call; ``trim`` bytes at its end are after the hang-up. Returns its id."""
        opening, recording = self.begin(plain, **of)
        recording.close(self.closing(opening, plain[: len(plain) - trim], duration_s, dialled=dialled))
        return opening.call_id

    def missed(self, **of):
        opening = self.opening(**of)
        self.spool.note_missed(opening, self.closing(opening, b"", missed=True), read_seal_to(self.folders.intake))
        return opening.call_id

    def taken(self, **of):
        """Record a call and take it in."""
        call = self.call(**of)
        self.stores.intake.take(frozenset())
        return call

    # --- people -----------------------------------------------------------------------------------------------------

    def ask(self, request):
        return self.answers.answer(request)

    def set_up(self):
        code = (self.folders.run / "setup-code").read_text().strip()
        offer = self.ask(StartSetup(code, "Anytown Practice", "manager", DESK))
        self.secrets["manager"] = offer.secret
        typed = self.code("manager")
        request = FinishSetup(code, "Anytown Practice", "The manager", "manager", PASSWORD, offer.secret, typed, DESK)
        finished = self.ask(request)
        assert isinstance(finished, SetupFinished)
        self.clock.advance(30)
        return finished

    def code(self, username):
        return pyotp.TOTP(self.secrets[username]).generate_otp(int(self.clock.now().at.timestamp()) // 30)

    def sign_in(self, username="manager", password=PASSWORD):
        signed = self.ask(SignIn(username, password, self.code(username), DESK))
        assert isinstance(signed, SignedIn)
        self.clock.advance(30)
        return signed.token

    def add(self, username, role, token):
        added = self.ask(AddPerson(token, username, f"{username} of Anytown", role, OTHER))
        self.secrets[username] = added.totp.secret
        return self.sign_in(username, OTHER)

    def acts(self):
        """Return the journal's acts, oldest first."""
        from appliance.storage.journalcheck import pages

        _, lines = pages(self.stores.journal_folder, 1, 10_000)
        return [line.act for line in reversed(lines)]


def with_start(entry, at):
    """Return an entry of another start, id and all."""
    stated = replace(entry.stated, at=at)
    return replace(entry, call_id=call_id(at, entry.line, entry.call_id[-6:]), started_at=at, stated=stated)
