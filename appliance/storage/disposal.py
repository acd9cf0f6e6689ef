"""Disposal: the hourly sweep that puts what is past its time into the trash, and destroys what has lain there a week.

It stops rather than doubts: no confirmed clock, a hold or a setting that cannot be read, a journal that does not add
up, or more recordings due at once than a practice makes, and nothing is deleted until somebody has looked.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from appliance.clock import LONDON
from appliance.errors import RecordingHeld, SealBroken
from appliance.model.calls import CallId
from appliance.storage.boots import Boots
from appliance.storage.catalogue import Catalogue
from appliance.storage.custody import Custody
from appliance.storage.daycolumns import Choice
from appliance.storage.holds import Holds
from appliance.storage.horizon import Horizon, Waiting
from appliance.storage.journal import Journal
from appliance.storage.keydisposal import KeyDisposal
from appliance.storage.retention import GRACE_DAYS, has_expired
from appliance.storage.settings import Settings
from appliance.storage.vault import Trash

log = logging.getLogger(__name__)

FEW, SHARE, MANY = 50, 0.05, 5000
"""A sweep goes ahead with up to ``FEW`` recordings, else with up to ``SHARE`` of all, and never beyond ``MANY``."""


class Stopped(StrEnum):
    """Why a sweep deleted nothing, beside the horizon's own reasons."""

    NOT = ""
    HOLDS = "holds unreadable"
    SETTINGS = "settings unreadable"
    JOURNAL = "journal broken"
    TOO_MANY = "too many at once"


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep did. ``due`` is how many recordings wait in vain when it was stopped."""

    expired: int = 0
    destroyed: int = 0
    due: int = 0
    waiting: Waiting = Waiting.NOTHING
    stopped: Stopped = Stopped.NOT


class Disposal:
    """Sweeps. One owner: a sweep is not begun while another runs."""

    def __init__(
        self,
        custody: Custody,
        catalogue: Catalogue,
        trash: Trash,
        holds: Holds,
        journal: Journal,
        boots: Boots,
        horizon: Horizon,
        settings: Settings,
        keys: KeyDisposal,
    ) -> None:
        """Bring together what a sweep asks before it deletes anything."""
        self._custody, self._catalogue, self._trash = custody, catalogue, trash
        self._holds, self._journal, self._boots, self._horizon = holds, journal, boots, horizon
        self._settings, self._keys = settings, keys
        self._allowed = 0
        self._keys_upto: date | None = None

    def allow(self, count: int) -> None:
        """Let the next sweep delete up to ``count`` recordings because a person said so; the caller wrote it down."""
        self._allowed = count

    def sweep(self) -> Sweep:
        """Delete what is due, as far as everything is in order.

        Raises:
            JournalRefused: the disk is full or failing; what was not written down was not done.
        """
        permission = self._horizon.advance(self._newest())
        if permission.upto is None:
            return Sweep(waiting=permission.waiting)
        if self._journal.broken_after is not None:
            return Sweep(waiting=permission.waiting, stopped=Stopped.JOURNAL)
        try:
            self._holds.read()
        except SealBroken as wrong:
            log.error("%s", wrong)
            return Sweep(waiting=permission.waiting, stopped=Stopped.HOLDS)
        try:
            self._settings.read()
        except SealBroken as wrong:
            log.error("%s", wrong)
            return Sweep(waiting=permission.waiting, stopped=Stopped.SETTINGS)
        self._custody.settle(permission.upto)
        return self._swept(permission.upto, permission.waiting)

    def due(self, horizon: date) -> Iterator[CallId]:
        """Yield the recordings past their time on the day ``horizon`` that nobody holds."""
        months = self._settings.now.months
        # Age never counts from before the start that an entry is listed under, so later days need not be read.
        last = f"{horizon - relativedelta(months=months) + timedelta(days=1):%Y-%m-%d}"
        for day in (day for day in self._catalogue.days() if day <= last):
            for entry in self._catalogue.listed(day):
                expired = has_expired(self._boots.counted_from(entry.stated), horizon, months)
                if expired and not self._holds.is_held(entry.call_id):
                    yield entry.call_id

    def _swept(self, upto: date, waiting: Waiting) -> Sweep:
        due = list(self.due(upto))
        total, _ = self._catalogue.some(Choice())
        if len(due) > max(self._allowed, FEW, min(MANY, round(total * SHARE))):
            return Sweep(due=len(due), waiting=waiting, stopped=Stopped.TOO_MANY)
        self._allowed = 0
        expired = sum(self._custody.expire(call_id, upto) for call_id in due)
        over = [call_id for since, call_id in self._trash.ids() if upto >= since + timedelta(days=GRACE_DAYS)]
        destroyed = sum(self._destroyed(call_id, upto) for call_id in over)
        self._destroy_keys(upto)
        return Sweep(expired, destroyed, 0, waiting)

    def _destroy_keys(self, upto: date) -> None:
        """Destroy keys that nothing needs, once for each day that the horizon moves."""
        if self._keys_upto != upto:
            self._keys.destroy_unneeded(upto)
            self._keys_upto = upto

    def _destroyed(self, call_id: CallId, upto: date) -> bool:
        try:
            return self._custody.destroy(call_id, upto)
        except RecordingHeld as held:
            log.warning("%s", held)
            return False

    def _newest(self) -> date | None:
        _, entries = self._catalogue.some(Choice())
        return entries[0].started_at.astimezone(LONDON).date() if entries else None
