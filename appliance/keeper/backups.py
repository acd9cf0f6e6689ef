"""The keeper's backups: daily to the folder that the settings name, or when a manager asks; how old the last one is."""

import logging
import threading
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from appliance.config import BackupConfig
from appliance.errors import BackupDamaged, BackupRefused, JournalBroken, SealBroken
from appliance.keeper.backupcheck import NO_FOLDER, NOT_THERE, BackupCheck
from appliance.keeper.stores import Stores
from appliance.link.messages.backup import BackupState
from appliance.service import Stopping
from appliance.storage.backup import BackupRun, Manifest, Outcome, Progress, read_manifest, read_rehearsal, same_disk
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.journalline import BOX, Act

log = logging.getLogger(__name__)

_EVERY = timedelta(hours=20)
"""So that a daily one does not wander round the clock."""

_LOOK_EVERY_S = 600.0


class _Last(msgspec.Struct, frozen=True):
    """When a backup was last finished, and (``restored_at``) when a call was last got back out of one and played."""

    finished_at: datetime | None
    restored_at: datetime | None = None


class Backups:
    """Makes them. ``go_on`` belongs to one thread; the rest may be called from any."""

    def __init__(self, stores: Stores, settings: BackupConfig) -> None:
        """Back up to ``settings.folder``; empty where there is none."""
        self._stores, self._settings = stores, settings
        self.check = BackupCheck(stores, settings.folder)
        self._remembered = stores.vault.folder / "backup.json"
        self._lock = threading.Lock()
        self._asked_by = ""
        self._looked_s = float("-inf")
        self._progress: Progress | None = None
        self._trouble = ""

    def ask(self, who: str) -> None:
        """Have one made now, because ``who`` wants it.

        Raises:
            BackupRefused: the settings name no folder, it is not there, or it is on the box's own disk.
        """
        if not self._settings.folder:
            raise BackupRefused(NO_FOLDER)
        if not self._folder.is_dir():
            raise BackupRefused(NOT_THERE)
        if same_disk(self._stores.vault.folder, self._folder) and not (self._folder / "MANIFEST.json").exists():
            raise BackupRefused("That folder is on the box's own disk and would be lost with it. Plug in another disk.")
        with self._lock:
            self._asked_by = who

    def state(self) -> BackupState:
        """Return how backups stand."""
        progress = self._progress
        return BackupState(
            configured=bool(self._settings.folder),
            there=bool(self._settings.folder) and self._folder.is_dir(),
            last_at=self._last(),
            running=progress is not None or bool(self._asked_by),
            done=progress.done if progress else 0,
            total=progress.total if progress else 0,
            trouble=self._trouble,
            check=self.check.state(),
        )

    def go_on(self, stopping: Stopping) -> None:
        """Make a backup if one was asked for or is due.

        Raises:
            JournalRefused: it could not be written down, and was not made.
        """
        who = self._asked_by or (BOX if self._due() else "")
        if not who:
            return
        try:
            self._make(who, stopping)
        except (BackupRefused, BackupDamaged, JournalBroken) as wrong:
            log.error("the backup was not made: %s", wrong)
            self._trouble = str(wrong)
        finally:
            self._progress = None
            with self._lock:
                self._asked_by = ""

    def restored_at(self) -> datetime | None:
        """Return when a call was last got back out of a backup, as far as the box has seen."""
        return self._known().restored_at

    def words(self) -> str:
        """Return what staff must be told; empty while all is well."""
        if not self._settings.folder:
            return ""
        last, days = self._last(), self._settings.warn_after_days
        if last is None:
            return "There is no backup yet. Plug in the backup disk, and have the practice manager start one."
        age = self._stores.clock.now().at - last
        if age > timedelta(days=days):
            return f"The last backup is {age.days} days old. Plug in the backup disk, and leave it in for an hour."
        return self._trouble

    @property
    def _folder(self) -> Path:
        return Path(self._settings.folder)

    def _make(self, who: str, stopping: Stopping) -> None:
        now = self._stores.clock.now().at
        run = BackupRun(self._stores.vault.folder, self._folder, now, self._stores.disk)
        self._stores.journal.append(Act.BACKUP_BEGUN, who)
        outcome = run.run(self._saw, stopping.asked)
        if outcome.finished:
            self._finished(outcome, now)

    def _finished(self, outcome: Outcome, now: datetime) -> None:
        self._trouble = outcome.words
        self._remember(now)
        removed = str(outcome.removed.removed)
        self._stores.journal.append(Act.BACKED_UP, recordings=str(outcome.recordings), removed=removed)
        log.info("backed up: %d recordings, %d files copied", outcome.recordings, outcome.copied.files)

    def _saw(self, progress: Progress) -> None:
        self._progress = progress

    def _due(self) -> bool:
        """Return whether a day has gone by and the disk of an earlier backup is there: none is begun unasked."""
        now_s = self._stores.clock.monotonic()
        if not self._settings.folder or now_s - self._looked_s < _LOOK_EVERY_S:
            return False
        self._looked_s = now_s
        try:
            manifest = read_manifest(self._folder)
        except BackupDamaged as wrong:
            self._trouble = str(wrong)
            return False
        if manifest is None:
            return False
        self._look_for_rehearsal(manifest)
        last = self._last()
        if manifest.finished_at and (last is None or manifest.finished_at > last):
            self._remember(manifest.finished_at)  # made from the command line, while the keeper was stopped
        return manifest.finished_at is None or self._stores.clock.now().at - manifest.finished_at > _EVERY

    def _look_for_rehearsal(self, manifest: Manifest) -> None:
        """Take in that this box's backup was rehearsed with the recovery sheet, on whatever computer."""
        found = read_rehearsal(self._folder) if manifest.box == self._stores.journal.public_key.hex() else None
        known = self._known()
        is_news = found is not None and found.opened and found.at <= self._stores.clock.now().at
        if found and is_news and (known.restored_at is None or found.at > known.restored_at):
            write_checked(self._remembered, msgspec.structs.replace(known, restored_at=found.at), self._stores.disk)

    def _remember(self, finished_at: datetime) -> None:
        write_checked(
            self._remembered, msgspec.structs.replace(self._known(), finished_at=finished_at), self._stores.disk
        )

    def _last(self) -> datetime | None:
        return self._known().finished_at

    def _known(self) -> _Last:
        try:
            return read_checked(self._remembered, _Last) or _Last(None)
        except SealBroken:
            return _Last(None)
