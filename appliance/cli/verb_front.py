"""``linekeeper front``: nginx before the pages, in this process; systemd and ``linekeeper run`` keep it going."""

import argparse
import os
from pathlib import Path

from appliance import config
from appliance.web import front

HELP = "stand nginx before the manager's pages (“linekeeper run” starts both)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")


def run(args: argparse.Namespace) -> int:
    """Write nginx's configuration and become nginx; does not return.

    Raises:
        ConfigWrong: the site listens beyond this machine, and its certificate has not been made yet.
    """
    command = front.command(front.write(config.load(args.config)))
    os.execv(command[0], command)  # noqa: S606  # a fixed program, no shell
