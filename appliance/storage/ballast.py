"""Ballast: room on the disk that is kept for the day it is full, so that holds and the journal never stand still.

The recorder fills a disk to the last byte rather than lose a call. Then the ballast is thrown: what must be written to
keep order (a hold, a deletion that is due, who signed in) has room until somebody has seen to it.
"""

import os
from pathlib import Path

from appliance.files import REAL_DISK, Disk, sync_folder
from appliance.storage.checkedfile import MODE

BALLAST_BYTES = 64 << 20
THROWN_BELOW_BYTES = 8 << 20
"""Free bytes below which it is thrown: enough to notice in time, for a minute's calls are one megabyte a line."""

NAME = "ballast"
"""Its file in the vault: zeros, and no part of a backup."""


class Ballast:
    """The file that takes up room. One owner."""

    def __init__(
        self, folder: Path, size: int = BALLAST_BYTES, thrown_below: int = THROWN_BELOW_BYTES, disk: Disk = REAL_DISK
    ) -> None:
        """Keep it in ``folder``; nothing is made before ``tend``."""
        self._path, self._size, self._thrown_below, self._disk = folder / NAME, size, thrown_below, disk

    @property
    def is_held(self) -> bool:
        """Whether it takes up room now."""
        return self._path.exists()

    def tend(self, free: int, spare: int) -> bool:
        """Throw it where less than ``thrown_below`` is ``free``; take it up where ``spare`` would be left beside it.

        Returns whether it is held now. A ballast that cannot be taken up is not missed before the disk is full.
        """
        if self.is_held and free < self._thrown_below:
            self._disk.unlink(str(self._path))
            sync_folder(self._path.parent, self._disk)
        elif not self.is_held and free > self._size + spare:
            self._take_up()
        return self.is_held

    def _take_up(self) -> None:
        new = f"{self._path}.new"
        fd = self._disk.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
        try:
            os.posix_fallocate(fd, 0, self._size)
        except OSError:
            self._disk.unlink(new)
            return
        finally:
            self._disk.close(fd)
        self._disk.replace(new, str(self._path))
