"""``linekeeper analyse``: which calls are in these sound files?"""

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from appliance.analyse import LineReport, calls_in
from appliance.audio import positions, seconds
from appliance.capture.tones import plan_for
from appliance.errors import UsageWrong
from appliance.events import HookEdge, RingEdge
from appliance.model.calls import CallerIdentity, CallFacts

Edge = TypeVar("Edge", HookEdge, RingEdge)

HELP = "find the calls in sound files of a telephone line"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the files and how to read them."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a sound file of one line")
    parser.add_argument("--country", default="uk", help="whose tones the line has (default: uk)")
    parser.add_argument("--tones", type=Path, metavar="FILE.toml", help="tone plans of your own, as in toneplans.toml")
    parser.add_argument(
        "--hook", type=Path, metavar="EDGES.json", help='hook sensor: {"file name": [[seconds, 1 off | 0 on], ...]}'
    )
    parser.add_argument(
        "--ring", type=Path, metavar="EDGES.json", help='ring sensor: {"file name": [[seconds, 1 on | 0 off], ...]}'
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print the calls of each file."""
    plan = plan_for(args.country, args.tones)
    hook = _edges(args.hook, HookEdge, "hook") if args.hook else {}
    ring = _edges(args.ring, RingEdge, "ring") if args.ring else {}
    reports = []
    words = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=words, transient=True, disable=not words.is_terminal) as shown:
        for number, path in enumerate(args.files, start=1):
            task = shown.add_task(f"{path.name} ({number} of {len(args.files)})")
            signs = [*hook.get(path.name, ()), *ring.get(path.name, ())]
            report = calls_in(path, plan, signs, partial(_show, shown, task))
            shown.remove_task(task)
            for remark in report.remarks:
                words.print(remark, markup=False, highlight=False, soft_wrap=True)
            reports.append(report)
    print(json.dumps([_plain(report) for report in reports], indent=1)) if args.json else _print_table(reports)
    return 0


def _show(shown: Progress, task: TaskID, heard_s: float, of_s: float) -> None:
    shown.update(task, completed=heard_s, total=of_s)


def _edges(path: Path, kind: type[Edge], sensor: str) -> dict[str, list[Edge]]:
    try:
        table = msgspec.json.decode(path.read_bytes(), type=dict[str, list[tuple[float, int]]])
    except (OSError, msgspec.DecodeError) as wrong:
        raise UsageWrong(
            f"{path.name} is not a file of {sensor} edges: it should read "
            '{"line.wav": [[12.5, 1], [40.1, 0]]}, seconds and 1 for active.'
        ) from wrong
    return {name: [kind(positions(at), bool(up)) for at, up in edges] for name, edges in table.items()}


def _plain(report: LineReport) -> dict[str, Any]:
    return {"file": report.name, "calls": [_plain_call(facts) for facts in report.calls]}


def _plain_call(facts: CallFacts) -> dict[str, Any]:
    return {
        "start": round(seconds(facts.start), 3),
        "end": round(seconds(facts.end), 3),
        "direction": facts.direction.value,
        "dialled": facts.dialled,
        "caller": facts.caller.number,
        "answered": facts.answered,
        "missed": facts.missed,
    }


def _print_table(reports: list[LineReport]) -> None:
    table = Table("file", "start", "end", "", "number", "what", box=None)
    for report in reports:
        for facts in report.calls:
            table.add_row(
                report.name,
                _clock(facts.start),
                _clock(facts.end),
                facts.direction.value,
                facts.dialled or _who(facts),
                "missed" if facts.missed else "answered" if facts.answered else "not answered",
            )
        if not report.calls:
            table.add_row(report.name, "", "", "", "", "no calls")
    Console(file=sys.stdout).print(table)


def _who(facts: CallFacts) -> str:
    if facts.caller.identity is CallerIdentity.NOT_DETECTED:
        return "–"
    return facts.caller.number or facts.caller.identity.value


def _clock(position: int) -> str:
    whole, part = divmod(seconds(position), 60.0)
    return f"{int(whole)}:{part:04.1f}"
