"""The vault: where finished recordings lie, and how one is moved without ever being in neither place.

A recording is two files. It is *there* when its sheet (``ID.meta``) is: so the audio arrives before the sheet, and
leaves after it. Each rename is durable before the next, so that a power cut leaves a move either undone or to be
finished, and ``settle`` finishes it.
"""

from datetime import date
from pathlib import Path
from typing import TextIO

from appliance.files import REAL_DISK, Disk, alone, made_folder, sync_folder
from appliance.model.calls import CallId
from appliance.storage.spool import is_call_id


def owned(folder: Path) -> TextIO:
    """Return the lock on the vault in ``folder``: a vault has one owner.

    Raises:
        FolderUnusable: another process owns it.
    """
    return alone(folder, "The keeper already runs on this vault. Stop it first (“linekeeper run” runs one).")


class Vault:
    """The recordings' folders below ``folder``: ``recordings/DAY`` by the day in the id, and the trash."""

    def __init__(self, folder: Path, disk: Disk = REAL_DISK) -> None:
        """Use ``folder``, which exists. The folder of holds is made only in a vault that is new."""
        self.folder, self._disk = folder, disk
        self.recordings = folder / "recordings"
        self.holds = folder / "holds"
        if not self.recordings.is_dir():
            made_folder(self.holds, disk)
        for name in ("catalogue", "journal", "index", "trash", "recordings"):
            made_folder(folder / name, disk)

    def meta(self, call_id: CallId) -> Path:
        """Return where a recording's sheet lies."""
        return self.shelf(call_id) / f"{call_id}.meta"

    def audio(self, call_id: CallId) -> Path:
        """Return where a recording's audio lies; a missed call has none."""
        return self.shelf(call_id) / f"{call_id}.audio"

    def shelf(self, call_id: CallId) -> Path:
        """Return the folder of the recording's day."""
        return self.recordings / call_id[:10]

    def has(self, call_id: CallId) -> bool:
        """Return whether the recording is there."""
        return self.meta(call_id).exists()

    def days(self) -> set[str]:
        """Return the days that have a folder."""
        return {path.name for path in self.recordings.iterdir() if path.is_dir()}

    def ids(self, day: str) -> list[CallId]:
        """Return the recordings of one day's folder, oldest first."""
        return sheets_in(self.recordings / day)

    def take(self, call_id: CallId, source: Path) -> None:
        """Move a finished recording in from ``source``; durable when this returns, and may be called again."""
        shelf = made_folder(self.shelf(call_id), self._disk)
        self._moved(source / f"{call_id}.audio", shelf)
        self._moved(source / f"{call_id}.meta", shelf)

    def give(self, call_id: CallId, target: Path) -> None:
        """Move a recording out to ``target``, which exists; durable when this returns, and may be called again."""
        half_written = self.meta(call_id).with_suffix(".meta.new")  # a cut may leave it, with a copy of the key
        if half_written.exists():
            self._disk.unlink(str(half_written))
        self._moved(self.meta(call_id), target)
        self._moved(self.audio(call_id), target)

    def _moved(self, path: Path, folder: Path) -> None:
        if path.exists():
            self._disk.replace(str(path), str(folder / path.name))
            sync_folder(folder, self._disk)
            sync_folder(path.parent, self._disk)


class Trash:
    """Recordings past their time, in folders by the day of the horizon they were put there: ``trash/2026-11-23``."""

    def __init__(self, vault: Vault, disk: Disk = REAL_DISK) -> None:
        """Use the trash of ``vault``."""
        self._vault, self._disk = vault, disk
        self._folder = vault.folder / "trash"

    def put(self, call_id: CallId, horizon: date) -> None:
        """Move a recording in."""
        self._vault.give(call_id, made_folder(self._folder / horizon.isoformat(), self._disk))

    def where(self, call_id: CallId) -> Path | None:
        """Return the folder a recording lies in, if it is in the trash."""
        return next((folder for folder in self._days() if (folder / f"{call_id}.meta").exists()), None)

    def restore(self, call_id: CallId) -> bool:
        """Move a recording back; False if it is not here. May be called again after a cut."""
        folder = self.where(call_id)
        if folder is None:
            return False
        self._vault.take(call_id, folder)
        return True

    def ids(self) -> list[tuple[date, CallId]]:
        """Return what is here and since which day of the horizon, oldest first."""
        return [(date.fromisoformat(day.name), call_id) for day in self._days() for call_id in sheets_in(day)]

    def destroy(self, call_id: CallId) -> None:
        """Remove a recording for good: first its sheet, and with it the only copy of the key of its audio."""
        folder = self.where(call_id)
        if folder is not None:
            self._unlinked(folder / f"{call_id}.meta")
            self._unlinked(folder / f"{call_id}.audio")
            self._tidied(folder)

    def settle(self) -> None:
        """Finish what a power cut left half done."""
        for _day, call_id in self.ids():
            folder = self.where(call_id)
            if folder is not None and self._vault.audio(call_id).exists():
                self._vault.give(call_id, folder)
        for folder in self._days():
            for audio in folder.glob("*.audio"):
                call_id = CallId(audio.stem)
                if not audio.with_suffix(".meta").exists() and not self._vault.has(call_id):
                    self._unlinked(audio)
            self._tidied(folder)

    def _days(self) -> list[Path]:
        return sorted(path for path in self._folder.iterdir() if path.is_dir())

    def _unlinked(self, path: Path) -> None:
        if path.exists():
            self._disk.unlink(str(path))
            sync_folder(path.parent, self._disk)

    def _tidied(self, folder: Path) -> None:
        if not any(folder.iterdir()):
            folder.rmdir()


def sheets_in(folder: Path) -> list[CallId]:
    """Return the ids of the sheets in ``folder``, oldest first; files of other names are nobody's business."""
    if not folder.is_dir():
        return []
    return [CallId(path.stem) for path in sorted(folder.glob("*.meta")) if is_call_id(path.stem)]
