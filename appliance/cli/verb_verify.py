"""``linekeeper verify``: does everything that was kept add up?"""

import argparse
import sys
from pathlib import Path

from appliance.codec import to_json
from appliance.config import load
from appliance.errors import FolderUnusable
from appliance.storage.inspection import inspect_cases, inspect_journal, inspect_recordings

HELP = "check the journal, recordings' sheets and records of casework; reads only, and may be run beside the keeper"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(args: argparse.Namespace) -> int:
    """Check; 3 if anything does not add up."""
    vault = load(args.config).folders.vault
    if not (vault / "recordings").is_dir():
        raise FolderUnusable(f"There is no vault at {vault}. Check “folder” in the configuration.")
    report = inspect_journal(vault)
    inspected = list(inspect_recordings(vault))
    faults = [one for one in inspected if one.fault]
    cases, damaged = inspect_cases(vault)
    if args.json:
        found = {
            "journal": report,
            "recordings": len(inspected),
            "faults": faults,
            "cases": cases,
            "damaged_cases": damaged,
        }
        sys.stdout.write(to_json(found).decode() + "\n")
    else:
        state = "adds up" if report.intact else f"does NOT add up after entry {report.broken_after}"
        print(f"journal: {report.count} entries, {state}")
        print(f"recordings: {len(inspected)}, {len(faults)} at fault")
        for one in faults:
            print(f"{one.call_id}: {one.fault}")
        print(f"records of casework: {cases}, {len(damaged)} at fault")
        for reference in damaged:
            print(f"{reference}: Its record is damaged or cannot be read. Put it back from a backup.")
    return 3 if faults or damaged or not report.intact else 0
