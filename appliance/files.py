"""Writing files so that a power cut at any instant leaves the old content or the new, never a mixture.

All file operations that durability rests on go through a ``Disk``, so that a test can record every write, fsync,
rename and unlink and cut the power between any two of them.
"""

import fcntl
import os
from pathlib import Path
from typing import Protocol, TextIO

from appliance.errors import FolderUnusable


class Disk(Protocol):
    """The operations durability is made of; ``os`` has them all."""

    def open(self, path: str, flags: int, mode: int = 0o777) -> int:
        """Return a descriptor of ``path``, like the system call."""
        ...

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """Write some of ``data``; return how much."""
        ...

    def fsync(self, fd: int) -> None:
        """Make the file's content and size durable."""
        ...

    def close(self, fd: int) -> None:
        """Close ``fd``."""
        ...

    def replace(self, src: str, dst: str) -> None:
        """Rename ``src`` over ``dst`` in one step."""
        ...

    def unlink(self, path: str) -> None:
        """Remove a name."""
        ...

    def mkdir(self, path: str, mode: int = 0o777) -> None:
        """Make a folder."""
        ...


REAL_DISK: Disk = os  # the module itself has the functions
"""The machine's own disk."""


def write_all(fd: int, data: bytes, disk: Disk = REAL_DISK) -> None:
    """Write the whole of ``data``, however few bytes each write takes."""
    view = memoryview(data)
    while view:
        view = view[disk.write(fd, view) :]


def sync_folder(folder: Path, disk: Disk = REAL_DISK) -> None:
    """Make the names in ``folder`` durable: a created, renamed or removed file is not before this."""
    fd = disk.open(str(folder), os.O_RDONLY)
    try:
        disk.fsync(fd)
    finally:
        disk.close(fd)


def made_folder(folder: Path, disk: Disk = REAL_DISK, mode: int = 0o750) -> Path:
    """Return ``folder``, made durably if it was missing; what it lies in must exist."""
    if not folder.is_dir():
        disk.mkdir(str(folder), mode)
        sync_folder(folder.parent, disk)
    return folder


def replace_durably(path: Path, data: bytes, disk: Disk = REAL_DISK, mode: int = 0o640) -> None:
    """Put ``data`` at ``path``, all or nothing, durable when this returns.

    The file is synced before the rename: without that, ext4 may after a power cut hold the new name with no content.
    """
    new = f"{path}.new"
    fd = disk.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        write_all(fd, data, disk)
        disk.fsync(fd)
    finally:
        disk.close(fd)
    disk.replace(new, str(path))
    sync_folder(path.parent, disk)


def replace_quickly(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` in one step but without syncing: for state that a restart of the machine outdates."""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(data)
    new.replace(path)


def usable_folder(folder: Path, mode: int = 0o750) -> Path:
    """Return ``folder``, made if it was missing and proved writable.

    Raises:
        FolderUnusable: it cannot be made or written; the text says which and what to do.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=mode)
        probe = folder / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as wrong:
        why = os.strerror(wrong.errno) if wrong.errno else "unusable"
        raise FolderUnusable(
            f"The folder {folder} cannot be written ({why}). Choose another with --data, or make it writable."
        ) from wrong
    return folder


def alone(folder: Path, words: str) -> TextIO:
    """Return a lock on ``folder`` that ends with this process, however it ends.

    Raises:
        FolderUnusable: another process has it; ``words`` say what to do.
    """
    lock = (folder / ".owner").open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as wrong:
        lock.close()
        raise FolderUnusable(words) from wrong
    return lock
