"""``linekeeper bench``: what the project claims to be able to do, measured on this machine, beside peers."""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from appliance.bench import GROUPS, Progress, plots
from appliance.bench.row import Growth, Limit, Row
from appliance.errors import UsageWrong

HELP = "measure speed and accuracy beside peers on this machine"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be chosen."""
    parser.add_argument("groups", nargs="*", metavar="NAME", help=f"of {', '.join(GROUPS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="on little audio: to see that it works, not to be quoted")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="draw what grows with lines and recordings there")
    parser.add_argument("--of", type=Path, metavar="FILE", help="measure nothing: take what --json printed before")


def run(args: argparse.Namespace) -> int:
    """Measure, then print one table."""
    if unknown := [name for name in args.groups if name not in GROUPS]:
        raise UsageWrong(f"There is nothing to measure called “{unknown[0]}”. There is: {', '.join(GROUPS)}.")
    rows = _told_before(args.of) if args.of else _measured(args.groups or list(GROUPS), args.quick)
    if args.json:
        print(json.dumps([_plain(group, row) for group, row in rows], indent=1))
    else:
        _print_table(rows)
    if args.plots:
        for path in plots.draw(rows, args.plots):
            print(path, file=sys.stderr)
    return 0


def _measured(groups: Sequence[str], quick: bool) -> list[tuple[str, Row]]:
    words = Console(stderr=True)
    with words.status("measuring") as status:

        def say(what: str) -> None:
            status.update(what) if words.is_terminal else words.print(what, markup=False)

        return list(_rows(groups, quick, say))


def _told_before(path: Path) -> list[tuple[str, Row]]:
    """Read what ``--json`` printed.

    Raises:
        UsageWrong: it cannot be read as that.
    """
    try:
        told = msgspec.json.decode(path.read_bytes(), type=list[_Told])
    except (OSError, msgspec.DecodeError) as wrong:
        raise UsageWrong(f"{path} cannot be read as what “linekeeper bench --json” prints: {wrong}") from wrong
    return [(one.group, one.row) for one in told]


def _rows(groups: Sequence[str], quick: bool, progress: Progress) -> Iterator[tuple[str, Row]]:
    for name in groups:
        measured: list[Row] = importlib.import_module(f"appliance.bench.{GROUPS[name]}").measure(quick, progress)
        yield from ((name, row) for row in measured)


@dataclass(frozen=True, slots=True)
class _Told:
    """A row as ``--json`` prints it."""

    group: str
    name: str
    ours: float
    unit: str
    peer_name: str
    peer: float | None
    limit: Limit | None = None
    growth: Growth | None = None

    @property
    def row(self) -> Row:
        """The row that it was."""
        return Row(self.name, self.ours, self.unit, self.peer_name, self.peer, self.limit, self.growth)


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
