"""A recorder's process on sound cards without hardware, on each of which a call goes on; looked at from outside."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alsa import simcard
from appliance.audio import RATE
from appliance.capture.simulator.pair import SimulatedPair
from appliance.codec import read_json
from appliance.model.status import LineState, RecorderStatus
from appliance.storage.spool import publish
from appliance.storage.unsealing import PrivateKey
from sounds import at_rate

CARD_RATE = 16_000
_LEAD_S = 2.5
_FOUR_TIMES = -6  # steps of priority; each is a quarter more
_PIECE_S = 30.0


def _nice_on_the_box():
    """What the recorder's unit says: of priorities, the only one that a machine without its own init can be given."""
    unit = Path(__file__).parents[2] / "systemd" / "linekeeper-recorder.service"
    return next(int(line.removeprefix("Nice=")) for line in unit.read_text().splitlines() if line.startswith("Nice="))


def tape(seed, length_s, zeros=()):
    """A line on which somebody lifts after some seconds and talks to the end. From each of ``zeros`` (s) to the next
    moment the card is mute: pairs of seconds."""
    pair = SimulatedPair(seed=seed)
    pair.idle(_LEAD_S)
    pair.lift()
    while pair.position < length_s * RATE:
        pair.talk(min(_PIECE_S, length_s - pair.position / RATE + 1.0))
    audio = pair.audio()[: round(length_s * RATE)]
    for start, end in zeros:
        audio[round(start * RATE) : round(end * RATE)] = 0.0
    return audio


class Box:
    """``lines`` cards with one line each, and the recorder that records them."""

    def __init__(self, folder, tapes):
        self.root, self.key = folder / "data", PrivateKey.generate()
        (self.root / "intake").mkdir(parents=True)
        (folder / "cards").mkdir()
        self._cards = simcard.SimCards(simcard.build(folder), folder / "cards")
        self.tapes = tapes
        self.cards = [
            self._cards.add(f"card{number}", at_rate(audio, CARD_RATE), CARD_RATE)
            for number, audio in enumerate(tapes, start=1)
        ]
        lines = "".join(f'[[line]]\nname = "Line {n}"\ncard = "card{n}"\n' for n in range(1, len(tapes) + 1))
        self._config = folder / "box.toml"
        self._config.write_text(f'folder = "{self.root}"\n{lines}')
        self.process = None

    def start(self):
        publish(self.root / "intake", self.key.seal_to)
        command = [sys.executable, "-m", "appliance", "recorder", "--config", str(self._config)]
        command = ["nice", "-n", str(_nice_on_the_box() - os.nice(0)), *command]  # as it is where that is not allowed
        environment = os.environ | {"ALSA_CONFIG_PATH": str(self._cards.config)}
        with (self.root / "recorder.log").open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log, env=environment)
        return self

    def favour(self):
        """Give it the share of the processor that its unit has on the box (``CPUWeight``: four times a service's).

        Where the kernel groups processes by session, priorities count within a session only.
        """
        for pid in (self.process.pid, *children_of(self.process.pid)):
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/autogroup").write_text(str(_FOUR_TIMES))

    def stop(self, within_s=30.0):
        """Ask it to end; return how long that took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=within_s)
        return time.monotonic() - started

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def status(self):
        return read_json(self.root / "live" / "recorder.json", RecorderStatus)

    def recording(self):
        status = self.status()
        return status is not None and all(line.state is LineState.RECORDING for line in status.lines)

    def began(self, line):
        """World time of the first sample of line ``line`` (from 0), from when its card says it began."""
        began_s = float(self.cards[line]._ctl.with_suffix(".epoch").read_text())
        return datetime.now(UTC) - timedelta(seconds=time.clock_gettime(time.CLOCK_MONOTONIC) - began_s)

    # --- the processes ---

    def children(self):
        """The recorder's child processes by the card they capture."""
        found = {}
        for pid in children_of(self.process.pid):
            words = _words(pid)
            if "appliance.capture.card" in words:
                found[words[-1]] = pid
        return found

    def measured(self):
        """What the recorder and its children take now."""
        pids = [self.process.pid, *children_of(self.process.pid)]
        return Taken(
            descriptors=len(list(Path(f"/proc/{self.process.pid}/fd").iterdir())),
            threads=len(list(Path(f"/proc/{self.process.pid}/task").iterdir())),
            children=len(pids) - 1,
            zombies=sum(_state(pid) == "Z" for pid in pids),
            rss_mb=_rss_mb(self.process.pid),
            cpu_s=sum(map(cpu_s_of, pids)),
        )


class Taken:
    """Descriptors, threads, children, memory (MB) and processor seconds of a recorder at one moment."""

    def __init__(self, **figures):
        self.__dict__.update(figures)

    def __repr__(self):
        return ", ".join(f"{name} {value:.1f}".replace(".0", "") for name, value in self.__dict__.items())


def _stat(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _state(pid):
    stat = _stat(pid)
    return stat[0] if stat else "gone"


def cpu_s_of(pid):
    """Of the process and of the children it has waited for."""
    stat = _stat(pid)
    return sum(map(int, stat[11:15])) / os.sysconf("SC_CLK_TCK") if stat else 0.0


def children_of(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def _words(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _rss_mb(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
