"""Copying what is new or has changed, and reading it back from the disk before it counts.

A good copy is never overwritten with something worse: audio is written once, a sheet or a key file only replaced by one
that can be read, a month of the journal only by one that goes on from it.
"""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from appliance.errors import BackupDamaged
from appliance.model.calls import CallId
from appliance.storage.backup.folder import BackupFolder
from appliance.storage.backup.sound import is_sound, sheet_kid
from appliance.storage.backup.source import Source
from appliance.storage.backup.sums import FileSum, Sums, sum_of


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied. ``spoiled`` are the box's files that are worse than what the backup has of them already."""

    files: int = 0
    size: int = 0
    spoiled: frozenset[str] = field(default_factory=frozenset)

    def __add__(self, other: "Copied") -> "Copied":
        return Copied(self.files + other.files, self.size + other.size, self.spoiled | other.spoiled)

    def with_spoiled(self, name: str) -> "Copied":
        """Return it with one more spoiled file."""
        return replace(self, spoiled=self.spoiled | {name})


class Copying:
    """Copies from a vault into a backup."""

    def __init__(self, source: Source, target: BackupFolder) -> None:
        """Copy from ``source`` to ``target``."""
        self._source, self._target = source, target
        self._done = Copied()

    def day(self, day: str) -> Copied:
        """Copy a day's recordings; they count once they have been read back and are listed.

        Raises:
            BackupDamaged: the disk does not give back what was written.
            OSError: the disk refused.
        """
        self._done = Copied()
        listed, shelf = self._target.sums(day), self._target.shelf(day)
        fresh = Sums()
        for name, path in self._source.of_day(day).items():
            try:
                told = self._recording(path, shelf / name, listed.get(name))
            except FileNotFoundError:
                continue  # it has gone to the trash meanwhile
            if told is not None:
                fresh[name] = told
        self._counted(day, listed, fresh, shelf)
        return self._done

    def rest(self) -> Copied:
        """Copy people, keys, holds, the journal and what else there is; as ``day``."""
        self._done = Copied()
        listed, fresh = self._target.sums("vault"), Sums()
        if (self._source.vault / "holds").is_dir():
            self._target.made(self._target.vault / "holds")  # an empty one says that nothing is held
        for name, path in self._source.rest():
            try:
                told = self._other(name, path, listed.get(name))
            except FileNotFoundError:
                continue  # a hold whose recording is destroyed, a grant whose month is over
            fresh |= told
        self._counted("vault", listed, fresh, self._target.vault)
        return self._done

    def _counted(self, of: str, listed: Sums, fresh: Sums, folder: Path) -> None:
        """Make what was copied durable, read it back, and list it."""
        written = {name: told for name, told in fresh.items() if listed.get(name, told).sum != told.sum}
        written |= {name: told for name, told in fresh.items() if name not in listed}
        for parent in {(folder / name).parent for name in written}:
            self._target.synced(parent)
        wrong = self._target.unread(folder, written)
        if wrong:
            raise BackupDamaged(
                f"{len(wrong)} files read back from the backup's disk are not what was written. Replace that disk."
            )
        if fresh:
            self._target.keep_sums(of, {**listed, **fresh})
        self._done += Copied(len(written), sum(told.size for told in written.values()))

    def _recording(self, path: Path, target: Path, listed: FileSum | None) -> FileSum | None:
        """Copy a sheet or an audio if it must be; return what is to be listed of it, None for nothing new."""
        found = path.stat()
        if listed and (listed.size, listed.changed_ns) == (found.st_size, found.st_mtime_ns):
            return None
        if listed and sum_of(path).sum == listed.sum:
            return msgspec.structs.replace(listed, changed_ns=found.st_mtime_ns)
        kid = sheet_kid(path.read_bytes(), CallId(path.stem)) if path.suffix == ".meta" else ""
        # A sheet only ever grows; cut off at a line it would still look like one.
        if listed and (path.suffix == ".audio" or not kid or found.st_size < listed.size):
            self._spoiled(path.name)
            return None
        return msgspec.structs.replace(self._target.copy(path, target), kid=kid)

    def _other(self, name: str, path: Path, listed: FileSum | None) -> Sums:
        """Copy a file of the rest if it must be; return what is to be listed."""
        data = path.read_bytes()
        if path.suffix == ".jsonl":
            data = data[: data.rfind(b"\n") + 1]  # a line that is being written is not part of the journal
        if listed and listed.sum == hashlib.sha256(data).hexdigest():
            return {}
        if listed and path.suffix == ".jsonl" and not _goes_on(listed, data):
            self._spoiled(name)
            name += ".differs"
        elif listed and not is_sound(name, data):
            self._spoiled(name)
            return {}
        return {name: self._target.copy(path, self._target.folder_for(name) / Path(name).name, len(data))}

    def _spoiled(self, name: str) -> None:
        self._done = self._done.with_spoiled(name)


def _goes_on(listed: FileSum, data: bytes) -> bool:
    return hashlib.sha256(data[: listed.size]).hexdigest() == listed.sum
