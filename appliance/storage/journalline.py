"""One line of the journal: what was done, by whom, to which call, and the sum that chains it to the line before.

A line is canonical JSON. Its ``sum`` is the hex SHA-256 over the sum before, a newline, and the line without its own
sum; so no line can be changed, removed, added or moved without every later sum being wrong.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec

from appliance.clock import ClockQuality
from appliance.codec import from_json, to_json
from appliance.errors import JournalBroken, SealBroken
from appliance.model.calls import CallId

FIRST_SUM = "0" * 64
"""What stands for the sum of the line before the first."""

BOX = "linekeeper"
"""Who did it, when it was the box itself."""


class Act(StrEnum):
    """What the journal knows."""

    SET_UP_BEGUN = "set-up begun"
    SET_UP = "set up"
    SIGNED_IN = "signed in"
    SIGN_IN_REFUSED = "sign-in refused"
    SIGNED_OUT = "signed out"
    SESSION_ENDED = "session ended"
    LISTENED = "listened"
    SEARCHED = "searched by number"
    HOLD_PLACED = "hold placed"
    HOLD_RELEASED = "hold released"
    EXPIRED = "expired"
    RESTORED = "restored"
    DESTROYED = "destroyed"
    REFUSED = "refused"
    PERSON_ADDED = "person added"
    PERSON_RENAMED = "person renamed"
    ROLE_CHANGED = "role changed"
    PERSON_DISABLED = "person disabled"
    PERSON_ENABLED = "person enabled"
    PASSWORD_RESET = "password reset"  # noqa: S105 - an act, not a password
    FACTOR_RESET = "second factor reset"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - as above
    FACTOR_CHANGED = "second factor changed"
    CODES_RENEWED = "recovery codes renewed"
    RESCUED = "let in with the recovery sheet"
    SHARED = "call shared"
    SHARE_WITHDRAWN = "share withdrawn"
    LABELLED = "call labelled"
    CASE_LOGGED = "case logged"
    CASE_CHANGED = "case changed"
    CASE_SEARCHED = "searched for a case"
    CASE_DESTROYED = "case record destroyed"
    MADE_TO_BE_HEARD = "made ready to be heard"
    COPY_MADE = "copy made"
    COPY_TAKEN = "copy taken out"
    PRACTICE_CHANGED = "practice changed"
    RETENTION_PROPOSED = "retention proposed"
    RETENTION_CHANGED = "retention changed"
    RETENTION_WITHDRAWN = "retention proposal withdrawn"
    KEY_DESTROYED = "recording key destroyed"
    CLOCK_CONFIRMED = "clock confirmed"
    DELETIONS_ALLOWED = "deletions allowed"
    KEY_MADE = "recording key made"
    BACKUP_BEGUN = "backup begun"
    BACKED_UP = "backed up"
    BACKUP_CHECKED = "backup checked"
    UPDATE_UPLOADED = "update uploaded"
    PAUSE_ASKED = "pause asked"
    RESUME_ASKED = "resume asked"
    OBJECTION_ASKED = "objection told"
    RECORDING_PAUSED = "recording paused"
    RECORDING_RESUMED = "recording resumed"
    CALLER_OBJECTED = "caller objected"
    ALARM_ACKNOWLEDGED = "alarm acknowledged"
    PUT_BACK = "vault put back"
    STARTED = "keeper started"
    STOPPED = "keeper stopped"
    REPAIRED = "torn line removed"
    RESUMED = "journal resumed"
    LISTENING_KEPT = "listening kept"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class JournalLine:
    """An entry. ``number`` counts from 0 over all months; ``more`` is short facts without personal data."""

    number: int
    at: datetime
    clock: ClockQuality
    who: str
    act: str
    call: CallId | None = None
    more: dict[str, str] = field(default_factory=dict)


class _Chained(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: int
    at: datetime
    clock: ClockQuality
    who: str
    act: str
    call: CallId | None
    more: dict[str, str]
    sum: str


def encode(line: JournalLine, sum_before: str) -> tuple[bytes, str]:
    """Return the line as bytes, newline and all, and its sum."""
    body = msgspec.to_builtins(line)
    total = hashlib.sha256(sum_before.encode() + b"\n" + to_json(body)).hexdigest()
    return to_json({**body, "sum": total}) + b"\n", total


def decode(raw: bytes, sum_before: str, number: int) -> tuple[JournalLine, str]:
    """Check and read line ``number``, given the sum of the one before; ``raw`` ends with its newline.

    Raises:
        JournalBroken: it is not the line that stood there.
    """
    line = peek(raw)
    if line is None or line.number != number or encode(line, sum_before)[0] != raw:
        raise JournalBroken(f"The journal does not add up after entry {number - 1}.")
    return line, encode(line, sum_before)[1]


def peek(raw: bytes) -> JournalLine | None:
    """Read a line without checking its place in the chain; None if it is not one."""
    try:
        found = from_json(raw, _Chained)
    except SealBroken:
        return None
    return JournalLine(found.number, found.at, found.clock, found.who, found.act, found.call, found.more)


def sum_of(raw: bytes) -> str:
    """Return the sum a line states of itself.

    Raises:
        JournalBroken: it is not a line.
    """
    try:
        return from_json(raw, _Chained).sum
    except SealBroken as wrong:
        raise JournalBroken("A line of the journal cannot be read.") from wrong
