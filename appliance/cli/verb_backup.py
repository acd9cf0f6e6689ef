"""``linekeeper backup``: the vault's ciphertext to another disk, and a rehearsal of getting it back."""

import argparse
import sys
from pathlib import Path
from random import SystemRandom

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from appliance.cli.asking import ask_keeper, typed
from appliance.clock import Clock, SystemClock
from appliance.codec import to_json
from appliance.config import Config, load
from appliance.errors import BackupDamaged, BackupRefused, FolderUnusable, UsageWrong
from appliance.storage import backup
from appliance.storage.journal import Journal
from appliance.storage.journalline import BOX, Act
from appliance.storage.vault import owned

HELP = "back the vault up to a mounted disk or share, or rehearse getting it back"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("folder", type=Path, nargs="?", help="where to (default: the one in the configuration)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="the configuration; not needed to rehearse")
    parser.add_argument(
        "--rehearse", action="store_true", help="make none: get one call back from the one that is there"
    )
    parser.add_argument("--same-disk", action="store_true", help="begin one even on the disk that it is to outlive")
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")


def run(args: argparse.Namespace) -> int:
    """Back up, or rehearse; 3 where something is damaged."""
    config = load(args.config) if args.config else None
    folder = args.folder or (Path(config.backup.folder) if config and config.backup.folder else None)
    if folder is None:
        raise UsageWrong("Name the folder to back up to, or set “folder” in [backup] of the configuration.")
    if args.rehearse:
        return _rehearse(folder, as_json=args.json)
    if config is None:
        raise UsageWrong("A backup needs --config FILE, which says where the vault is.")
    return _back_up(config, folder, same_disk=args.same_disk, as_json=args.json)


def _back_up(config: Config, folder: Path, *, same_disk: bool, as_json: bool) -> int:
    """Do it as the vault's owner; where the keeper is that, have the keeper do it."""
    vault = config.folders.vault
    if not (vault / "recordings").is_dir():
        raise FolderUnusable(f"There is no vault at {vault}. Check “folder” in the configuration.")
    try:
        owner = owned(vault)
    except FolderUnusable:
        _refuse_other(config, folder)
        return ask_keeper(config, Console(stderr=True))
    with owner:
        outcome = _owned(config, folder, SystemClock(), same_disk=same_disk)
    if as_json:
        print(to_json(outcome).decode())
    else:
        print(
            f"{outcome.recordings} recordings; {outcome.copied.files} files copied, {outcome.removed.removed} removed"
        )
    if outcome.words:
        sys.stderr.write(f"{outcome.words}\n")
    return 3 if outcome.words else 0


def _owned(config: Config, folder: Path, clock: Clock, *, same_disk: bool) -> backup.Outcome:
    vault = config.folders.vault
    begins = folder.is_dir() and backup.read_manifest(folder) is None
    if begins and backup.same_disk(vault, folder) and not same_disk:
        raise BackupRefused("That folder is on the vault's own disk and would be lost with it. Plug in another disk.")
    run = backup.BackupRun(vault, folder, clock.now().at)
    journal = Journal(vault / "journal", clock)
    try:
        journal.append(Act.BACKUP_BEGUN, BOX)
        with _bar() as bar:
            task = bar.add_task("Backing up, newest first", total=None)
            outcome = run.run(lambda now: bar.update(task, completed=now.done, total=now.total))
        removed = str(outcome.removed.removed)
        journal.append(Act.BACKED_UP, BOX, recordings=str(outcome.recordings), removed=removed)
    finally:
        journal.close()
    return outcome


def _refuse_other(config: Config, folder: Path) -> None:
    wanted = config.backup.folder
    if not wanted or Path(wanted).resolve() != folder.resolve():
        raise BackupRefused(
            "The keeper is running, and backs up to the folder in the configuration only. "
            "Set it there (“folder” in [backup]), or stop the keeper first."
        )


def _rehearse(folder: Path, *, as_json: bool) -> int:
    sheet = typed("Type the recovery sheet, then Enter (Enter alone: compare files, open nothing): ")
    with _bar() as bar:
        task = bar.add_task("Looking at every recording", total=None)
        found = backup.rehearse(folder, sheet, SystemRandom(), lambda count: bar.update(task, completed=count))
    played_s = _played(found.audio) if found.audio else None
    damaged = bool(found.faults or found.damaged_cases)
    if not damaged:
        _noted(folder, opened=played_s is not None)
    if as_json:
        told = {"recordings": found.recordings, "faults": found.faults, "call": found.call_id, "played_s": played_s}
        print(to_json({**told, "cases": found.cases, "damaged_cases": found.damaged_cases}).decode())
    else:
        print(f"{found.recordings} recordings, {len(found.faults)} at fault")
        print(f"{found.cases} records of casework, {len(found.damaged_cases)} at fault")
        if found.call_id:
            what = "files compared" if played_s is None else f"opened and played: {played_s:.1f} s of sound"
            print(f"{found.call_id}: {what}")
    return 3 if damaged else 0


def _noted(folder: Path, *, opened: bool) -> None:
    """Note beside the backup that it was tried: the box reads it there for the monthly report."""
    try:
        backup.note_rehearsal(folder, backup.Rehearsed(SystemClock().now().at, opened))
    except OSError:
        sys.stderr.write("The day of this rehearsal could not be noted: the backup's folder cannot be written.\n")


def _played(audio: bytes) -> float:
    """Decode a recording to its end; return its length in seconds.

    Raises:
        BackupDamaged: it is not a recording.
    """
    from appliance.capture.playback import played_s  # noqa: PLC0415 - other verbs need not load the decoder
    from appliance.errors import AudioUnreadable  # noqa: PLC0415

    try:
        return played_s(audio)
    except AudioUnreadable as wrong:
        raise BackupDamaged("A recording could be opened and not played: its sound is damaged.") from wrong


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
