"""Updates: the box's word on them, which root writes and the keeper only reads."""

from datetime import datetime
from pathlib import Path

import msgspec

from appliance.codec import from_json
from appliance.errors import SealBroken
from appliance.keeper.desk import Desk, Handlers
from appliance.link.messages.updates import AskUpdates, Update, Updates
from appliance.model.people import Right

_MOST_PAST = 20


class _Status(msgspec.Struct, frozen=True):
    """``status.json``; what is not known here is passed over."""

    stage: str
    version: str = ""
    offered: str = ""
    text: str = ""
    at: datetime | None = None


class _Ended(msgspec.Struct, frozen=True):
    """A line of ``history.jsonl``."""

    at: datetime
    outcome: str
    version: str = ""
    offered: str = ""
    text: str = ""


class UpdateAnswers:
    """Answers about updates."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk = desk

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {AskUpdates: self.state}

    def state(self, request: AskUpdates) -> Updates:
        """Return how updates stand."""
        self._desk.gate.with_right(request, Right.SEE_HEALTH)
        return read_updates(self._desk.stores.folders.updates)


def read_updates(folder: Path) -> Updates:
    """Return what the box says in ``folder`` of its updates."""
    if not folder.is_dir():
        return Updates(None)
    try:
        status = from_json(_read(folder / "status.json") or b'{"stage":"none"}', _Status)
        ended = [from_json(line, _Ended) for line in _read(folder / "history.jsonl").splitlines()]
    except (SealBroken, OSError):
        return Updates(Update("none", "", "", "", None), unreadable=True)
    now = Update(status.stage, status.version, status.offered, status.text, status.at)
    past = (Update(one.outcome, one.version, one.offered, one.text, one.at) for one in reversed(ended[-_MOST_PAST:]))
    return Updates(now, tuple(past))


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
