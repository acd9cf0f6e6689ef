"""The configuration file: TOML, few keys, and a typing mistake is an error that names the nearest known key."""

import difflib
import re
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from appliance.errors import ConfigWrong

_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 10, 600
"""Of ``recorder.pause_s``: a pause is for a card payment, and must not become a way not to record."""


_SHORTEST_BEEP_S, _LONGEST_BEEP_S = 5, 120

_ADDRESS = re.compile(r"[^\s@,;:<>()\"]+@[A-Za-z0-9.-]+")


class Tap(StrEnum):
    """What a line is tapped with."""

    CARD = "card"
    MODEM = "modem"
    WAVE = "wave"
    SIMULATED = "simulated"


class Announce(StrEnum):
    """To whom the message that calls are recorded is played on a line: to nobody, to callers, to both sorts of call."""

    NEVER = "never"
    INCOMING = "incoming"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class LampPins:
    """GPIO pins (BCM numbers) of a two-colour lamp; amber is both lit."""

    red: int
    green: int


@dataclass(frozen=True, slots=True)
class LineConfig:
    """One ``[[line]]``.

    ``card`` is a sound card's stable name (``linekeeper levels --list`` shows them), ``channel`` its channel from 0,
    or -1 for all of them added up: a tap that gives each side of a call a channel of its own, as one line;
    ``modem`` is a voice modem's port (``/dev/serial/by-id/...``) and ``modem_source`` the number of the analogue source
    it listens to (``AT+VLS=?``; 0 leaves it on-hook). ``wave`` a sound file played as the line.
    ``hook_pin`` and ``ring_pin`` are opto-isolated sensors, where fitted.
    ``pause_pin`` and ``object_pin`` are push buttons to ground: a pause for card payments, and a caller who objects.
    ``mask_keyed_digits`` records silence where somebody keys digits in a call, and keeps no digit (docs/detection.md).
    ``announce`` plays a message when a call is answered, the shipped one or the sound file ``announcement``, and
    ``beep_every_s`` a beep, on a channel of the output of the card ``speaker`` (empty: the line's own).
    """

    name: str
    tap: Tap = Tap.CARD
    card: str = ""
    channel: int = 0
    modem: str = ""
    modem_source: int = 0
    wave: str = ""
    country: str = "uk"
    hook_pin: int | None = None
    hook_active_low: bool = False
    ring_pin: int | None = None
    lamp: LampPins | None = None
    pause_pin: int | None = None
    object_pin: int | None = None
    mask_keyed_digits: bool = False
    announce: Announce = Announce.NEVER
    announcement: str = ""
    beep_every_s: int = 0
    speaker: str = ""
    speaker_channel: int | None = None


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """``[simulator]``: lines without hardware. ``speed`` is how many times faster than life they run."""

    speed: float = 1.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class WebConfig:
    """``[web]``: where the site listens. Any address but loopback is served over TLS only, as ``name``."""

    listen: str = "127.0.0.1"
    port: int = 8080
    name: str = "recorder.local"


@dataclass(frozen=True, slots=True)
class RecorderConfig:
    """``[recorder]``: ``complexity`` is libopus's effort, 0 (slowest Pis) to 10.

    ``pause_s`` is how long a pause lasts before recording goes on by itself; ``lamp_test_pin`` a push button to ground.
    ``tone_plans`` is a file of tone plans of the practice's own, by which a line's ``country`` may be called.
    """

    complexity: int = 5
    status_lamp: LampPins | None = None
    pause_s: int = 180
    lamp_test_pin: int | None = None
    tone_plans: str = ""


@dataclass(frozen=True, slots=True)
class BackupConfig:
    """``[backup]``: the folder of a mounted disk or share that the keeper backs up to; an alarm after so many days."""

    folder: str = ""
    warn_after_days: int = 7


class MailSecurity(StrEnum):
    """How the way to the mail server is encrypted: from the first byte, or from STARTTLS on. There is no third."""

    TLS = "tls"
    STARTTLS = "starttls"


@dataclass(frozen=True, slots=True)
class AlarmsConfig:
    """``[alarms]``: who is told of alarms besides whoever looks at lamp and page.

    ``mail_to`` by e-mail, through ``mail_host``; ``webhook`` is an https address that takes JSON. Secrets stand in
    files of their own. ``authority_file`` is trusted instead of the machine's authorities.
    """

    mail_to: tuple[str, ...] = ()
    mail_from: str = ""
    mail_host: str = ""
    mail_port: int = 465
    mail_security: MailSecurity = MailSecurity.TLS
    mail_user: str = ""
    mail_password_file: str = ""
    webhook: str = ""
    webhook_secret_file: str = ""
    authority_file: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file. ``folder`` is where the appliance keeps everything."""

    folder: Path = Path("linekeeper-data")
    line: tuple[LineConfig, ...] = ()
    recorder: RecorderConfig = field(default_factory=RecorderConfig)
    simulator: SimulatorConfig = field(default_factory=SimulatorConfig)
    web: WebConfig = field(default_factory=WebConfig)
    backup: BackupConfig = field(default_factory=BackupConfig)
    alarms: AlarmsConfig = field(default_factory=AlarmsConfig)

    @property
    def folders(self) -> "Folders":
        """Where each thing lies."""
        return Folders(self.folder)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where each thing lies below the data folder, and whose it is."""

    root: Path

    @property
    def intake(self) -> Path:
        """The keeper's word to the recorder: the public key to seal to. Written by the keeper, read by the recorder."""
        return self.root / "intake"

    @property
    def spool(self) -> Path:
        """Recordings under way and just finished. The recorder adds, the keeper takes."""
        return self.root / "spool"

    @property
    def live(self) -> Path:
        """The recorder's word to the keeper: its status each second; and its own memory of the lines."""
        return self.root / "live"

    @property
    def health(self) -> Path:
        """The keeper's word of how the box stands, for whoever watches it: alarms to be sent, and no personal data."""
        return self.root / "health"

    @property
    def post(self) -> Path:
        """What was sent of alarms, and what could not be: the post's word to the keeper."""
        return self.root / "post"

    @property
    def vault(self) -> Path:
        """All the keeper keeps. Nobody else reads it."""
        return self.root / "vault"

    @property
    def updates(self) -> Path:
        """The box's word to the keeper on updates of its programs; not there where they are updated otherwise."""
        return self.root / "updates"

    @property
    def run(self) -> Path:
        """Sockets and process files; empty after a restart."""
        return self.root / "run"

    @property
    def tls(self) -> Path:
        """The site's certificate and key."""
        return self.root / "tls"

    @property
    def keeper_socket(self) -> Path:
        """Where the keeper answers."""
        return self.run / "keeper.sock"

    @property
    def web_socket(self) -> Path:
        """Where the site's workers answer nginx."""
        return self.run / "web.sock"


def load(path: Path) -> Config:
    """Read the configuration file at ``path``.

    Raises:
        ConfigWrong: it is missing, is not TOML, or has a key or value that is not known.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise ConfigWrong(f"The configuration {path} cannot be read: {wrong.strerror}.") from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ConfigWrong(f"The configuration {path} is not TOML: {wrong}.") from wrong
    return parse(raw, str(path))


def parse(raw: dict[str, Any], where: str = "the configuration") -> Config:
    """Turn parsed TOML into a ``Config``.

    Raises:
        ConfigWrong: a key or a value is not known, or two settings contradict each other.
    """
    _check_keys(raw, Config, where, "")
    try:
        config = msgspec.convert(raw, Config, dec_hook=_path)
    except msgspec.ValidationError as wrong:
        raise ConfigWrong(f"In {where}: {_plain(str(wrong))}.") from wrong
    for number, line in enumerate(config.line, start=1):
        _check_line(line, number, where)
    if not _SHORTEST_PAUSE_S <= config.recorder.pause_s <= _LONGEST_PAUSE_S:
        raise ConfigWrong(f"In {where}: “recorder.pause_s” is from {_SHORTEST_PAUSE_S} to {_LONGEST_PAUSE_S} seconds.")
    _check_alarms(config.alarms, where)
    names = [line.name for line in config.line]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigWrong(f"In {where}: two lines are called “{twice}”. Give each its own name.")
    return config


def to_toml_values(config: Config) -> dict[str, Any]:
    """Return the configuration as plain values, the inverse of ``parse``; unset keys are left out."""

    def plain(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            named = {f.name: getattr(value, f.name) for f in fields(value)}
            return {name: plain(item) for name, item in named.items() if item is not None}
        if isinstance(value, tuple):
            return [plain(item) for item in value]
        return str(value) if isinstance(value, Path | StrEnum) else value

    return dict(plain(config))


def _path(kind: type, value: Any) -> Any:
    """Turn a string into a path, which TOML has not."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise msgspec.ValidationError(f"Expected a {kind.__name__.lower()}")


def _check_keys(raw: dict[str, Any], kind: type, where: str, path: str) -> None:
    hints = get_type_hints(kind)
    for key, value in raw.items():
        if key not in hints:
            near = difflib.get_close_matches(key, hints, n=1)
            hint = f" Did you mean “{near[0]}”?" if near else f" Known here: {', '.join(hints)}."
            raise ConfigWrong(f"In {where}: the key “{path}{key}” is not known.{hint}")
        inner = next((t for t in (hints[key], *get_args(hints[key])) if is_dataclass(t)), None)
        tables = value if isinstance(value, list) else [value]
        for table in (t for t in tables if inner is not None and isinstance(t, dict)):
            _check_keys(table, inner, where, f"{path}{key}.")  # type: ignore[arg-type]  # a dataclass type


def _check_line(line: LineConfig, number: int, where: str) -> None:
    named = {Tap.CARD: line.card, Tap.MODEM: line.modem, Tap.WAVE: line.wave}
    if (line.announce is not Announce.NEVER or line.beep_every_s) and not (line.speaker or line.card):
        raise ConfigWrong(f"In {where}: line {number} (“{line.name}”) needs “speaker”, a card to announce with.")
    if line.beep_every_s and not _SHORTEST_BEEP_S <= line.beep_every_s <= _LONGEST_BEEP_S:
        raise ConfigWrong(f"In {where}: “beep_every_s” is 0, or from {_SHORTEST_BEEP_S} to {_LONGEST_BEEP_S} seconds.")
    if line.tap in named and not named[line.tap]:
        raise ConfigWrong(f"In {where}: line {number} (“{line.name}”) needs “{line.tap}” for tap “{line.tap}”.")


def _check_alarms(alarms: AlarmsConfig, where: str) -> None:
    if alarms.mail_to and not (alarms.mail_host and alarms.mail_from):
        raise ConfigWrong(f"In {where}: “alarms.mail_to” needs “mail_host” and “mail_from”.")
    if alarms.mail_user and not alarms.mail_password_file:
        raise ConfigWrong(f"In {where}: “alarms.mail_user” needs “mail_password_file”.")
    addresses = (*alarms.mail_to, *([alarms.mail_from] if alarms.mail_from else []))
    if odd := next((one for one in addresses if not _ADDRESS.fullmatch(one)), None):
        raise ConfigWrong(f"In {where}: “{odd}” in [alarms] is no e-mail address.")
    if alarms.webhook and not re.fullmatch(r"https://[^\s/@]+(/\S*)?", alarms.webhook):
        raise ConfigWrong(f"In {where}: “alarms.webhook” is an address that begins with https://.")


def _plain(words: str) -> str:
    """Turn a validation message's ``$.line[0].channel`` into ``line 1, channel``."""
    path = re.search(r" - at `\$\.?(.*)`$", words)
    if not path:
        return words
    place = re.sub(r"\[(\d+)\]", lambda found: f" {int(found[1]) + 1}", path[1]).replace(".", ", ")
    return f"“{place}”: {words[: path.start()].lower()}"
