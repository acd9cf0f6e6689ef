"""One run of a backup: what was destroyed goes, what is new comes, and the manifest says that it is whole.

A run that is cut off, by whatever, is simply made again: files that had been copied are not copied twice, and what was
half written lies beside its place under another name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from appliance.errors import BackupRefused
from appliance.files import REAL_DISK, Disk
from appliance.storage import recover
from appliance.storage.backup.copying import Copied, Copying
from appliance.storage.backup.folder import BackupFolder
from appliance.storage.backup.manifest import FORMAT, Manifest, read_manifest, write_manifest
from appliance.storage.backup.source import Source, last_of
from appliance.storage.backup.tombstones import Removed, Tombstones

_README = """A Linekeeper backup. Everything in it is sealed.

To put it back onto a new box:  linekeeper restore THIS-FOLDER --data NEW-FOLDER
To hear it without a box, with the recovery sheet alone (Python 3.11 or later):
    pip install cryptography
    python recover.py . --out PLAIN
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: ``done`` of ``total`` days of recordings, and what is being copied now."""

    done: int
    total: int
    copied: Copied


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did. ``finished`` is False where it was asked to stop on the way.

    ``trusted`` is whether the journal adds up, against what the backup knew of it too: if not, nothing was removed.
    """

    finished: bool
    trusted: bool
    copied: Copied
    removed: Removed
    recordings: int

    @property
    def words(self) -> str:
        """What staff must be told; empty while all is well."""
        if not self.trusted:
            return "The backup was made, but the records do not add up. Keep the box on and call support."
        if self.removed.only_here:
            return f"{self.removed.only_here} recordings are in the backup and no longer on the box. Call support."
        if self.copied.spoiled:
            count = len(self.copied.spoiled)
            return f"{count} files on the box are damaged. The backup keeps what it had. Call support."
        return ""


Saw = Callable[[Progress], None]
Asked = Callable[[], bool]


class BackupRun:
    """A run of the backup of ``vault`` in ``folder``."""

    def __init__(self, vault: Path, folder: Path, now: datetime, disk: Disk = REAL_DISK) -> None:
        """Take both; ``now`` is what the manifest says.

        Raises:
            BackupRefused: the vault is none, or has not been set up.
        """
        self._source, self._target = Source(vault), BackupFolder(folder, disk)
        self._now = now

    def run(self, saw: Saw = lambda _progress: None, asked_to_stop: Asked = lambda: False) -> Outcome:
        """Do it.

        Raises:
            BackupRefused: the folder is another box's, holds something else, or cannot be written.
            BackupDamaged: its disk does not give back what was written.
            JournalBroken: the journal's key cannot be read.
        """
        with self._target.claimed():
            manifest = self._begun()
            trusted = self._source.adds_up(manifest.anchor)
            tombstones, copying = Tombstones(self._source, self._target), Copying(self._source, self._target)
            removed = tombstones.apply(trusted=trusted)
            # The keys come first: what a run that is cut off has copied can be opened.
            copied = copying.rest()
            days = self._source.days()
            for done, day in enumerate(days):
                saw(Progress(done, len(days), copied))
                if asked_to_stop():
                    return Outcome(False, trusted, copied, removed, 0)
                copied += copying.day(day)
            copied += copying.rest()  # and last: a key that was made meanwhile may be needed already
            if trusted:
                tombstones.drop_keys()
            saw(Progress(len(days), len(days), copied))
            return Outcome(True, trusted, copied, removed, self._finished(manifest, trusted=trusted))

    def _begun(self) -> Manifest:
        box, before = self._source.box, read_manifest(self._target.folder)
        if before is not None and before.box != box:
            raise BackupRefused("That folder holds another box's backup. Make an empty folder for this one.")
        manifest = before or Manifest(FORMAT, box, self._now)
        if before is None:
            write_manifest(self._target.folder, manifest, self._target.disk)
        self._target.put("recover.py", Path(recover.__file__).read_bytes())
        self._target.put("README.txt", _README.encode())
        return msgspec.structs.replace(manifest, begun_at=self._now)

    def _finished(self, manifest: Manifest, *, trusted: bool) -> int:
        """Say that the run came to its end; return how many recordings the backup has."""
        count = sum(name.endswith(".meta") for day in self._target.days() for name in self._target.sums(day))
        # A journal that does not add up makes no new anchor: the old one goes on showing it.
        anchor = last_of(self._target.vault / "journal") if trusted else manifest.anchor
        told = msgspec.structs.replace(manifest, finished_at=self._now, anchor=anchor, recordings=count)
        write_manifest(self._target.folder, told, self._target.disk)
        return count


def same_disk(vault: Path, folder: Path) -> bool:
    """Return whether a backup would lie on the very file system that it is to outlive."""
    return vault.stat().st_dev == folder.stat().st_dev
