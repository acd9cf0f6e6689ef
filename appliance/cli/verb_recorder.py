"""``linekeeper recorder``: the recorder service, as systemd or ``linekeeper run`` starts it."""

import argparse
import dataclasses
from pathlib import Path

from appliance import service
from appliance.clock import SystemClock
from appliance.codec import to_json
from appliance.config import load
from appliance.errors import UsageWrong

HELP = "record the configured lines (a service; “linekeeper run” starts it)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="the configuration")
    parser.add_argument("--list-cards", action="store_true", help="list the sound cards a line can name, and end")
    parser.add_argument("--json", action="store_true", help="list them as JSON")


def run(args: argparse.Namespace) -> int:
    """Record until told to stop, or list the cards."""
    if args.list_cards:
        return _list_cards(as_json=args.json)
    if args.config is None:
        raise UsageWrong("The recorder needs --config FILE.")
    service.start_log("recorder")
    config = load(args.config)
    from appliance.recorder.taps import Taps  # noqa: PLC0415 - for this verb alone

    taps = Taps(config)
    taps.listen()
    # Half a second here and several on a Pi, in which the cards are heard already.
    from appliance.recorder.service import RecorderService  # noqa: PLC0415

    RecorderService(config, SystemClock(), taps).run(service.Stopping().on_signals())
    return 0


def _list_cards(*, as_json: bool) -> int:
    from appliance.capture.cards import list_cards  # noqa: PLC0415 - other verbs need not load numpy

    cards = list_cards()
    if as_json:
        print(to_json([dataclasses.asdict(card) for card in cards]).decode())
        return 0
    for card in cards:
        print(f"{card.name}\t{card.channels} channel(s)\t{card.rate} Hz\t{card.title}")
    return 0
