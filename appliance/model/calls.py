"""A call on a line, as the detector found it and as a recording tells it."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from appliance.clock import ClockQuality
from appliance.errors import NoSuchCall

CallId = NewType("CallId", str)
"""``2026-11-23T163300Z-1-7f3a9c``: UTC start, line number, six random hex digits. No personal data; sorts by time."""

_CALL_ID = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z-\d{1,2}-[0-9a-f]{6}")


def call_id(started_at: datetime, line: int, salt: str) -> CallId:
    """Name a call. ``salt`` is six random hex digits, so that two boxes never name two calls alike."""
    return CallId(f"{started_at:%Y-%m-%dT%H%M%SZ}-{line}-{salt}")


def checked_call_id(text: str) -> CallId:
    """Return ``text`` as a call id if it has the form of one: a page or a file name may hold anything.

    Raises:
        NoSuchCall: it has not.
    """
    if not _CALL_ID.fullmatch(text):
        raise NoSuchCall("There is no such call.")
    return CallId(text)


class Direction(StrEnum):
    """Who made the call. ``UNKNOWN`` where the line gave no evidence: it is never guessed."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


class CallerIdentity(StrEnum):
    """What is known of the caller's number (SIN 227: absence "P" is withheld, "O" unavailable)."""

    NUMBER = "number"
    WITHHELD = "withheld"
    UNAVAILABLE = "unavailable"
    NOT_DETECTED = "not_detected"


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller as the line announced them. ``number`` and ``name`` are personal data: sealed wherever they rest."""

    identity: CallerIdentity = CallerIdentity.NOT_DETECTED
    number: str | None = None
    name: str | None = None


class EndCause(StrEnum):
    """Why a call is held to have ended; the strongest evidence there was (docs/detection.md)."""

    HOOK = "hook"
    CLICK_AND_FLOOR = "click_and_floor"
    NEXT_CALL = "next_call"
    TERMINAL_TONE = "terminal_tone"
    SILENCE = "silence"
    LINE_LOST = "line_lost"
    STOPPED = "stopped"
    TOO_LONG = "too_long"
    """Only the recording ended, after hours of one call; another continues it."""


class MarkKind(StrEnum):
    """Something inside a call worth finding again."""

    ANSWERED = "answered"
    HELD = "held"
    FLASH = "flash"
    TRANSFER = "transfer"
    CALL_WAITING = "call_waiting"
    KEYED_DIGIT = "keyed_digit"
    TONE = "tone"
    GAP = "gap"
    ANNOUNCEMENT = "announcement"
    BEEP = "beep"
    REMOTE_CLEAR = "remote_clear"


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark from ``start`` to ``end`` (sample positions). ``detail`` is a digit, a tone's name or empty."""

    kind: MarkKind
    start: int
    end: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """All that the detector knows of one call; positions are samples of the line.

    ``start`` is the seizure (first ring, or off-hook of an outgoing call), ``off_hook`` where recording must have
    begun (None: never answered), ``end`` the hang-up. ``speech`` are ``(start, end)`` regions.
    """

    start: int
    end: int
    off_hook: int | None
    direction: Direction = Direction.UNKNOWN
    caller: Caller = Caller()
    dialled: str | None = None
    answered: bool = False
    rings: int = 0
    cause: EndCause = EndCause.CLICK_AND_FLOOR
    end_uncertain: bool = False
    marks: tuple[Mark, ...] = ()
    speech: tuple[tuple[int, int], ...] = ()

    @property
    def missed(self) -> bool:
        """True for a call that rang and was never picked up: an entry in the list, no audio."""
        return self.off_hook is None


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known when a recording begins (first record of its sheet). Times are of the first sample recorded.

    ``continues`` names the recording that a restart cut short, when the call was still going on.
    ``boot_id`` and ``boottime_s`` let the keeper correct ``started_at`` once the clock is synchronised.
    """

    call_id: CallId
    line: int
    line_name: str
    started_at: datetime
    clock: ClockQuality
    boot_id: str
    boottime_s: float
    direction: Direction = Direction.UNKNOWN
    caller: Caller = Caller()
    continues: CallId | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording in seconds from its first sample, with what it is (``speech``, a mark's kind)."""

    kind: str
    start_s: float
    end_s: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """What is known when a recording ends (last record of its sheet); seconds count from its first sample.

    ``duration_s`` is where the call truly ends: a recording is trimmed back to it, so the audio may go on a little.
    ``audio_bytes`` is the length of plain Ogg Opus up to there (0 for a missed call). ``peaks`` is a waveform of the
    whole, loudest magnitude of each of ``peaks_per_s`` stretches a second, 0 to 255.
    """

    ended_at: datetime
    duration_s: float
    audio_bytes: int
    direction: Direction
    caller: Caller
    dialled: str | None
    answered: bool
    missed: bool
    rings: int
    cause: EndCause
    end_uncertain: bool = False
    spans: tuple[Span, ...] = ()
    peaks: bytes = b""
    peaks_per_s: int = 10
