"""A whole box for the tests: the real keeper, the real site and the real nginx, on free loopback ports."""

import contextlib
import os
import re
import secrets
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyotp
from browserless import Browserless

from appliance import codec, config, files
from appliance.audio import RATE
from appliance.capture.opus import OpusStream
from appliance.capture.peaks import Peaks
from appliance.clock import LONDON, ClockQuality
from appliance.model.calls import Caller, CallerIdentity, Closing, Direction, EndCause, Opening, Span, call_id
from appliance.model.status import LineState, LineStatus, RecorderStatus
from appliance.storage.spool import Spool, read_seal_to
from appliance.web import front
from waiting import eventually, free_port

PASSWORD = "copper kettle 41 drifting"
MANAGER = "manager"
NUMBERS = ("01632960846", "02079460123", "07700900456")


class Box:
    """Three processes and a recorder's word. ``people`` are usernames with what they sign in with."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.config_file = folder / "linekeeper.toml"
        self.config_file.write_text(
            f'folder = "{folder / "data"}"\n[web]\nport = {self.port}\n'
            '[[line]]\nname = "Line 1"\ntap = "simulated"\n[[line]]\nname = "Line 2"\ntap = "simulated"\n'
        )
        self.config = config.load(self.config_file)
        for path in (self.config.folders.spool, self.config.folders.live, self.config.folders.run):
            files.usable_folder(path)
        self.recorder = RecorderWord(self.config.folders.live / "recorder.json")
        self.services, self.people, self.logs = {}, {}, {}

    @property
    def address(self):
        return front.address(self.config).rstrip("/")

    def start(self):
        for service in ("keeper", "web", "front"):
            self.start_service(service)
        eventually(self._answers, f"the box answers; the keeper said: {self.log('keeper')}")
        return self

    def start_service(self, service):
        log = (self.folder / f"{service}.log").open("ab")
        command = [sys.executable, "-m", "appliance", service, "--config", str(self.config_file)]
        self.services[service] = subprocess.Popen(command, stdout=log, stderr=log)
        log.close()

    def stop_service(self, service):
        process = self.services.pop(service)
        process.terminate()
        return process.wait(timeout=60)

    def cpu_s(self):
        """Processor time that keeper and site have used up, in seconds."""
        return sum(_cpu_s(self.services[name].pid) for name in ("keeper", "web"))

    def stop(self):
        self.recorder.stop()
        for service in list(self.services):
            self.stop_service(service)

    def log(self, service):
        return (self.folder / f"{service}.log").read_text()

    def setup_code(self):
        return eventually(self._setup_code, "the setup code is shown")

    def client(self):
        return Browserless(self.port)

    def set_up(self):
        """Set the box up through its pages, as the manager does."""
        client = self.client()
        client.post_form("/setup", code=self.setup_code())
        client.post_form("/setup/practice", practice="Anytown Surgery", clock="right")
        client.post_form("/setup/you", name="The Manager", username=MANAGER, password=PASSWORD, again=PASSWORD)
        page = client.get("/setup/second-factor").text
        secret = secret_on(page)
        done = client.post_form("/setup/second-factor", code=pyotp.TOTP(secret).now())
        assert "Recording is on" in done.text, done.text
        self.sheet = re.search(r'id="sheet">([^<]+)<', done.text)[1]
        self.people[MANAGER] = Person(MANAGER, secret, codes_on(done.text))

    def add_person(self, manager, role, username=""):
        """Add somebody of ``role``, who is then called like it."""
        name = username or role
        manager.prove()
        manager.post_form(
            "/people/add", name=f"The {name}", username=name, role=role, password=PASSWORD, again=PASSWORD
        )
        self.shown(manager, name)

    def shown(self, manager, username):
        """Take down what the page of new codes shows, as the person does with their phone."""
        page = manager.get(manager.last.headers["Location"]).text
        self.people[username] = Person(username, secret_on(page), codes_on(page))

    def signed_in(self, username, password=PASSWORD):
        """Return a client of somebody's new session."""
        client = self.client()
        person = self.people[username]
        client.post_form("/sign-in", username=username, password=password, code=person.code())
        assert client.last.status == 303, client.last.text
        return client

    def record(self, seconds=20.0, number=NUMBERS[0], ago=timedelta(hours=1), line=1, **more):
        """Put a finished call into the spool, as the recorder does; return its id."""
        return put_call(self.config.folders, seconds, number, datetime.now(UTC) - ago, line, **more)

    def _setup_code(self):
        path = self.config.folders.run / "setup-code"
        return path.read_text().strip() if path.exists() else ""

    def _answers(self):
        for service, process in self.services.items():
            assert process.poll() is None, f"{service} has ended: {self.log(service)}"
        with contextlib.suppress(OSError):
            return self.client().get("/sign-in").status in (200, 303)
        return False


class Person:
    """What somebody signs in with. Each code is good once, so the phone's are used first and then recovery codes."""

    def __init__(self, username, secret, codes):
        self.username, self.secret, self.codes = username, secret, list(codes)
        self._used = int(time.time()) // 30

    def code(self):
        step = int(time.time()) // 30
        if self._used > step:
            return self.codes.pop()
        self._used = max(step, self._used + 1)
        return pyotp.TOTP(self.secret).generate_otp(self._used)


class RecorderWord:
    """The recorder's word, twice a second: the state of two lines, set by the test."""

    def __init__(self, path):
        self._path, self._stopped = path, threading.Event()
        self.states = {1: LineState.IDLE, 2: LineState.IDLE}
        self.silent = False
        self.level_dbfs, self.alarms, self.began = -50.0, (), datetime.now(UTC)
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._thread.start()

    def stop(self):
        self._stopped.set()
        self._thread.join(timeout=5)

    def _go_on(self):
        while not self._stopped.wait(0.3):
            if self.silent:
                continue
            lines = tuple(
                LineStatus(
                    line,
                    f"Line {line}",
                    state,
                    self.began,
                    self.level_dbfs,
                    simulated=True,
                    floor_dbfs=-71.0,
                    hum_dbfs=-74.0,
                )
                for line, state in sorted(self.states.items())
            )
            files.replace_quickly(
                self._path, codec.to_json(RecorderStatus(datetime.now(UTC), self.began, lines, self.alarms))
            )


def _cpu_s(pid):
    """Of the process and of what it has started."""
    used = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[11:13]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK") + sum(map(_cpu_s, children))


class _SealedSink:
    def __init__(self, audio):
        self._audio, self.size = audio, 0

    def write(self, data):
        self._audio.write(data)
        self.size += len(data)
        return len(data)


def put_call(folders, seconds, number, at, line, name=None, direction=Direction.IN, spans=(), missed=False):
    """Record a call of two talking tones into the spool."""
    key = eventually(lambda: read_seal_to(folders.intake), "the keeper publishes its key")
    caller = Caller(CallerIdentity.NUMBER if number else CallerIdentity.WITHHELD, number, name)
    opening = Opening(
        call_id(at, line, secrets.token_hex(3)), line, f"Line {line}", at, ClockQuality.SYNCHRONISED, "boot", 1.0,
        direction, caller,
    )  # fmt: skip
    closing = {
        "ended_at": at + timedelta(seconds=seconds), "direction": direction, "caller": caller, "dialled": None,
        "rings": 3, "cause": EndCause.CLICK_AND_FLOOR, "missed": missed, "answered": not missed,
    }  # fmt: skip
    spool = Spool(folders.spool)
    if missed:
        spool.note_missed(opening, Closing(duration_s=0.0, audio_bytes=0, **closing), key)
        return opening.call_id
    recording = spool.begin(opening, key)
    sink, peaks, samples = _SealedSink(recording.audio), Peaks(), _talk(seconds)
    stream = OpusStream(sink)
    stream.write(samples)
    stream.close()
    peaks.write(samples)
    spans = spans or (Span("speech", 1.0, min(6.0, seconds)), Span("held", seconds / 2, seconds / 2 + 2))
    recording.close(
        Closing(
            duration_s=seconds, audio_bytes=sink.size, spans=tuple(spans), peaks=peaks.up_to(len(samples)), **closing
        )
    )
    return opening.call_id


def _talk(seconds):
    t = np.arange(int(seconds * RATE)) / RATE
    voices = np.where((t % 4) < 2, np.sin(2 * np.pi * 220 * t), np.sin(2 * np.pi * 330 * t))
    return (0.3 * voices * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))).astype(np.float32)


def days_from_now(name, days):
    """Return the three boxes of a day, as a form sends them."""
    when = (datetime.now(UTC).astimezone(LONDON) + timedelta(days=days)).date()
    return {f"{name}-day": when.day, f"{name}-month": when.month, f"{name}-year": when.year}


def secret_on(page):
    return re.search(r'id="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")


def codes_on(page):
    return re.findall(r"<li>([^<]+)</li>", page[page.index('class="lk-codes"') :])
