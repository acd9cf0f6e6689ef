"""``linekeeper bench``: what the project claims to be able to do, measured on this machine, beside peers."""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from appliance.bench import GROUPS, Progress
from appliance.bench.row import Limit, Row
from appliance.errors import UsageWrong

HELP = "measure speed and accuracy beside peers on this machine"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be chosen."""
    parser.add_argument("groups", nargs="*", metavar="NAME", help=f"of {', '.join(GROUPS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="on little audio: to see that it works, not to be quoted")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Measure, then print one table."""
    if unknown := [name for name in args.groups if name not in GROUPS]:
        raise UsageWrong(f"There is nothing to measure called “{unknown[0]}”. There is: {', '.join(GROUPS)}.")
    words = Console(stderr=True)
    with words.status("measuring") as status:

        def say(what: str) -> None:
            status.update(what) if words.is_terminal else words.print(what, markup=False)

        rows = list(_rows(args.groups or list(GROUPS), args.quick, say))
    if args.json:
        print(json.dumps([_plain(group, row) for group, row in rows], indent=1))
    else:
        _print_table(rows)
    return 0


def _rows(groups: Sequence[str], quick: bool, progress: Progress) -> Iterator[tuple[str, Row]]:
    for name in groups:
        measured: list[Row] = importlib.import_module(f"appliance.bench.{GROUPS[name]}").measure(quick, progress)
        yield from ((name, row) for row in measured)


def _plain(group: str, row: Row) -> dict[str, Any]:
    return {"group": group, **asdict(row), "ratio": row.ratio, "kept": row.kept}


def _print_table(rows: list[tuple[str, Row]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading, side in (("", "left"), ("ours", "right"), ("", "left"), ("beside", "left"), ("theirs", "right")):
        table.add_column(heading, justify="right" if side == "right" else "left")
    for heading in ("ratio", "claimed", ""):
        table.add_column(heading, justify="right")
    before = ""
    for group, row in rows:
        if group != before:
            table.add_section()
            table.add_row(f"[bold]{group}")
        before = group
        peer = "" if row.peer is None else _figure(row.peer)
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        kept = {None: "", True: "kept", False: "[bold red]missed"}[row.kept]
        table.add_row(row.name, _figure(row.ours), row.unit, row.peer_name, peer, ratio, _claim(row.limit), kept)
    wide = Console(file=sys.stdout)
    wide.width = max(wide.width, 140)
    wide.print(table)


def _claim(limit: Limit | None) -> str:
    if limit is None:
        return ""
    return f"{'≥' if limit.least else '≤'} {_figure(limit.value)}{'' if limit.absolute else ' ×'}"


def _figure(figure: float) -> str:
    return f"{figure:.0f}" if figure == round(figure) else f"{figure:.3g}" if abs(figure) < 1 else f"{figure:.2f}"
