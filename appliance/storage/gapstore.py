"""The gap ledger's chapters as files: read in the spool while the recorder adds to them, then kept in the vault."""

import hashlib
import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from appliance.files import REAL_DISK, Disk, made_folder, sync_folder
from appliance.storage.gapnotes import SUFFIX, Chapter, read_chapter

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shelved:
    """A chapter's file. ``sum`` is the hex SHA-256 of its bytes: the journal holds it once the chapter is kept."""

    name: str
    chapter: Chapter
    sum: str


class GapStore:
    """All chapters there are. The newest in the spool is the recorder's; those before it are taken in. One owner.

    A chapter lies in the spool or in the vault at any instant: it is moved in one step, and never copied. What is kept
    is read once.
    """

    def __init__(self, spool: Path, vault: Path, disk: Disk = REAL_DISK) -> None:
        """Keep them in the folder ``listening`` of ``vault``."""
        self._spool, self._folder, self._disk = spool, vault / "listening", disk
        self._kept: dict[str, Shelved] | None = None
        self._growing: dict[str, tuple[int, Shelved | None]] = {}
        self._lock = threading.Lock()

    def chapters(self) -> list[Shelved]:
        """Return every chapter that can be read, in the order in which they followed one another."""
        with self._lock:
            growing = [shelved for _, shelved in self._look().values() if shelved]
            return sorted((*self._read_kept().values(), *growing), key=lambda one: one.name)

    def finished(self) -> list[Shelved]:
        """Return the chapters in the spool that nothing is added to any more, oldest first."""
        with self._lock:
            found = self._look()
            done = (found[name][1] for name in sorted(found)[:-1])
            return [shelved for shelved in done if shelved is not None]

    def keep(self, shelved: Shelved) -> None:
        """Move a finished chapter into the vault; durable when this returns, and may be called again.

        Raises:
            OSError: the disk failed; it stays where it was.
        """
        source = self._spool / shelved.name
        with self._lock:
            kept = self._read_kept()
            if source.exists():
                made_folder(self._folder, self._disk, 0o700)
                self._disk.replace(str(source), str(self._folder / shelved.name))
                sync_folder(self._folder, self._disk)
                sync_folder(self._spool, self._disk)
            kept[shelved.name] = shelved

    def _read_kept(self) -> dict[str, Shelved]:
        if self._kept is None:
            read = ((path.name, _shelved(path)) for path in self._folder.glob(f"*{SUFFIX}"))
            self._kept = {name: shelved for name, shelved in read if shelved}
        return self._kept

    def _look(self) -> dict[str, tuple[int, Shelved | None]]:
        """Read what is new in the spool: a file that is as long as when it was last read says nothing new."""
        found: dict[str, tuple[int, Shelved | None]] = {}
        for path in self._spool.glob(f"*{SUFFIX}"):
            size = path.stat().st_size
            seen = self._growing.get(path.name)
            found[path.name] = seen if seen and seen[0] == size else (size, _shelved(path))
        self._growing = found
        return found


def _shelved(path: Path) -> Shelved | None:
    data = path.read_bytes()
    chapter = read_chapter(data)
    if chapter is None:
        return None
    if chapter.damaged:
        log.warning("%d lines of the listening diary %s cannot be read", chapter.damaged, path.name)
    return Shelved(path.name, chapter, hashlib.sha256(data).hexdigest())
