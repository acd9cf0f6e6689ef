"""``linekeeper post``: sends alarms by e-mail and webhook, in this process; systemd and ``linekeeper run`` start it."""

import argparse
from pathlib import Path

from appliance import config, service
from appliance.clock import SystemClock
from appliance.errors import ConfigWrong
from appliance.post.letter import Letter
from appliance.post.service import post_service, ways

HELP = "send alarms by e-mail and webhook (“linekeeper run” starts it)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")
    parser.add_argument("--try", action="store_true", dest="try_", help="send one message on each way now, and end")


def run(args: argparse.Namespace) -> int:
    """Send until asked to stop, or not at all where no way is configured; or try every way once.

    Raises:
        ConfigWrong: there is no way to try. PostFailed: a way does not work.
    """
    settings, clock = config.load(args.config), SystemClock()
    found = ways(settings, clock)
    if not found and args.try_:
        raise ConfigWrong("No way is configured: set “mail_to” or “webhook” in [alarms].")
    if not args.try_:
        service.start_log("post")
        if found:
            post_service(settings, clock).run(service.Stopping().on_signals())
        return 0
    for way in found:
        way.send(Letter.trial(clock.now().at))
        print(f"{way.name}: sent")
    return 0
