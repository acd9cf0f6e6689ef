"""A rehearsed restore: does the backup give back what is in it? A backup that was never tried is a hope."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

from appliance.errors import BackupDamaged, BackupRefused, SealBroken
from appliance.model.calls import CallId
from appliance.storage import recover
from appliance.storage.backup.folder import BackupFolder
from appliance.storage.backup.manifest import read_manifest
from appliance.storage.backup.sound import has_gone_on
from appliance.storage.backup.sums import agrees
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.inspection import inspect_cases, inspect_recordings
from appliance.storage.recovery import parse_sheet

_MEMORY = Path("/dev/shm")  # noqa: S108  # where there is one, plain audio never touches a disk
_NOTED = "REHEARSED.json"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What was found. ``faults`` are recordings whose sheet is damaged or whose audio is too short.

    ``call_id`` is the one that was read whole, byte by byte; None where there is none with audio. ``damaged_cases`` are
    the references of those of the ``cases``, the records of casework, that cannot be read.
    """

    recordings: int
    faults: tuple[CallId, ...]
    call_id: CallId | None
    audio: bytes = field(default=b"", repr=False)
    cases: int = 0
    damaged_cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """That a rehearsal found nothing wrong, noted beside the backup. ``opened``: a call was opened and played."""

    at: datetime
    opened: bool


def note_rehearsal(folder: Path, rehearsed: Rehearsed) -> None:
    """Note a rehearsal beside the backup in ``folder``, where the box finds it; durable when this returns.

    Raises:
        OSError: it cannot be written there.
    """
    write_checked(folder / _NOTED, rehearsed)


def read_rehearsal(folder: Path) -> Rehearsed | None:
    """Return what was noted last of the backup in ``folder``; None where there is nothing, or nothing readable."""
    try:
        return read_checked(folder / _NOTED, Rehearsed)
    except (SealBroken, OSError):
        return None


def rehearse(folder: Path, sheet: str, chance: Random, saw: Callable[[int], None] = lambda _count: None) -> Rehearsal:
    """Look at every recording in the backup, and get one that ``chance`` chooses back.

    With a recovery ``sheet`` its audio is opened as ``recover.py`` does, which must be the one that lies there; without
    (empty), its files are compared with what was written.

    Raises:
        BackupRefused: there is no backup there.
        BackupDamaged: that one recording cannot be had, or ``recover.py`` is not the one that was put there.
        SheetMistyped: the sheet was mistyped.
    """
    if read_manifest(folder) is None:
        raise BackupRefused(f"There is no backup in {folder}.")
    if sheet:
        parse_sheet(sheet).forget()
    target, faults, whole, count = BackupFolder(folder), list[CallId](), list[CallId](), 0
    for count, one in enumerate(inspect_recordings(target.vault), start=1):
        saw(count)
        audio = target.recordings / one.call_id[:10] / f"{one.call_id}.audio"
        if one.fault:
            faults.append(one.call_id)
        elif audio.exists():
            whole.append(one.call_id)
    call_id = chance.choice(whole) if whole else None
    audio_bytes = _got_back(target, call_id, sheet) if call_id else b""
    return Rehearsal(count, tuple(faults), call_id, audio_bytes, *inspect_cases(target.vault))


def _got_back(target: BackupFolder, call_id: CallId, sheet: str) -> bytes:
    day = call_id[:10]
    for name in (f"{call_id}.meta", f"{call_id}.audio"):
        told = target.sums(day).get(name)
        path = target.recordings / day / name
        if told is not None and not agrees(path, told) and not has_gone_on(path, told):
            raise BackupDamaged(f"The recording {call_id} is not what was written: replace the backup's disk.")
    if not sheet:
        return b""
    if (target.folder / "recover.py").read_bytes() != Path(recover.__file__).read_bytes():
        raise BackupDamaged("The backup's recover.py is not this release's. Make a backup first, then rehearse.")
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as out:
        return _opened(target, call_id, sheet, Path(out))


def _opened(target: BackupFolder, call_id: CallId, sheet: str, out: Path) -> bytes:
    try:
        keys = recover.recording_keys(target.folder, recover.recovery_key(sheet))
        recover.recover_call(target.recordings / call_id[:10] / f"{call_id}.meta", keys, out)
    except recover.Unrecoverable as wrong:
        raise BackupDamaged(f"The recording {call_id} cannot be opened with this sheet: {wrong}.") from wrong
    return (out / f"{call_id}.opus").read_bytes()
