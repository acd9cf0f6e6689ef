"""``linekeeper keeper``: the owner of the vault."""

import argparse
from pathlib import Path

from appliance import config, service
from appliance.keeper.service import KeeperService

HELP = "keep recordings and answer the site (“linekeeper run” starts it too)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    service.start_log("keeper")
    stopping = service.Stopping().on_signals()
    KeeperService(config.load(args.config), stopping).run()
    return 0
