"""A file that only grows, and that stops growing at the first fault of the disk."""

import errno
import os
from pathlib import Path

from appliance.files import REAL_DISK, Disk, write_all


class AppendFile:
    """A new file, open for appending; nothing is buffered here, so each write is one the kernel has.

    After a write or sync that failed (disk full, card dying) nothing more is taken: what is in the file ends with at
    most one torn piece, which every reader here knows. A failed fsync may have lost earlier pages too, and a second
    one would not say so.
    """

    def __init__(self, path: Path, disk: Disk = REAL_DISK, mode: int = 0o640) -> None:
        """Create ``path``.

        Raises:
            FileExistsError: something has that name.
            OSError: it cannot be created.
        """
        self._disk = disk
        self._failed = False
        self._fd: int | None = disk.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, mode)

    def write(self, data: bytes) -> None:
        """Append the whole of ``data``.

        Raises:
            OSError: the disk refused it, now or earlier, or the file is closed.
        """
        fd = self._usable()
        try:
            write_all(fd, data, self._disk)
        except OSError:
            self._failed = True
            raise

    def sync(self) -> None:
        """Make everything written durable. A file that grows gains nothing from fdatasync: its size must go too.

        Raises:
            OSError: the disk refused it, now or earlier, or the file is closed.
        """
        fd = self._usable()
        try:
            self._disk.fsync(fd)
        except OSError:
            self._failed = True
            raise

    def close(self) -> None:
        """Let go of the file. Without a ``sync`` before it, the end of the file may not survive a power cut."""
        if self._fd is not None:
            fd, self._fd = self._fd, None
            self._disk.close(fd)

    def _usable(self) -> int:
        if self._fd is None or self._failed:
            raise OSError(errno.EIO, "The file takes nothing more: it was closed, or the disk failed under it")
        return self._fd
