"""A whole vault put back from a backup, onto a new box or a new disk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.clock import Clock
from appliance.config import Folders
from appliance.errors import BackupRefused
from appliance.files import REAL_DISK, Disk, sync_folder, usable_folder
from appliance.storage.backup.folder import BackupFolder
from appliance.storage.backup.manifest import Manifest, read_manifest
from appliance.storage.backup.sound import has_gone_on
from appliance.storage.backup.sums import FileSum
from appliance.storage.boots import Boots
from appliance.storage.catalogue import Catalogue
from appliance.storage.filing import Filing
from appliance.storage.journal import Journal
from appliance.storage.journalline import Act
from appliance.storage.settings import Settings
from appliance.storage.vault import Vault

Saw = Callable[[int, int], None]
"""Told how many files of how many have been put back."""

_SIGNING_KEY = "journal/signing.key"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. ``damaged`` are files that are not what was written; they were put back as they are.

    Of a recording what is genuine can still be played; a damaged file of people or keys the keeper refuses by name.
    """

    made_at: str
    recordings: int
    files: int
    damaged: tuple[str, ...]


class Restore:
    """Puts the backup in ``folder`` back as the vault of a data folder that has none."""

    def __init__(self, folder: Path, folders: Folders, clock: Clock, disk: Disk = REAL_DISK) -> None:
        """Look before anything is written.

        Raises:
            BackupRefused: there is no finished backup there, or there is a vault already: it is never overwritten.
        """
        self._from, self._folders, self._clock, self._disk = BackupFolder(folder), folders, clock, disk
        self._manifest = _finished(folder)
        if folders.vault.exists():
            raise BackupRefused(f"There is a vault at {folders.vault} already. Name a new folder with --data.")

    def run(self, saw: Saw = lambda _done, _total: None) -> Restored:
        """Copy everything beside where the vault will be, make its catalogue, write it down; then put it in place.

        Raises:
            BackupDamaged: a list of the backup cannot be read.
            OSError: the disk refused. Do it again: the vault is not in place before all of it is there.
        """
        new = self._folders.root / "vault.restoring"
        usable_folder(self._folders.root)
        usable_folder(new, 0o700)
        target = _Into(new, self._disk)
        files = list(self._files())
        damaged = []
        for done, (path, told) in enumerate(files):
            saw(done, len(files))
            name = path.relative_to(self._from.vault).as_posix()
            if not (path.exists() and target.put(path, name, told)):
                damaged.append(name)
        if _SIGNING_KEY in damaged:  # the keeper makes another; what the old one signed will not add up, and should not
            (new / _SIGNING_KEY).unlink(missing_ok=True)
        if (self._from.vault / "holds").is_dir():
            target.folder("holds")
        recordings = self._catalogued(new)
        self._disk.replace(str(new), str(self._folders.vault))
        sync_folder(self._folders.root, self._disk)
        saw(len(files), len(files))
        made_at = f"{self._manifest.finished_at:%Y-%m-%d %H:%M} UTC"
        return Restored(made_at, recordings, len(files), tuple(damaged))

    def _files(self) -> Iterator[tuple[Path, FileSum | None]]:
        """Yield every file of the backup; without its sum what an interrupted run copied and did not list."""
        for name, told in self._from.sums("vault").items():
            yield self._from.vault / name, told
        for shelf in sorted(path for path in self._from.recordings.iterdir() if path.is_dir()):
            sums = self._from.sums(shelf.name)
            names = {path.name for path in shelf.iterdir() if path.suffix in (".meta", ".audio")}
            for name in sorted(names | sums.keys()):
                yield shelf / name, sums.get(name)

    def _catalogued(self, new: Path) -> int:
        """Make the catalogue from the recordings, and write in the journal that the vault was put back."""
        vault = Vault(new, self._disk)
        Settings(new / "settings.json", new=True, disk=self._disk)  # where a backup has none, the policy's
        filing = Filing(vault, Boots(new / "boots.json", self._clock, self._disk))
        catalogue = Catalogue(new / "catalogue", filing.day, self._disk)
        recordings = sum(catalogue.rewrite(day) for day in sorted(vault.days()))
        journal = Journal(new / "journal", self._clock, self._disk)
        journal.append(Act.PUT_BACK, made_at=f"{self._manifest.finished_at:%Y-%m-%d %H:%M} UTC")
        journal.close()
        return recordings


class _Into:
    """The new vault, file by file."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder, self._files = folder, BackupFolder(folder, disk)

    def folder(self, name: str) -> Path:
        return self._files.made(self._folder / name)

    def put(self, path: Path, name: str, told: FileSum | None) -> bool:
        """Put a file in place; return whether it is what was written into the backup."""
        target = self._folder / name
        copied = self._files.copy(path, self._files.made(target.parent) / target.name)
        self._files.synced(target.parent)
        return told is None or (copied.size, copied.sum) == (told.size, told.sum) or has_gone_on(path, told)


def _finished(folder: Path) -> Manifest:
    manifest = read_manifest(folder) if folder.is_dir() else None
    if manifest is None:
        raise BackupRefused(f"There is no backup in {folder}.")
    if manifest.finished_at is None:
        raise BackupRefused("This backup was never finished. “linekeeper recover” still opens what is in it.")
    return manifest
