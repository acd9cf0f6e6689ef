"""``linekeeper health``: how the box stands, as the keeper last said."""

import argparse
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from appliance.clock import LONDON, SystemClock
from appliance.codec import read_json, to_json
from appliance.config import load
from appliance.errors import LinkBroken
from appliance.model.health import SNAPSHOT_FILE, HealthSnapshot

HELP = "show how the box stands: lines, cards, disk, clock, supply, backup, certificate"

STALE = timedelta(seconds=60)
"""The keeper writes every ten seconds."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(args: argparse.Namespace) -> int:
    """Show it; 1 while an alarm stands, so that a script can tell.

    Raises:
        LinkBroken: the keeper has said nothing, or nothing lately.
    """
    path = load(args.config).folders.health / SNAPSHOT_FILE
    found = read_json(path, HealthSnapshot)
    if found is None or SystemClock().now().at - found.at > STALE:
        raise LinkBroken("The keeper has not said lately how the box stands. Is it running?")
    if args.json:
        sys.stdout.write(to_json(found).decode() + "\n")
    else:
        for name, words in _rows(found):
            print(f"{name:<12} {words}")
    return 1 if found.alarms else 0


def _rows(one: HealthSnapshot) -> Iterator[tuple[str, str]]:
    yield "recorder", "answers" if one.contact else "does NOT answer"
    for line in one.lines:
        yield f"line {line.line}", f"{line.name}: {line.state}{f' ({line.fault})' if line.fault else ''}"
    for card in one.cards:
        yield "card", f"{card.name}: {'heard' if card.heard else 'NOT heard'}"
    months = "not enough to tell" if one.disk.months_left is None else f"{one.disk.months_left:.0f} months of calls"
    yield "disk", f"{one.disk.free_bytes >> 30} of {one.disk.size_bytes >> 30} GB free: {months}"
    yield "clock", str(one.clock)
    board = one.board
    if board.temperature_c is not None:
        yield "temperature", f"{board.temperature_c:.0f} °C"
    if board.under_voltage is not None:
        before = ", but was too weak since it was switched on" if board.under_voltage_seen else ""
        yield "supply", "too weak" if board.under_voltage else f"good{before}"
    if board.memory_bytes and board.memory_free_bytes is not None:
        yield "memory", f"{board.memory_free_bytes >> 20} of {board.memory_bytes >> 20} MB free"
    if board.uptime_s is not None:
        yield "up for", f"{int(board.uptime_s // 86400)} days {int(board.uptime_s % 86400 // 3600)} h"
    last = one.backup.last_at
    yield "backup", "none" if last is None else f"{last.astimezone(LONDON):%d.%m.%Y %H:%M}"
    if one.certificate_until:
        yield "certificate", f"until {one.certificate_until.astimezone(LONDON):%d.%m.%Y}"
    yield "alarms", f"{one.alarms}, {one.unacknowledged} of them not seen to"
