"""``linekeeper web``: the manager's pages, for nginx to stand before."""

import argparse
from pathlib import Path

from appliance import config, files, service
from appliance.web.serving import Serving

HELP = "serve the manager's pages (behind nginx; “linekeeper run” starts both)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    service.start_log("web")
    settings = config.load(args.config)
    files.usable_folder(settings.folders.run)
    try:
        Serving(settings).run()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0
