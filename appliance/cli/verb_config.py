"""``linekeeper config check FILE``: is a configuration file fit to be used?"""

import argparse
import sys
from pathlib import Path

import tomli_w

from appliance.config import load, to_toml_values

HELP = "check a configuration file, and show it with every default filled in"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("what", choices=["check"], help="what to do with the file")
    parser.add_argument("file", type=Path, help="the TOML file")


def run(args: argparse.Namespace) -> int:
    """Load the file, which raises for anything wrong, and print it whole."""
    config = load(args.file)
    print(tomli_w.dumps(to_toml_values(config)), end="")
    print(f"{args.file} is fit to be used: {len(config.line)} line(s).", file=sys.stderr)
    return 0
