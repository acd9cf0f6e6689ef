"""``linekeeper restore``: a whole vault put back from a backup."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from appliance.clock import SystemClock
from appliance.config import Folders
from appliance.storage.backup import Restore

HELP = "put everything back from a backup, as the vault of a new data folder"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("folder", type=Path, help="the backup")
    parser.add_argument("--data", type=Path, required=True, metavar="NEW", help="a data folder that has no vault yet")


def run(args: argparse.Namespace) -> int:
    """Put it back; 3 where something of it is damaged."""
    restore = Restore(args.folder, Folders(args.data), SystemClock())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Putting back", total=None)
        done = restore.run(lambda count, total: bar.update(task, completed=count, total=total))
    print(f"{done.recordings} recordings, as they were backed up on {done.made_at}")
    for name in done.damaged:
        sys.stderr.write(f"{name}: not what was written into the backup\n")
    return 3 if done.damaged else 0
