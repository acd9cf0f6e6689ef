"""What each boot of the machine has shown about its clock, and so when its recordings truly began.

A box without a battery clock starts in the past and is set minutes later, or days. Each recording carries the boot it
was made in and the seconds since that boot began; once the clock is confirmed in the same boot, its start is known.
Where it never was, all that is sure is that the call came before the first confirmed moment after it: age counts from
there, so that nothing is ever destroyed too early.
"""

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from appliance.clock import Clock, ClockQuality
from appliance.errors import SealBroken
from appliance.files import REAL_DISK, Disk
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.entry import Stated

_NOTICED = timedelta(seconds=2)
"""A clock that differs by less is the same clock: it is slewed, and reading it takes time."""

_LATEST_EVERY = timedelta(hours=1)
"""How often the latest confirmed moment is written down."""

_BACK = timedelta(days=1)
"""A start so far before what was already certain is not believed: the clock had gone back."""


@dataclass(frozen=True, slots=True)
class Boot:
    """One boot of the machine.

    ``began_at``: when its seconds began to count, by a confirmed clock. ``after``: the latest confirmed moment before
    the boot was first heard of; ``before``: the first confirmed moment since.
    """

    began_at: datetime | None = None
    after: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Book:
    latest: datetime | None
    boots: dict[str, Boot]


class Boots:
    """All boots that recordings are known from. Safe to use from several threads."""

    def __init__(self, path: Path, clock: Clock, disk: Disk = REAL_DISK) -> None:
        """Keep them at ``path``. An unreadable file starts anew: what is lost makes recordings older for nobody."""
        self._path, self._clock, self._disk = path, clock, disk
        self._lock = threading.Lock()
        try:
            self._book = read_checked(path, _Book) or _Book(None, {})
        except SealBroken:
            self._book = _Book(None, {})

    def heard_of(self, boot_id: str) -> None:
        """A recording of this boot has come in; do this before ``observe`` moves on."""
        with self._lock:
            if boot_id not in self._book.boots:
                self._keep(boot_id, Boot(after=self._book.latest))

    def observe(self) -> bool:
        """Look at the clock; return whether more is known now of when recordings began."""
        now, boot_id = self._clock.now(), self._clock.boot_id()
        if now.quality is not ClockQuality.SYNCHRONISED:
            return False
        with self._lock:
            latest = self._book.latest
            if latest is not None and now.at < latest - _NOTICED:
                return False
            learnt = self._learn(boot_id, now.at)
            if learnt or latest is None or now.at - latest > _LATEST_EVERY:
                self._book = replace(self._book, latest=now.at)
                self._write()
            return learnt

    def went_back(self) -> bool:
        """Return whether the clock is confirmed and yet before what was confirmed earlier: somebody must look."""
        now, latest = self._clock.now(), self._book.latest
        confirmed = now.quality is ClockQuality.SYNCHRONISED
        return confirmed and latest is not None and now.at < latest - _LATEST_EVERY

    def confirm(self) -> None:
        """Take the present time as right because a person said so, although it is before what was confirmed."""
        with self._lock:
            self._book = replace(self._book, latest=self._clock.now().at)
            self._write()

    def started_at(self, stated: Stated) -> datetime:
        """Return the best that is known of when a recording began: what lists show."""
        boot = self._boot(stated.boot_id)
        if stated.clock is ClockQuality.SYNCHRONISED:
            return stated.at
        if boot.began_at is not None:
            return boot.began_at + timedelta(seconds=stated.boottime_s)
        return min(stated.at, boot.before) if boot.before else stated.at

    def is_sure(self, stated: Stated) -> bool:
        """Return whether ``started_at`` comes from a confirmed clock."""
        return stated.clock is ClockQuality.SYNCHRONISED or self._boot(stated.boot_id).began_at is not None

    def counted_from(self, stated: Stated) -> datetime | None:
        """Return where the age of a recording counts from: never before it truly began. None while that is open."""
        boot = self._boot(stated.boot_id)
        confirmed = stated.clock is ClockQuality.SYNCHRONISED
        if boot.began_at is not None:
            measured = boot.began_at + timedelta(seconds=stated.boottime_s)
            return max(measured, stated.at) if confirmed else measured
        if confirmed and (boot.after is None or stated.at >= boot.after - _BACK):
            return stated.at
        return boot.before

    def _boot(self, boot_id: str) -> Boot:
        return self._book.boots.get(boot_id, Boot())

    def _learn(self, boot_id: str, at: datetime) -> bool:
        boots = dict(self._book.boots)
        own = boots.get(boot_id, Boot(after=self._book.latest))
        began_at = at - timedelta(seconds=self._clock.monotonic())
        if own.began_at is None or abs(own.began_at - began_at) > _NOTICED:
            boots[boot_id] = replace(own, began_at=began_at)
        for name, boot in boots.items():
            if boot.began_at is None and boot.before is None:
                boots[name] = replace(boot, before=at)
        learnt = boots != self._book.boots
        self._book = replace(self._book, boots=boots)
        return learnt

    def _keep(self, boot_id: str, boot: Boot) -> None:
        self._book = replace(self._book, boots={**self._book.boots, boot_id: boot})
        self._write()

    def _write(self) -> None:
        write_checked(self._path, self._book, self._disk)
