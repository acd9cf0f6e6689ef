"""Which settings ``linekeeper run`` runs with: the file's, the command line's, and what is there."""

import ipaddress
import socket
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.config import Config, LineConfig, Tap, load
from appliance.errors import AddressInUse, ConfigWrong

FILE_NAME = "linekeeper.toml"
"""Looked for in the data folder when no file is named."""

SIMULATED_LINES = 2


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asked for; None or empty where it did not."""

    config: Path | None = None
    folder: Path | None = None
    waves: tuple[Path, ...] = ()
    simulated: int | None = None
    speed: float | None = None
    listen: str | None = None
    port: int | None = None


def settle(wishes: Wishes) -> Config:
    """Return the settings in force. Lines come from the command line, else the file, else there are simulated ones.

    A sound card that nobody configured is never listened to: it may be a room's microphone.

    Raises:
        ConfigWrong: the file or a wish cannot be used.
    """
    folder = wishes.folder or Config().folder
    beside = folder / FILE_NAME
    named = wishes.config or (beside if beside.exists() else None)
    config = load(named) if named else Config()
    if wishes.folder or not named:
        config = replace(config, folder=folder)
    config = replace(config, folder=config.folder.absolute(), line=_lines(config, wishes))
    if wishes.speed is not None:
        if not 0.1 <= wishes.speed <= 1000:
            raise ConfigWrong("--speed takes a number from 0.1 to 1000.")
        config = replace(config, simulator=replace(config.simulator, speed=wishes.speed))
    web = config.web
    return replace(config, web=replace(web, listen=wishes.listen or web.listen, port=wishes.port or web.port))


def is_loopback(address: str) -> bool:
    """Return whether only this machine can reach ``address``.

    Raises:
        ConfigWrong: it is not an IP address.
    """
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError as wrong:
        raise ConfigWrong(f"“{address}” is not an IP address. For this machine alone use 127.0.0.1.") from wrong


def check_free(address: str, port: int) -> None:
    """Make sure that nothing listens at ``address`` and ``port`` yet.

    Raises:
        AddressInUse: something does, or this user may not listen there; the text says what to do.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError as wrong:
            raise AddressInUse(f"Port {port} is for root only. Choose one above 1023 with --port.") from wrong
        except OSError as wrong:
            raise AddressInUse(
                f"Another program already listens on port {port} of {address}. Stop it, or choose another with --port."
            ) from wrong


def _lines(config: Config, wishes: Wishes) -> tuple[LineConfig, ...]:
    if wishes.waves:
        return tuple(
            LineConfig(name=f"Line {number}", tap=Tap.WAVE, wave=str(path.absolute()))
            for number, path in enumerate(wishes.waves, start=1)
        )
    if wishes.simulated is None and config.line:
        return config.line
    count = SIMULATED_LINES if wishes.simulated is None else wishes.simulated
    if not 1 <= count <= 8:
        raise ConfigWrong("--simulate takes a number of lines from 1 to 8.")
    return tuple(LineConfig(name=f"Line {number}", tap=Tap.SIMULATED) for number in range(1, count + 1))
