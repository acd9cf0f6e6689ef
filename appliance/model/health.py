"""How the whole box stands: one snapshot that page, command line, log and the file for Prometheus are made from."""

from dataclasses import dataclass
from datetime import datetime

from appliance.clock import ClockQuality
from appliance.model.status import LineStatus

SNAPSHOT_FILE, ALARMS_FILE, METRICS_FILE = "health.json", "alarms.json", "linekeeper.prom"
"""In the ``health`` folder: a ``HealthSnapshot``, a list of ``AlarmRecord``, and text for Prometheus."""

POST_FILE = "post.json"
"""In the ``post`` folder: a list of ``PostTrouble``."""


@dataclass(frozen=True, slots=True)
class Board:
    """The computer itself; None where it does not say. ``load`` is runnable processes a processor, over a minute.

    ``under_voltage_seen`` is since it was switched on: a supply that is too weak corrupts cards long before it fails.
    """

    temperature_c: float | None = None
    under_voltage: bool | None = None
    under_voltage_seen: bool | None = None
    memory_bytes: int | None = None
    memory_free_bytes: int | None = None
    uptime_s: float | None = None
    load: float | None = None


@dataclass(frozen=True, slots=True)
class CardHealth:
    """A sound card or modem by its stable name, the lines it carries, and whether all of them are heard."""

    name: str
    lines: tuple[int, ...]
    heard: bool


@dataclass(frozen=True, slots=True)
class DiskHealth:
    """The disk that recordings lie on. ``months_left`` of calls as they have been lately; None is too few to tell."""

    free_bytes: int
    size_bytes: int
    months_left: float | None


@dataclass(frozen=True, slots=True)
class BackupHealth:
    """``age_days`` is None where none was ever made."""

    configured: bool
    last_at: datetime | None
    age_days: float | None


@dataclass(frozen=True, slots=True)
class HealthSnapshot:
    """Everything, at one moment. ``contact`` is whether the recorder's word is recent enough to be believed.

    ``certificate_until`` is when the site's certificate runs out; None where it has none. ``alarms`` counts those that
    stand, ``unacknowledged`` those of them that nobody has seen to yet.
    """

    at: datetime
    clock: ClockQuality
    contact: bool
    lines: tuple[LineStatus, ...]
    cards: tuple[CardHealth, ...]
    disk: DiskHealth
    board: Board
    backup: BackupHealth
    certificate_until: datetime | None
    alarms: int
    unacknowledged: int


@dataclass(frozen=True, slots=True)
class AlarmRecord:
    """One alarm from start to end. ``number`` names it; ``acknowledged_by`` is a username, empty while nobody has.

    It holds no personal data: ``text`` names lines and parts of the box only, so it may be sent by mail.
    """

    number: int
    key: str
    text: str
    since: datetime
    line: int | None = None
    ended_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""

    @property
    def stands(self) -> bool:
        """Whether its reason has not gone."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class PostTrouble:
    """A way on which alarms do not leave the box: e-mail or webhook, and what is wrong, fit to be shown."""

    way: str
    text: str
