"""Programs that a bench starts: waiting for what they do, ending them, and the memory they take."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from appliance.bench.browsing import PageWrong

_ENDS_S = 30.0
_USER_AND_SYSTEM = (11, 12)
"""Fields of /proc/PID/stat after the name, in ticks."""


def until(true: Callable[[], bool], limit_s: float, what: str, every_s: float = 0.1) -> None:
    """Wait until something is true.

    Raises:
        PageWrong: it is not after ``limit_s``; says what.
    """
    last = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > last:
            raise PageWrong(f"Not within {limit_s:.0f} s: {what}.")
        time.sleep(every_s)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Have a program end, and wait for it."""
    process.terminate()
    try:
        process.wait(timeout=_ENDS_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process and of all that it started, in megabytes."""
    return sum(_resident_kb(Path(f"/proc/{one}/status").read_text("utf-8")) for one in _family(pid)) / 1024


def cpu_ms(pid: int) -> float:
    """Return the processor time that a process and all that it started have taken, in milliseconds."""
    stats = [Path(f"/proc/{one}/stat").read_text("utf-8").rpartition(")")[2].split() for one in _family(pid)]
    return sum(int(stat[at]) for stat in stats for at in _USER_AND_SYSTEM) * 1000.0 / os.sysconf("SC_CLK_TCK")


def bare_python_mb() -> float:
    """Return what an interpreter takes that does nothing."""
    command = [sys.executable, "-Ic", "print(open('/proc/self/status').read())"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return _resident_kb(said) / 1024


def _family(pid: int) -> list[int]:
    """Return a process and all that it started, and those."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _resident_kb(status: str) -> int:
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
