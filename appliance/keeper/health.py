"""The health of the box: the snapshot that everybody shares, the alarms that follow, and the files it is told in."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from appliance.clock import Clock
from appliance.codec import read_json, to_json
from appliance.config import Folders, LineConfig, Tap
from appliance.errors import SealBroken
from appliance.files import replace_quickly
from appliance.keeper.alarmbook import AlarmBook
from appliance.keeper.alarms import Alarms
from appliance.keeper.backups import Backups
from appliance.keeper.board import BoardReader
from appliance.keeper.live import LiveBoard
from appliance.keeper.metrics import as_prometheus
from appliance.keeper.space import Space
from appliance.link.messages.lines import Live
from appliance.model.health import (
    ALARMS_FILE,
    METRICS_FILE,
    POST_FILE,
    SNAPSHOT_FILE,
    AlarmRecord,
    BackupHealth,
    Board,
    CardHealth,
    DiskHealth,
    HealthSnapshot,
    PostTrouble,
)
from appliance.model.status import HEARD
from appliance.storage.certificate import kept_certificate

log = logging.getLogger(__name__)

ENDED_SHOWN = 50

HOT_C, COOL_C = 80.0, 75.0
"""A Pi slows itself down from 80 degrees; the alarm ends when it is clearly below."""

LITTLE_MEMORY = 0.05
"""Of all, free to be given out: below it programs are about to be ended for want of memory."""

CERTIFICATE_DAYS = 30

SILENT_S = 10.0
"""The recorder starts again within five seconds; one that has said nothing for longer is in trouble."""

FORECAST_S = 600.0
"""Between two forecasts of the disk."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the snapshot is made from."""

    folders: Folders
    lines: tuple[LineConfig, ...]
    clock: Clock
    live: LiveBoard
    alarms: Alarms
    space: Space
    backups: Backups
    board: BoardReader


class HealthWatch:
    """Looks at everything again and again. ``snapshot`` may be asked from any thread."""

    def __init__(self, watched: Watched, book: AlarmBook) -> None:
        """Write alarms down in ``book``."""
        self._watched, self.book = watched, book
        self._contact_s = watched.clock.monotonic()
        self._hot = False
        self._months: tuple[float, float | None] = (float("-inf"), None)
        self._unwritable = False

    def snapshot(self) -> HealthSnapshot:
        """Return how everything stands now."""
        watched = self._watched
        live, now = watched.live.now(0, 0), watched.clock.now()
        room = watched.space.room()
        standing, certificate = self.book.standing(), kept_certificate(watched.folders.tls)
        return HealthSnapshot(
            at=now.at,
            clock=now.quality,
            contact=live.contact,
            lines=live.lines,
            cards=tuple(_cards(watched.lines, live)),
            disk=DiskHealth(room.free, room.size, self._months_left()),
            board=watched.board.read(),
            backup=self._backup(now.at),
            certificate_until=certificate.good_until if certificate else None,
            alarms=len(standing),
            unacknowledged=sum(not record.acknowledged_by for record in standing),
        )

    def note_alarms(self) -> None:
        """Write down which alarms began and ended; often, so that none is missed."""
        watched = self._watched
        self._mind_contact()
        live = watched.live.now(0, 0)
        # What a silent recorder said last may no longer be true; that it is silent is an alarm itself.
        standing = live.alarms if live.contact else watched.alarms.standing()
        if self.book.compare(standing):
            self.publish_alarms()

    def look(self) -> None:
        """Raise and clear the alarms of the computer itself, and publish the snapshot."""
        snapshot = self.snapshot()
        alarms = self._watched.alarms
        self._hot = _is_hot(snapshot.board, was_hot=self._hot)
        alarms.set("hot", _HOT if self._hot else "")
        alarms.set("supply", _SUPPLY if snapshot.board.under_voltage else "")
        alarms.set("memory", _MEMORY if _is_short_of_memory(snapshot.board) else "")
        alarms.set("certificate", _CERTIFICATE if _runs_out(snapshot) else "")
        alarms.set("post", self._post_words())
        self._put(SNAPSHOT_FILE, to_json(snapshot))
        self._put(METRICS_FILE, as_prometheus(snapshot).encode())

    def publish_alarms(self) -> None:
        """Tell the post what there is to be sent."""
        records = (*self.book.standing(), *self.book.ended(ENDED_SHOWN))
        self._put(ALARMS_FILE, to_json(tuple(replace(record, acknowledged_by=_seen(record)) for record in records)))

    def _backup(self, now: datetime) -> BackupHealth:
        state = self._watched.backups.state()
        age = None if state.last_at is None else round((now - state.last_at) / timedelta(days=1), 2)
        return BackupHealth(state.configured, state.last_at, age)

    def _months_left(self) -> float | None:
        """Return the disk's forecast, worked out now and then: it goes through four weeks of calls."""
        now_s = self._watched.clock.monotonic()
        if now_s - self._months[0] >= FORECAST_S:
            self._months = now_s, self._watched.space.months_left()
        return self._months[1]

    def _post_words(self) -> str:
        """Return what the post says does not leave the box. Without its word nothing is known to be wrong."""
        try:
            troubles = read_json(self._watched.folders.post / POST_FILE, tuple[PostTrouble, ...])
        except (SealBroken, OSError):
            return ""
        return " ".join(f"Alarms cannot be sent by {one.way}. {one.text}" for one in troubles or ())

    def _mind_contact(self) -> None:
        watched = self._watched
        now_s = watched.clock.monotonic()
        if watched.live.in_contact():
            self._contact_s = now_s
        watched.alarms.set("recorder", _SILENT if now_s - self._contact_s > SILENT_S else "")

    def _put(self, name: str, data: bytes) -> None:
        """Write one of the files; that it cannot be is said once."""
        try:
            replace_quickly(self._watched.folders.health / name, data)
        except OSError as wrong:
            if not self._unwritable:
                log.error("%s cannot be written: %s", name, wrong.strerror)
            self._unwritable = True
        else:
            self._unwritable = False


_HOT = "The box is too hot and slows down. Give it air: nothing on it or against it."
_SUPPLY = "The box’s power supply is too weak: calls and memory cards may be damaged. Fit the maker’s own supply."
_MEMORY = "The box is short of memory. Have it restarted when no call is going on, and call support."
_CERTIFICATE = "The site’s certificate runs out within a month and was not renewed. Call support."
_SILENT = "The recorder is not answering: calls may not be recorded. Call support now."


def _cards(lines: tuple[LineConfig, ...], live: Live) -> Iterator[CardHealth]:
    """Yield each card or modem that lines are tapped from."""
    carried: dict[str, list[int]] = {}
    for number, line in enumerate(lines, start=1):
        if name := {Tap.CARD: line.card, Tap.MODEM: line.modem}.get(line.tap, ""):
            carried.setdefault(name, []).append(number)
    mute = {status.line for status in live.lines if status.state not in HEARD}
    for name, numbers in carried.items():
        yield CardHealth(name, tuple(numbers), heard=live.contact and mute.isdisjoint(numbers))


def _seen(record: AlarmRecord) -> str:
    """Say that somebody acknowledged an alarm, not who: what leaves the box names nobody."""
    return "somebody" if record.acknowledged_by else ""


def _is_hot(board: Board, *, was_hot: bool) -> bool:
    return board.temperature_c is not None and board.temperature_c >= (COOL_C if was_hot else HOT_C)


def _is_short_of_memory(board: Board) -> bool:
    return bool(board.memory_bytes) and (board.memory_free_bytes or 0) < LITTLE_MEMORY * (board.memory_bytes or 0)


def _runs_out(snapshot: HealthSnapshot) -> bool:
    until = snapshot.certificate_until
    return until is not None and until - snapshot.at < timedelta(days=CERTIFICATE_DAYS)
