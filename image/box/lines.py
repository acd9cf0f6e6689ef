"""What the recorder says of the lines, as far as an update asks."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STATUS = Path("/var/lib/linekeeper/live/recorder.json")
_FRESH_S = 15.0
_BUSY = {"recording", "ringing"}
_DEAF = {"fault", "starting"}


@dataclass(frozen=True, slots=True)
class Lines:
    """``heard``: the names of lines that give sound. ``busy``: whether a call is under way on any."""

    heard: list[str]
    busy: bool


def read_lines(path: Path = STATUS, now: Callable[[], float] = time.time) -> Lines | None:
    """Read how the lines stand; None where the recorder has said nothing for a while."""
    try:
        if now() - path.stat().st_mtime > _FRESH_S:
            return None
        lines = json.loads(path.read_text(encoding="utf-8"))["lines"]
        states = {str(line["name"]): str(line["state"]) for line in lines}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Lines([name for name, state in states.items() if state not in _DEAF], bool(_BUSY & set(states.values())))


def wait_until_quiet(quiet_s: float, path: Path = STATUS) -> None:
    """Return once no line has been busy for ``quiet_s``; a recorder that says nothing records nothing."""
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < quiet_s:
        lines = read_lines(path)
        if lines is not None and lines.busy:
            quiet_since = time.monotonic()
        time.sleep(1.0)
