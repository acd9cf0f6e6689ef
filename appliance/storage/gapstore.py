"""The gap ledger's chapters as files: read in the spool while the recorder adds to them, then kept in the vault."""

import hashlib
import logging
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

    A chapter lies in the spool or in the vault at any instant: it is moved in one step, and never copied.
    """

    def __init__(self, spool: Path, vault: Path, disk: Disk = REAL_DISK) -> None:
        """Keep them in the folder ``listening`` of ``vault``."""
        self._spool, self._kept, self._disk = spool, vault / "listening", disk
        self._vault = vault
        self._read: dict[str, tuple[int, Shelved | None]] = {}

    def chapters(self) -> list[Shelved]:
        """Return every chapter that can be read, in the order in which they followed one another."""
        found = {path.name: path for folder in (self._kept, self._spool) for path in folder.glob(f"*{SUFFIX}")}
        self._read = {name: seen for name, seen in self._read.items() if name in found}
        return [shelved for name in sorted(found) if (shelved := self._shelved(found[name]))]

    def finished(self) -> list[Shelved]:
        """Return the chapters in the spool that nothing is added to any more, oldest first."""
        names = {path.name for path in self._spool.glob(f"*{SUFFIX}")}
        newest = max(names, default="")
        return [one for one in self.chapters() if one.name in names and one.name != newest]

    def keep(self, shelved: Shelved) -> None:
        """Move a finished chapter into the vault; durable when this returns, and may be called again.

        Raises:
            OSError: the disk failed; it stays where it was.
        """
        source = self._spool / shelved.name
        if source.exists():
            made_folder(self._kept, self._disk, 0o700)
            self._disk.replace(str(source), str(self._kept / shelved.name))
            sync_folder(self._kept, self._disk)
            sync_folder(self._spool, self._disk)

    def _shelved(self, path: Path) -> Shelved | None:
        """Read a file, unless it is as long as when it was last read: it only grows."""
        try:
            size = path.stat().st_size
            seen = self._read.get(path.name)
            if seen is None or seen[0] != size:
                seen = size, _shelved(path)
                self._read[path.name] = seen
        except FileNotFoundError:
            return None  # moved this moment; it is found in its new place next time
        return seen[1]


def _shelved(path: Path) -> Shelved | None:
    data = path.read_bytes()
    chapter = read_chapter(data)
    if chapter is None:
        return None
    if chapter.damaged:
        log.warning("%d lines of the listening diary %s cannot be read", chapter.damaged, path.name)
    return Shelved(path.name, chapter, hashlib.sha256(data).hexdigest())
