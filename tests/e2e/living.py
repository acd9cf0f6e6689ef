"""The whole appliance as a user starts it, and somebody who works with it."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pyotp

from appliance import config
from appliance.errors import LinkBroken
from appliance.link.client import Link
from appliance.link.messages.base import Done
from appliance.link.messages.call import Audio, Call, GetCall, ReadAudio, StartListening
from appliance.link.messages.calls import CallPage, CallQuery, ListCalls
from appliance.link.messages.sessions import SignedIn, SignIn
from appliance.link.messages.setup import AskSetup, FinishSetup, SetupFinished, SetupState, StartSetup, TotpOffer
from appliance.model.people import Purpose
from waiting import eventually, free_port

PASSWORD = "copper kettle 41 drifting"
_PIECE = 128 << 10


class LivingAppliance:
    """``linekeeper run`` in a folder of its own, with the lines of ``toml``; ``recording`` where these can be heard."""

    def __init__(self, folder, toml, *arguments, recording=True):
        self.port = free_port()
        self.file = folder / "linekeeper.toml"
        self.file.write_text(f'folder = "{folder / "data"}"\n[web]\nport = {self.port}\n{toml}')
        self.config = config.load(self.file)
        self.words = folder / "words.txt"
        self._arguments, self._recording = arguments, recording
        self.process = None

    def start(self):
        before = self.words.read_text().count("The site:") if self.words.exists() else 0
        with self.words.open("ab") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "appliance", "run", "--config", str(self.file), *self._arguments],
                stdout=words,
                stderr=words,
            )
        if self._recording:
            self.said("Recording is on.", timeout_s=40, times=before + 1)
        self.said("The site:", timeout_s=40, times=before + 1)
        eventually(self._keeper_answers, "the keeper answers")
        return self

    def _keeper_answers(self):
        try:
            with Link(self.config.folders.keeper_socket) as link:
                return link.ask(AskSetup(), SetupState)
        except LinkBroken:
            return None

    def said(self, words, timeout_s=30.0, times=1):
        return eventually(
            lambda: self.words.read_text().count(words) >= times and self.words.read_text(),
            f"“{words}” said {times} times; what was said:\n{self.words.read_text()}",
            timeout_s,
        )

    def setup_code(self):
        return (self.config.folders.run / "setup-code").read_text().strip()

    def pid(self, service):
        """Return the process id of a service, which is the supervisor's own child."""
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, check=False
        )
        rows = [row.split(None, 1) for row in listed.stdout.decode().splitlines()]
        return next((int(pid) for pid, args in rows if f"appliance {service} " in args), None)

    def kill(self, service):
        """Kill a service as a crash does; return the seconds until it runs again."""
        old = self.pid(service)
        os.kill(old, signal.SIGKILL)
        killed_at = time.monotonic()
        eventually(lambda: self.pid(service) not in (None, old), f"{service} is started again", 10)
        return time.monotonic() - killed_at

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        return self.process.returncode if self.process else None


class Manager:
    """The practice manager, working over the keeper's own socket where no page is under test."""

    def __init__(self, appliance):
        self._appliance = appliance
        self.link = Link(appliance.config.folders.keeper_socket)
        self.codes, self.token = [], b""

    def go_home(self):
        self.link.close()

    def set_up(self):
        code = self._appliance.setup_code()
        offer = self.link.ask(StartSetup(code, "Anytown Surgery", "manager", ""), TotpOffer)
        now = pyotp.TOTP(offer.secret).now()
        done = self.link.ask(
            FinishSetup(code, "Anytown Surgery", "The manager", "manager", PASSWORD, offer.secret, now, ""),
            SetupFinished,
        )
        self.codes = list(done.recovery_codes)
        return self

    def sign_in(self):
        self.token = self.link.ask(SignIn("manager", PASSWORD, self.codes.pop(), ""), SignedIn).token
        return self

    def calls(self, **query):
        return self.link.ask(ListCalls(self.token, CallQuery(**query), per_page=100), CallPage).calls

    def call(self, call_id):
        return self.link.ask(GetCall(self.token, call_id), Call)

    def audio(self, call_id):
        """Return the whole Ogg Opus of a call."""
        self.link.ask(StartListening(self.token, call_id, Purpose.FACTS), Done)
        whole = bytearray()
        while True:
            piece = self.link.ask(ReadAudio(self.token, call_id, len(whole), _PIECE), Audio)
            whole += piece.data
            if len(whole) >= piece.total:
                return bytes(whole)
