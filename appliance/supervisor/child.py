"""One process that should always be running, and when it may be started again after it ended by itself."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 4.0
"""A process that was killed is back within five seconds, however often it has been."""

SETTLED_S = 30.0
"""A process that ran this long has started well: its next restart waits the shortest pause again."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. ``stop_s`` is how long it may take to end by itself once asked."""

    name: str
    argv: tuple[str, ...]
    stop_s: float = 10.0


Launch = Callable[[Program, Path], "subprocess.Popen[bytes]"]


def launch(program: Program, log: Path) -> "subprocess.Popen[bytes]":
    """Start ``program`` in a session of its own, so that Ctrl-C reaches the supervisor alone.

    What it says goes to ``log``.
    """
    with log.open("ab") as words:
        return subprocess.Popen(
            program.argv,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )


class Child:
    """A program kept running. ``look`` is called again and again; it says what happened in between."""

    def __init__(self, program: Program, log: Path, monotonic: Callable[[], float], launcher: Launch = launch) -> None:
        """Start nothing yet."""
        self.program = program
        self._log, self._monotonic, self._launch = log, monotonic, launcher
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause_s = FIRST_PAUSE_S
        self._start_again_at: float | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the program."""
        self._process = self._launch(self.program, self._log)
        self._started_at = self._monotonic()
        self._start_again_at = None

    def look(self) -> str | None:
        """Start the program again when it has ended and its pause is over; return words when something happened."""
        if self._start_again_at is not None:
            if self._monotonic() < self._start_again_at:
                return None
            self.start()
            return f"{self.program.name} is running again"
        if self._process is None or (code := self._process.poll()) is None:
            return None
        ran_s = self._monotonic() - self._started_at
        self._pause_s = FIRST_PAUSE_S if ran_s >= SETTLED_S else self._pause_s
        self._start_again_at = self._monotonic() + self._pause_s
        self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2)
        self._process = None
        return f"{self.program.name} ended by itself ({_ending(code)}); its log is {self._log}. Starting it again"

    def ask_to_stop(self) -> None:
        """Ask the program to end (SIGTERM)."""
        self._start_again_at = None
        if self._process is not None:
            self._process.terminate()

    def wait_stopped(self) -> bool:
        """Wait until it has ended; kill it when it takes too long. Return whether it ended by itself."""
        if self._process is None:
            return True
        try:
            self._process.wait(self.program.stop_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        finally:
            self._process = None
        return True


def python_program(python: str, name: str, arguments: Sequence[str]) -> Program:
    """Return the program that runs one of our own verbs."""
    return Program(name, (python, "-m", "appliance", name, *arguments))


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
