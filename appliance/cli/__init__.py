"""The command line: one verb a module. Data goes to stdout, words to stderr; these are the only printers.

Exit codes: 0 done, 1 refused or failed, 2 usage, 3 integrity broken.
"""

import argparse
import importlib
import sys
from typing import Protocol

from appliance import __version__
from appliance.errors import LinekeeperError

VERBS = (
    "run",
    "recorder",
    "keeper",
    "web",
    "front",
    "post",
    "health",
    "analyse",
    "levels",
    "verify",
    "reindex",
    "backup",
    "restore",
    "recover",
    "config",
    "bench",
)
"""In the order ``--help`` lists them; each is ``appliance.cli.verb_<name>``, loaded when it is called."""


class Verb(Protocol):
    """What a verb's module offers."""

    HELP: str

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the verb's arguments."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """Do it; return the exit code."""
        ...


def main(argv: list[str] | None = None) -> int:
    """Run the verb that ``argv`` names; a foreseen error becomes its words and its exit code, never a traceback."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="linekeeper", description="A telephone-call recorder in a box.")
    parser.add_argument("--version", action="version", version=f"linekeeper {__version__}")
    parsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    # The verb that is named is loaded alone: the others' libraries would cost each service time and memory.
    for name in argv[:1] if argv[:1] and argv[0] in VERBS else VERBS:
        verb = _verb(name)
        own = parsers.add_parser(name, help=verb.HELP, description=verb.HELP)
        verb.arguments(own)
        own.set_defaults(run=verb.run)
    args = parser.parse_args(argv)
    try:
        return int(args.run(args))
    except LinekeeperError as wrong:
        sys.stderr.write(f"linekeeper: {wrong}\n")
        return wrong.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0


def _verb(name: str) -> Verb:
    return importlib.import_module(f"appliance.cli.verb_{name}")
