"""Looking through the backup when a manager asks: is every recording in it sound, and can one be had again?"""

import logging
import threading
from datetime import datetime
from pathlib import Path
from random import SystemRandom

from appliance.errors import BackupDamaged, BackupRefused
from appliance.keeper.stores import Stores
from appliance.link.messages.backup import BackupCheckState
from appliance.service import Stopping
from appliance.storage.backup import Rehearsal, read_manifest, rehearse
from appliance.storage.journalline import Act

log = logging.getLogger(__name__)

NO_FOLDER = "The settings name no folder for backups: set “folder” in [backup]."
NOT_THERE = "The backup's folder is not there. Is the disk plugged in?"


class _Ended(Exception):
    """The keeper is to stop, in the middle of a look."""


class BackupCheck:
    """Makes the looks. ``go_on`` belongs to one thread; the rest may be called from any.

    No recording is opened, because that takes the recovery sheet, whose place is not this box: one that chance chooses
    is compared with what was written, byte by byte.
    """

    def __init__(self, stores: Stores, folder: str) -> None:
        """Look at the backup in ``folder``; empty where there is none."""
        self._stores, self._folder = stores, folder
        self._lock = threading.Lock()
        self._asked_by = ""
        self._seen = 0
        self._at: datetime | None = None
        self._words, self._sound = "", True

    def ask(self, who: str) -> None:
        """Have a look taken now, because ``who`` wants it.

        Raises:
            BackupRefused: the settings name no folder, it is not there, or it holds no backup.
            BackupDamaged: it holds one whose manifest cannot be read.
        """
        if not self._folder:
            raise BackupRefused(NO_FOLDER)
        if not Path(self._folder).is_dir():
            raise BackupRefused(NOT_THERE)
        if read_manifest(Path(self._folder)) is None:
            raise BackupRefused("There is no backup in that folder yet. Make one first.")
        with self._lock:
            self._asked_by = who

    def state(self) -> BackupCheckState:
        """Return how far it is, and what the last one found since the keeper started."""
        return BackupCheckState(bool(self._asked_by), self._seen, self._at, self._words, self._sound)

    def go_on(self, stopping: Stopping) -> None:
        """Look if somebody asked.

        Raises:
            JournalRefused: what was found could not be written down.
        """
        if not self._asked_by:
            return
        self._seen = 0
        try:
            self._look(self._asked_by, stopping)
        except _Ended:
            log.info("looking through the backup was interrupted")
        finally:
            with self._lock:
                self._asked_by = ""

    def _look(self, who: str, stopping: Stopping) -> None:
        def saw(count: int) -> None:
            self._seen = count
            if stopping.asked():
                raise _Ended

        try:
            found = rehearse(Path(self._folder), "", SystemRandom(), saw)
        except (BackupRefused, BackupDamaged, OSError) as wrong:
            log.error("the backup could not be looked through: %s", type(wrong).__name__)
            said = str(wrong) if not isinstance(wrong, OSError) else "The backup's disk cannot be read. Replace it."
            self._tell(who, said, sound=False, faults="at least 1")
            return
        faults = len(found.faults) + len(found.damaged_cases)
        self._tell(who, _words(found, faults), sound=not faults, faults=str(faults))

    def _tell(self, who: str, said: str, *, sound: bool, faults: str) -> None:
        self._stores.journal.append(Act.BACKUP_CHECKED, who, recordings=str(self._seen), faults=faults)
        self._words, self._sound, self._at = said, sound, self._stores.clock.now().at


def _words(found: Rehearsal, faults: int) -> str:
    if faults:
        return f"{faults} of {found.recordings + found.cases:,} are damaged in the backup. Replace its disk."
    compared = ", and one of them was compared byte by byte" if found.call_id else ""
    return f"All {found.recordings:,} recordings and {found.cases:,} records of casework are sound{compared}."
