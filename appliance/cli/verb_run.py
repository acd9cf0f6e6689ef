"""``linekeeper run``: the whole appliance on this machine, until Ctrl-C."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console, RenderableType

from appliance.capture.cards import list_cards
from appliance.cli.demo import build_with_progress, sign_in_words, sign_ins
from appliance.cli.terminal import Terminal
from appliance.config import Config, Tap
from appliance.demo.build import demo_config
from appliance.errors import ConfigWrong
from appliance.service import Stopping
from appliance.supervisor.child import Program
from appliance.supervisor.house import House, watch
from appliance.supervisor.settings import FILE_NAME, Wishes, check_free, is_loopback, settle
from appliance.web import front

HELP = "run the whole appliance here: recorder, keeper and site"

_TAPS = {
    Tap.CARD: "a sound card",
    Tap.MODEM: "a voice modem",
    Tap.WAVE: "a sound file",
    Tap.SIMULATED: "simulated calls",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: linekeeper.toml beside the data)"
    )
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="where everything is kept (default: linekeeper-data)"
    )
    parser.add_argument("--line", type=Path, action="append", default=[], metavar="WAV", help="play a file as a line")
    parser.add_argument("--simulate", type=int, metavar="N", help="run N simulated lines")
    parser.add_argument(
        "--speed", type=float, metavar="N", help="run simulated lines and files N times faster than life"
    )
    parser.add_argument(
        "--listen", metavar="ADDRESS", help="where the site listens (default: 127.0.0.1, this machine only)"
    )
    parser.add_argument("--port", type=int, metavar="PORT", help="the site's port (default: 8080)")
    parser.add_argument(
        "--demo", action="store_true", help="a first look: a throwaway folder with a month of calls in it"
    )


def run(args: argparse.Namespace) -> int:
    """Run everything; return when asked to stop."""
    console = Console(stderr=True, highlight=False)
    if args.demo:
        return _demo(args, console)
    for wave in args.line:
        if not wave.is_file():
            raise ConfigWrong(f"There is no sound file {wave}.")
    return _serve(settle(_wishes(args)), console)


def _wishes(args: argparse.Namespace) -> Wishes:
    return Wishes(
        config=args.config,
        folder=args.data,
        waves=tuple(args.line),
        simulated=args.simulate,
        speed=args.speed,
        listen=args.listen,
        port=args.port,
    )


def _demo(args: argparse.Namespace, console: Console) -> int:
    """Run in a throwaway folder with a month in it, for this machine only."""
    if args.config or args.data or args.line or args.simulate or args.listen:
        raise ConfigWrong(
            "--demo brings its own data and lines, on this machine only: only --speed and --port go with it."
        )
    with TemporaryDirectory(prefix="linekeeper-demo-") as folder:
        config = demo_config(settle(replace(_wishes(args), folder=Path(folder))))
        check_free(config.web.listen, config.web.port)
        people = build_with_progress(config, console)
        if not console.is_terminal:
            for words in sign_in_words(people):
                console.print(words, soft_wrap=True)
        return _serve(config, console, lambda: sign_ins(people))


def _serve(config: Config, console: Console, below: Callable[[], RenderableType] | None = None) -> int:
    stopping = Stopping().on_signals()
    check_free(config.web.listen, config.web.port)
    house = House(config, lambda: Program("nginx", front.command(front.write(config))))
    with Terminal(config.folders.live / "recorder.json", console, below) as terminal:
        _greet(terminal, config)
        house.start()
        try:
            watch(house, stopping, _Announcements(config, house, terminal).tick, terminal.say)
        finally:
            terminal.say("Stopping. A call in progress is closed properly.")
            house.stop(terminal.say)
            terminal.say("Stopped.")
    return 0


class _Announcements:
    """What is said once, when it becomes true: the setup code, the site's address."""

    def __init__(self, config: Config, house: House, terminal: Terminal) -> None:
        self._config, self._house, self._terminal = config, house, terminal
        self._door_open = self._code_said = False

    def tick(self) -> None:
        """Open the site's door once it can be; say what is new; show the lines."""
        if not self._door_open and self._ready_for_door():
            self._house.open_front_door()
            self._door_open = True
            self._terminal.say(f"The site: {front.address(self._config)}")
        code = self._config.folders.run / "setup-code"
        if not self._code_said and code.is_file():
            self._code_said = True
            self._terminal.say(f"Set-up code (works once): {code.read_text(encoding='ascii').strip()}")
        self._terminal.tick()

    def _ready_for_door(self) -> bool:
        if not self._config.folders.web_socket.exists():
            return False
        return is_loopback(self._config.web.listen) or (self._config.folders.tls / front.KEY).is_file()


def _greet(terminal: Terminal, config: Config) -> None:
    terminal.say(f"Linekeeper. Everything is kept in {config.folder}")
    _say_cards(terminal, config)
    for line in config.line:
        terminal.say(
            f"{line.name}: {_TAPS[line.tap]}{f' ({line.card or line.wave})' if line.card or line.wave else ''}"
        )
    if not is_loopback(config.web.listen):
        terminal.say(f"The site can be reached from the network at {config.web.listen}, over TLS only.")


def _say_cards(terminal: Terminal, config: Config) -> None:
    """List the sound cards, and say what to do with them."""
    cards = list_cards()
    for card in cards:
        terminal.say(f"Sound card “{card.name}”: {card.title}, {card.channels} channel(s)")
    if any(line.tap is Tap.CARD for line in config.line):
        return
    if cards:
        terminal.say(f"To record a card, name it in a [[line]] of {config.folder / FILE_NAME} (see docs/hardware.md).")
    else:
        terminal.say("There is no sound card here.")
