"""``linekeeper levels``: how does each line measure, is it wired rightly, and how do its calls show?"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.live import Live

from appliance.capture.calibration import Calibrated
from appliance.capture.wavefile import WaveFile
from appliance.cli.guide import Guide, words_of
from appliance.cli.levels import Ear, LevelRow, plain, row_of, table
from appliance.cli.terminal import current
from appliance.clock import SystemClock
from appliance.config import Config, LineConfig, load
from appliance.errors import UsageWrong
from appliance.recorder.bulletin import FILE_NAME
from appliance.recorder.memory import keep_learnt
from appliance.recorder.taps import Taps
from appliance.service import Stopping

HELP = "show each line's level, hum and floor, and say what is wrong with its wiring"

_A_WHILE_S = 10.0
_LOOK_S = 0.2
_WHOLE_FILE = 1 << 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where to listen and how to tell."""
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="a sound file of one line, instead of a line"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="measure the lines of these settings")
    parser.add_argument("--card", metavar="NAME", help="measure one sound card")
    parser.add_argument("--channel", type=int, default=0, metavar="N", help="the card's or file's channel, from 0")
    parser.add_argument("--list", action="store_true", help="list the sound cards there are, and end")
    parser.add_argument("--seconds", type=float, metavar="N", help="end after so long (default: on a terminal, Ctrl-C)")
    parser.add_argument("--guide", action="store_true", help="measure one line with your help: idle, a call, hung up")
    parser.add_argument("--line", metavar="NAME", help="which line of the settings to guide (default: the only one)")
    parser.add_argument("--keep", action="store_true", help="with --guide: let the recorder begin with what was found")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Show the levels."""
    if args.list:
        return _list_cards()
    if args.file is not None:
        return _print([_heard(args.file, args.channel)], as_json=args.json)
    if (args.config is None) == (args.card is None):
        raise UsageWrong("Name a sound file, or --config FILE, or --card NAME. --list shows the cards.")
    config = (
        load(args.config)
        if args.config
        else Config(line=(LineConfig(args.card, card=args.card, channel=args.channel),))
    )
    if args.guide:
        return _guide(args, config)
    return _watch(args, config)


def _list_cards() -> int:
    from appliance.capture.cards import list_cards  # noqa: PLC0415 - it asks every device there is

    for card in list_cards():
        print(f"{card.name}\t{card.channels} channel(s)\t{card.rate} Hz\t{card.title}")
    return 0


def _heard(path: Path, channel: int) -> LevelRow:
    """Measure a whole file, as fast as it can be read."""
    ear = Ear(path.name, partial(WaveFile, path, channel=channel), _WHOLE_FILE)
    WaveFile(path, channel=channel).close()  # a file that cannot be read is an error, not a line that is lost
    while not ear.ended:
        ear.listen(1.0)
    ear.close()
    return ear.row()


def _watch(args: argparse.Namespace, config: Config) -> int:
    console = Console(stderr=args.json, highlight=False)
    lasts_s = args.seconds or (None if console.is_terminal and not args.json else _A_WHILE_S)
    rows: list[LevelRow] = []
    with Live(console=console, refresh_per_second=5, transient=True) as live:
        for rows in _rows(config, args.config is not None, lasts_s):
            if console.is_terminal:
                live.update(table(rows))
    return _print(rows, as_json=args.json)


def _rows(config: Config, from_recorder: bool, lasts_s: float | None) -> Iterator[list[LevelRow]]:
    """Yield how the lines measure, several times a second; from the recorder's word where it has the lines."""
    stopping, began_s = Stopping().on_signals(), time.monotonic()
    status = config.folders.live / FILE_NAME
    running = from_recorder and current(status, datetime.now(UTC)) is not None
    taps = Taps(config)
    ears = (
        []
        if running
        else [Ear(line.name, partial(taps.open, number, line)) for number, line in enumerate(config.line, 1)]
    )
    before: list[LevelRow] = []
    try:
        while lasts_s is None or time.monotonic() - began_s < lasts_s:
            for ear in ears:
                ear.listen(_LOOK_S / len(ears))
            before = _recorder_s(status, before) if running else [ear.row() for ear in ears]
            yield before
            if stopping.wait(_LOOK_S if running else 0.0):
                return
    finally:
        for ear in ears:
            ear.close()
        taps.close()


def _recorder_s(status: Path, before: list[LevelRow]) -> list[LevelRow]:
    now, measures = current(status, datetime.now(UTC)), {row.name: row.measures for row in before}
    return [row_of(line, measures.get(line.name, ())) for line in now.lines] if now else before


def _guide(args: argparse.Namespace, config: Config) -> int:
    number, line = _one_line(config, args.line)
    if args.config and current(config.folders.live / FILE_NAME, datetime.now(UTC)) is not None:
        raise UsageWrong("The recorder is listening to this line. Stop it first (systemctl stop linekeeper-recorder).")
    if args.keep and not args.config:
        raise UsageWrong("--keep needs --config FILE: it says for which line, and where.")
    taps = Taps(config)
    try:
        tap = taps.open(number, line)
        found = Guide(Console(stderr=True, highlight=False)).through(tap)
        tap.close()
    finally:
        taps.close()
    _tell(found, as_json=args.json)
    if args.keep:
        config.folders.live.mkdir(parents=True, exist_ok=True, mode=0o750)
        keep_learnt(config.folders.live, line.name, found.memory, SystemClock())
        sys.stderr.write("Kept: the recorder begins with this when it is started.\n")
    return 0


def _one_line(config: Config, name: str | None) -> tuple[int, LineConfig]:
    named = [(number, line) for number, line in enumerate(config.line, 1) if name in (None, line.name)]
    if len(named) != 1:
        raise UsageWrong(
            f"Say which line with --line: {', '.join(line.name for line in config.line) or 'there is none'}."
        )
    return named[0]


def _tell(found: Calibrated, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**asdict(found), "words": words_of(found)}, indent=1))
        return
    for words in words_of(found):
        print(words)


def _print(rows: list[LevelRow], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps([plain(row) for row in rows], indent=1, ensure_ascii=False))
    else:
        Console(file=sys.stdout, highlight=False).print(table(rows))
    return 0
