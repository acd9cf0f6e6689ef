"""What lies in a backup, file by file with its sum: how it is known later that the disk still says what was written.

A list is a checked file of its own for each day of recordings, ``sums/2026-11-23.json``, and one for everything else
of the vault, ``sums/vault.json``.
"""

import hashlib
import os
from pathlib import Path

import msgspec

from appliance.errors import BackupDamaged, SealBroken
from appliance.files import REAL_DISK, Disk
from appliance.storage.checkedfile import read_checked, write_checked


class FileSum(msgspec.Struct, frozen=True):
    """One file: its length, its SHA-256 in hex, and the box's own file as it was then, to see whether it has changed.

    ``kid`` names the key that a recording's sheet is sealed to; empty for other files and unreadable sheets.
    """

    size: int
    sum: str
    changed_ns: int = 0
    kid: str = ""


Sums = dict[str, FileSum]
"""By the name inside the day's folder, or by the path below the vault."""


def read_sums(path: Path) -> Sums:
    """Return the list at ``path``; empty where there is none.

    Raises:
        BackupDamaged: it cannot be read.
    """
    try:
        return read_checked(path, Sums) or {}
    except SealBroken as wrong:
        raise BackupDamaged(f"The backup's list {path.name} is damaged.") from wrong


def write_sums(path: Path, sums: Sums, disk: Disk = REAL_DISK) -> None:
    """Put a list in place; durable when this returns."""
    write_checked(path, sums, disk)


def sum_of(path: Path, upto: int | None = None) -> FileSum:
    """Return the length and the sum of a file, or of its first ``upto`` bytes, as the disk itself gives them back.

    What the machine has in memory of the file is let go first: a sum of that would say nothing of the disk.
    """
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        digest, size = hashlib.sha256(), 0
        while part := file.read(1 << 20 if upto is None else min(1 << 20, upto - size)):
            digest.update(part)
            size += len(part)
    return FileSum(size, digest.hexdigest())


def agrees(path: Path, told: FileSum) -> bool:
    """Return whether a file is there and still what it was."""
    try:
        found = sum_of(path)
    except OSError:
        return False
    return (found.size, found.sum) == (told.size, told.sum)
