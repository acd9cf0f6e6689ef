"""What the box says of its updates: one small file for the settings page, and one line for each update that ended."""

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

UPDATES = Path("/var/lib/linekeeper/updates")
RELEASE = Path("/usr/share/linekeeper/release")
_KEPT = 50


class Stage(StrEnum):
    """How far an update is."""

    NONE = "none"
    CHECKING = "checking"
    WAITING = "waiting"  # for the lines to be quiet, to install
    INSTALLING = "installing"
    INSTALLED = "installed"  # and waiting for the lines to be quiet, to start again
    RESTARTING = "restarting"
    DONE = "done"
    REFUSED = "refused"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True, slots=True)
class Bulletin:
    """``status.json``. ``version`` runs; ``offered`` is the update's. ``well``: lines that were heard before it."""

    stage: Stage = Stage.NONE
    version: str = ""
    offered: str = ""
    text: str = ""
    at: str = ""
    well: list[str] = field(default_factory=list)


def running_version(path: Path = RELEASE) -> str:
    """Return the version that runs."""
    return path.read_text(encoding="ascii").strip()


def read_bulletin(folder: Path = UPDATES) -> Bulletin:
    """Read what was said last; a file that is missing or damaged says nothing."""
    try:
        raw: dict[str, Any] = json.loads((folder / "status.json").read_text(encoding="utf-8"))
        return Bulletin(**{**raw, "stage": Stage(raw["stage"])})
    except (OSError, ValueError, TypeError, KeyError):
        return Bulletin()


def publish(stage: Stage, offered: str, text: str, well: list[str] | None = None, folder: Path = UPDATES) -> None:
    """Say how far an update is; where it has ended, also in the history."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    said = Bulletin(stage, running_version(), offered, text, at, well or [])
    _replace(folder / "status.json", json.dumps(asdict(said), ensure_ascii=False) + "\n")
    if stage in (Stage.DONE, Stage.REFUSED, Stage.ROLLED_BACK):
        history = folder / "history.jsonl"
        lines = history.read_text(encoding="utf-8").splitlines() if history.exists() else []
        one = {"at": at, "outcome": stage, "version": said.version, "offered": offered, "text": text}
        _replace(history, "".join(f"{line}\n" for line in [*lines, json.dumps(one, ensure_ascii=False)][-_KEPT:]))


def given_up(folder: Path = UPDATES) -> frozenset[str]:
    """Return the versions that the box has gone back from."""
    try:
        lines = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
        past = [json.loads(line) for line in lines]
        return frozenset(str(one["offered"]) for one in past if one["outcome"] == Stage.ROLLED_BACK)
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.chmod(0o644)
    new.rename(path)
