"""``linekeeper reindex``: the catalogue made anew from the recordings themselves."""

import argparse
import sys
from pathlib import Path

from appliance.clock import SystemClock
from appliance.config import load
from appliance.errors import FolderUnusable
from appliance.storage.boots import Boots
from appliance.storage.catalogue import Catalogue
from appliance.storage.filing import Filing
from appliance.storage.vault import Vault, owned

HELP = "make the catalogue anew from the recordings; the keeper must not be running"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")


def run(args: argparse.Namespace) -> int:
    """Rebuild each day; progress goes to stderr, the count to stdout."""
    folder = load(args.config).folders.vault
    if not (folder / "recordings").is_dir():
        raise FolderUnusable(f"There is no vault at {folder}. Check “folder” in the configuration.")
    with owned(folder):
        vault = Vault(folder)
        filing = Filing(vault, Boots(folder / "boots.json", SystemClock()))
        catalogue = Catalogue(folder / "catalogue", filing.day)
        days, count = sorted(vault.days() | catalogue.files()), 0
        for number, day in enumerate(days, start=1):
            count += catalogue.rewrite(day)
            sys.stderr.write(f"\r{number} of {len(days)} days, {count} recordings")
        sys.stderr.write("\n")
    print(count)
    return 0
