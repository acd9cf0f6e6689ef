"""Updates: the box's word on them, which root writes and the keeper only reads; and one that is uploaded."""

from datetime import datetime
from pathlib import Path

import msgspec

from appliance.codec import from_json
from appliance.errors import SealBroken, UpdateRefused
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.upload import GIVEN, Upload
from appliance.link.messages.updates import (
    UNDER_WAY,
    AddToUpdate,
    AskUpdates,
    BeginUpdate,
    Update,
    UpdatePart,
    Updates,
)
from appliance.model.people import Right
from appliance.storage.journalline import Act

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
        self._upload = Upload(desk.stores.folders.updates / "incoming", desk.space.room, desk.stores.disk)

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {AskUpdates: self.state, BeginUpdate: self.begin, AddToUpdate: self.add}

    def state(self, request: AskUpdates) -> Updates:
        """Return how updates stand."""
        self._desk.gate.with_right(request, Right.SEE_HEALTH)
        return read_updates(self._desk.stores.folders.updates)

    def begin(self, request: BeginUpdate) -> UpdatePart:
        """Begin an upload."""
        self._desk.gate.freshly(request, Right.BRING_UPDATES)
        self._check_none_under_way()
        return self._upload.begin(request.size)

    def add(self, request: AddToUpdate) -> UpdatePart:
        """Take a piece of it. The whole is given to the box once that is written down."""
        session = self._desk.gate.with_right(request, Right.BRING_UPDATES)

        def give(size: int) -> None:
            self._check_none_under_way()
            self._desk.stores.journal.append(Act.UPDATE_UPLOADED, session.person.username, bytes=str(size))

        return self._upload.add(request.place, request.at, request.data, give)

    def _check_none_under_way(self) -> None:
        updates = read_updates(self._desk.stores.folders.updates)
        if updates.unreadable:
            raise UpdateRefused("What the box says of its updates cannot be read. Call support.")
        if updates.now and updates.now.stage in UNDER_WAY:
            raise UpdateRefused("An update is under way already. Try again when it is over.")


def read_updates(folder: Path) -> Updates:
    """Return what the box says in ``folder`` of its updates."""
    if not folder.is_dir():
        return Updates(None)
    try:
        status = from_json(_read(folder / "status.json") or b'{"stage":"none"}', _Status)
        ended = [from_json(line, _Ended) for line in _read(folder / "history.jsonl").splitlines()]
    except (SealBroken, OSError):
        return Updates(Update("none", "", "", "", None), unreadable=True)
    if (folder / "incoming" / GIVEN).exists():  # the box has said nothing of it yet
        status = _Status("checking", status.version, text="The update is here. The recorder checks it now.")
    now = Update(status.stage, status.version, status.offered, status.text, status.at)
    past = (Update(one.outcome, one.version, one.offered, one.text, one.at) for one in reversed(ended[-_MOST_PAST:]))
    return Updates(now, tuple(past))


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
