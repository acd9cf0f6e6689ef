"""A whole box at the size of years: its keeper, its site and its nginx, and a vault filled before they start."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import pyotp
import tomli_w

from appliance.bench.browsing import Browser, PageWrong, answers
from appliance.bench.longcall import put_long_call
from appliance.bench.practice import Practice
from appliance.bench.processes import cpu_ms, end, resident_mb, until
from appliance.config import Config, LineConfig, WebConfig, to_toml_values
from appliance.files import usable_folder
from appliance.keeper.service import KeeperService
from appliance.link.messages.setup import FinishSetup, SetupFinished, StartSetup, TotpOffer
from appliance.model.calls import CallId
from appliance.service import Stopping

Progress = Callable[[str], None]

SERVICES = ("keeper", "web", "front")

_PASSWORD, _MANAGER, _PRACTICE = "copper kettle 41 drifting", "manager", "Anytown Surgery"
_YEAR = timedelta(days=364)
"""All of it is still kept: a box keeps calls for twelve months."""
_READY_S = 120.0
_INDEXED_S = 1800.0
_NOBODYS = "07700900999"
"""A number that no recording has, so that asking costs little."""


class WholeBox:
    """Three processes on a filled vault. A context manager: they run while the block does."""

    def __init__(
        self, folder: Path, lines: Sequence[LineConfig], count: int, long_s: float, progress: Progress
    ) -> None:
        """Set a box up below ``folder``, with ``count`` recordings of the last year and one of ``long_s`` seconds."""
        self._folder, self._progress = folder, progress
        self.settings = folder / "linekeeper.toml"
        self.config = Config(folder / "data", web=WebConfig(port=free_port()), line=tuple(lines))
        for path in (self.config.folders.spool, self.config.folders.live, self.config.folders.run):
            usable_folder(path)
        self._codes = self._set_up()
        self._fill(count)
        progress(f"sealing a recording of {long_s / 3600:.1g} hours")
        self.long_call: CallId = put_long_call(self.config.folders, datetime.now(UTC) - timedelta(hours=5), long_s)
        self._running = ExitStack()
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        """Start the processes, and wait until the site answers."""
        self.settings.write_text(tomli_w.dumps(to_toml_values(self.config)), encoding="utf-8")
        for service in SERVICES:
            with (self._folder / f"{service}.log").open("ab") as words:
                command = [sys.executable, "-m", "appliance", service, "--config", str(self.settings)]
                process = subprocess.Popen(command, stdout=words, stderr=words)
            self._processes.append(process)
            self._running.callback(end, process)
        until(lambda: answers(self.port), _READY_S, "the site answers")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _it: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End them: nginx first, the keeper last."""
        self._running.close()

    @property
    def port(self) -> int:
        """The site's port of loopback."""
        return self.config.web.port

    def sign_in(self, browser: Browser) -> float:
        """Sign the manager in; return the milliseconds that it took."""
        return browser.sign_in(_MANAGER, _PASSWORD, self._codes.pop())

    def wait_until_searchable(self, browser: Browser) -> float:
        """Wait until a search sees every call; return the seconds that took."""
        self._progress("opening every number, after signing in")
        begun = time.monotonic()
        token = browser.token("/calls")

        def all_seen() -> bool:
            where = browser.post("/search", token, {"number": _NOBODYS}).where
            return "still looking" not in browser.get(where).text

        until(all_seen, _INDEXED_S, "every call can be searched", every_s=1.0)
        return time.monotonic() - begun

    def resident_mb(self) -> float:
        """Return the resident memory of the three services, every process of theirs, in megabytes."""
        return sum(resident_mb(process.pid) for process in self._processes)

    def cpu_ms(self) -> float:
        """Return the processor time that the three services have taken, in milliseconds."""
        return sum(cpu_ms(process.pid) for process in self._processes)

    def _set_up(self) -> list[str]:
        """Set it up as the manager does; return recovery codes, each good for signing in once."""
        stopping = Stopping()
        keeper = KeeperService(self.config, stopping)
        ask, address = keeper.answers.answer, "127.0.0.1"
        code = (self.config.folders.run / "setup-code").read_text(encoding="ascii").strip()
        offer = ask(StartSetup(code, _PRACTICE, _MANAGER, address))
        if not isinstance(offer, TotpOffer):
            raise PageWrong("Set-up did not begin.")
        now = pyotp.TOTP(offer.secret).now()
        done = ask(FinishSetup(code, _PRACTICE, "Manager", _MANAGER, _PASSWORD, offer.secret, now, address))
        if not isinstance(done, SetupFinished):
            raise PageWrong("Set-up did not end.")
        stopping.ask()
        keeper.run()
        return list(done.recovery_codes)

    def _fill(self, count: int) -> None:
        today = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
        practice = Practice(self.config.folder, first=today - _YEAR)
        for done in practice.fill(count):
            self._progress(f"sealing recordings: {done:,} of {count:,}")
        for done, day in enumerate(practice.days(), start=1):
            practice.catalogue.rewrite(day)
            if done % 50 == 0:
                self._progress(f"listing them: {done} days")
        practice.close()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
