"""An upload: an update that comes in pieces, and is given to the box once it is whole.

Whether its maker has signed it is for the box to check (RAUC), with a key that the keeper has no part in.
"""

import contextlib
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from appliance.errors import UpdateRefused
from appliance.files import REAL_DISK, Disk, sync_folder, write_all
from appliance.keeper.space import Room
from appliance.link.messages.updates import MOST_OF_A_PIECE, UpdatePart

GIVEN, PART = "update.raucb", "update.part"
"""The first is taken by the box as soon as it is there (docs/operations.md)."""

MOST_BYTES = 1 << 30
"""A bundle holds a root file system of some 300 MB."""

_MAGIC = b"hsqs"
"""How a squashfs begins, which a bundle is (Linux, fs/squashfs/squashfs_fs.h)."""

_MODE = 0o600
_SYNC_BYTES = 4 << 20
"""So often what came is made durable: at the end there is little left to wait for, and a recording waits less."""

_NO_UPLOAD = "This upload is over: another was begun, or the recorder was started again. Begin it anew."


class Upload:
    """The one upload into ``folder``. Safe to use from several threads."""

    def __init__(self, folder: Path, room: Callable[[], Room], disk: Disk = REAL_DISK) -> None:
        """Drop what an upload before has left; ``room`` tells how much the disk has."""
        self._folder, self._room, self._disk = folder, room, disk
        self._lock = threading.Lock()
        self._place, self._size, self._at, self._synced = "", 0, 0, 0
        self._drop()

    def begin(self, size: int) -> UpdatePart:
        """Begin with none of ``size`` bytes; an upload that was under way is dropped.

        Raises:
            UpdateRefused: this box takes none, or has no room for it.
        """
        with self._lock:
            self._drop()
            self._check(size)
            with self._dropped_if_it_fails():
                self._disk.close(self._disk.open(str(self._part), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE))
            self._place, self._size, self._at, self._synced = secrets.token_hex(16), size, 0, 0
            return UpdatePart(self._place, 0)

    def add(self, place: str, at: int, data: bytes, give: Callable[[int], None]) -> UpdatePart:
        """Put ``data`` to the part if that ends at ``at``. Once it is whole, call ``give`` and give it to the box.

        Raises:
            UpdateRefused: there is no such upload, or what came is no update; it is over then.
            LinekeeperError: what ``give`` raises; it is over then too.
        """
        with self._lock:
            if not self._place or place != self._place:
                raise UpdateRefused(_NO_UPLOAD)
            if at == self._at < self._size:
                with self._dropped_if_it_fails():
                    self._take(data)
                    if self._at == self._size:
                        give(self._size)
                        self._disk.replace(str(self._part), str(self._folder / GIVEN))
                        sync_folder(self._folder, self._disk)
            return UpdatePart(place, self._at)

    @property
    def _part(self) -> Path:
        return self._folder / PART

    def _check(self, size: int) -> None:
        if not self._folder.is_dir():
            raise UpdateRefused("Whoever looks after this computer updates it: no update can be uploaded.")
        if size <= len(_MAGIC):
            raise UpdateRefused("This is no update. Choose the file whose name ends in .raucb.")
        if size > MOST_BYTES:
            raise UpdateRefused("This is larger than any update. Choose the file whose name ends in .raucb.")
        room = self._room()
        # Twice: the box checks a copy, which nobody else can change.
        if Room(room.free - 2 * size, room.size).words:
            raise UpdateRefused("The disk has no room to spare for an update. Recordings come first. Call support.")

    def _take(self, data: bytes) -> None:
        if not data or len(data) > min(MOST_OF_A_PIECE, self._size - self._at):
            raise UpdateRefused("More came than was said, or nothing. Upload the file again.")
        if self._at == 0 and not data.startswith(_MAGIC):
            raise UpdateRefused("This is no update. Choose the file whose name ends in .raucb.")
        fd = self._disk.open(str(self._part), os.O_WRONLY | os.O_APPEND)
        try:
            write_all(fd, data, self._disk)
            self._at += len(data)
            if self._at == self._size or self._at - self._synced >= _SYNC_BYTES:
                self._disk.fsync(fd)
                self._synced = self._at
        finally:
            self._disk.close(fd)

    @contextlib.contextmanager
    def _dropped_if_it_fails(self) -> Iterator[None]:
        try:
            yield
        except OSError as wrong:
            self._drop()
            raise UpdateRefused("The update could not be written to the disk. Call support.") from wrong
        except Exception:
            self._drop()
            raise

    def _drop(self) -> None:
        self._place = ""
        with contextlib.suppress(OSError):
            self._disk.unlink(str(self._part))
