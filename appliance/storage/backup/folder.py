"""The folder that a backup lies in: files as in the vault, lists of their sums, and what is needed to read it.

    MANIFEST.json  recover.py  README.txt
    sums/          a list for each day, and one for the rest
    vault/         recordings/DAY, grants, holds, journal and the vault's other files, as they lie on the box

It may be on any file system that can rename: USB disks come with exFAT, and a share has no syncing of folders.
"""

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import BackupRefused
from appliance.files import REAL_DISK, Disk, made_folder, replace_durably, sync_folder, write_all
from appliance.storage.backup.manifest import NAME as MANIFEST
from appliance.storage.backup.sums import FileSum, Sums, agrees, read_sums, write_sums

_NOT_THERE = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)
"""What file systems say that do not sync folders, or do not lock."""

_NOTHING_STRANGE = frozenset(
    {"vault", "sums", MANIFEST, "recover.py", "README.txt", ".writer", "lost+found", "System Volume Information"}
)
"""What may lie in a folder without a manifest: what a first run that was cut off left, and what disks come with."""

_PIECE = 1 << 20


class BackupFolder:
    """A backup's files. One writer at a time: ``claimed``."""

    def __init__(self, folder: Path, disk: Disk = REAL_DISK) -> None:
        """Use ``folder``, which must exist."""
        self.folder = folder
        self.disk: Disk = _Patient(disk)
        self.vault, self._sums = folder / "vault", folder / "sums"

    @property
    def recordings(self) -> Path:
        """Where the recordings lie, a folder a day."""
        return self.vault / "recordings"

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the folder, and see that it can be written.

        Raises:
            BackupRefused: another backup is writing there, it holds something else, or it cannot be written.
        """
        if not self.folder.is_dir():
            raise BackupRefused(f"There is no folder {self.folder}. Is the disk plugged in and mounted?")
        self._refuse_strange()
        try:
            with (self.folder / ".writer").open("w", encoding="ascii") as lock:
                _locked(lock.fileno())
                for folder in (self.vault, self._sums, self.recordings):
                    made_folder(folder, self.disk, 0o700)
                yield
        except OSError as wrong:
            why = os.strerror(wrong.errno) if wrong.errno else "unusable"
            raise BackupRefused(f"The backup in {self.folder} cannot be written ({why}). Nothing is lost.") from wrong

    def days(self) -> list[str]:
        """Return the days that there is a list of, newest first."""
        return sorted((path.stem for path in self._sums.glob("????-??-??.json")), reverse=True)

    def sums(self, of: str) -> Sums:
        """Return the list of a day, or of the ``vault``'s other files.

        Raises:
            BackupDamaged: it cannot be read.
        """
        return read_sums(self._sums / f"{of}.json")

    def keep_sums(self, of: str, sums: Sums) -> None:
        """Put the list of a day or of the ``vault`` in place, or remove it where nothing is left of it."""
        path = self._sums / f"{of}.json"
        if sums:
            write_sums(path, sums, self.disk)
        elif path.exists():
            self.disk.unlink(str(path))
            self.synced(self._sums)

    def shelf(self, day: str) -> Path:
        """Return the folder of a day's recordings, made if it was missing."""
        return made_folder(self.recordings / day, self.disk, 0o700)

    def folder_for(self, name: str) -> Path:
        """Return the folder of one of the vault's other files, by its path below the vault; made where missing."""
        return self.made((self.vault / name).parent)

    def made(self, folder: Path) -> Path:
        """Return a folder, made with those above it where they were missing."""
        if not folder.is_dir():
            self.made(folder.parent)
        return made_folder(folder, self.disk, 0o700)

    def copy(self, source: Path, target: Path, upto: int | None = None) -> FileSum:
        """Copy a file, or its first ``upto`` bytes: written beside ``target``, synced, renamed. Sync its folder after.

        Raises:
            FileNotFoundError: the box has it no more.
        """
        new, size, digest = f"{target}.new", 0, hashlib.sha256()
        with source.open("rb") as file:
            changed_ns = os.fstat(file.fileno()).st_mtime_ns
            fd = self.disk.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                while part := file.read(_PIECE if upto is None else min(_PIECE, upto - size)):
                    write_all(fd, part, self.disk)
                    digest.update(part)
                    size += len(part)
                self.disk.fsync(fd)
            finally:
                self.disk.close(fd)
        self.disk.replace(new, str(target))
        return FileSum(size, digest.hexdigest(), changed_ns)

    def put(self, name: str, data: bytes) -> None:
        """Put a small file of the backup's own in place, unless it is there already."""
        path = self.folder / name
        if not path.exists() or path.read_bytes() != data:
            replace_durably(path, data, self.disk)

    def remove(self, paths: Iterable[Path], folder: Path) -> None:
        """Remove files of one folder, in this order; durable when this returns."""
        for path in paths:
            if path.exists():
                self.disk.unlink(str(path))
                self.synced(folder)

    def synced(self, folder: Path) -> None:
        """Make names in ``folder`` durable, where its file system can."""
        sync_folder(folder, self.disk)

    def unread(self, folder: Path, sums: Sums) -> list[str]:
        """Read files back from the disk; return the names of those that are not what was written."""
        return [name for name, told in sums.items() if not agrees(folder / name, told)]

    def _refuse_strange(self) -> None:
        if (self.folder / MANIFEST).exists():
            return
        if any(path.name.removesuffix(".new") not in _NOTHING_STRANGE for path in self.folder.iterdir()):
            raise BackupRefused(f"{self.folder} holds something else. Make an empty folder on that disk and name it.")


class _Patient:
    """A disk whose file system need not know how to sync a folder."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.open, self.write, self.close = disk.open, disk.write, disk.close
        self.replace, self.unlink, self.mkdir = disk.replace, disk.unlink, disk.mkdir

    def fsync(self, fd: int) -> None:
        """Sync; a folder only where that can be done."""
        try:
            self._disk.fsync(fd)
        except OSError as wrong:
            if wrong.errno not in _NOT_THERE or not stat.S_ISDIR(os.fstat(fd).st_mode):
                raise


def _locked(fd: int) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as wrong:
        raise BackupRefused("Another backup is being written into that folder. Wait for its end.") from wrong
    except OSError as wrong:
        if wrong.errno not in (*_NOT_THERE, errno.ENOLCK):
            raise
