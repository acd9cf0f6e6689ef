"""The records of a sheet: what stands in clear, what is sealed, and the line that both make.

A sheet (``ID.meta``) is a file of lines, each ``CLEAR TAB SEALED TAB SUM``: canonical JSON, base64 of HPKE, and the hex
SHA-256 over the line before and this one. Retention runs while nobody is signed in and so needs a little in clear:
times, line, direction, size. Numbers and names are sealed, always. See docs/recording-format.md.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec

from appliance.clock import ClockQuality
from appliance.codec import to_json
from appliance.model.calls import Caller, CallId, Closing, Direction, Opening
from appliance.storage.sealing import SealTo

FORMAT = 1
"""Of the sheet and of the stream beside it."""

PADDING = 128
"""Sealed JSON is filled up with spaces to a multiple of this, or its length would tell a withheld number from one."""

FIRST_SUM = "0" * 64
"""What stands for the sum of the line before the first."""


Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time on a sheet always says its offset: one that does not is not understood."""


class OpeningClear(msgspec.Struct, frozen=True, tag_field="kind", tag="opening"):
    """What is in clear of an ``Opening``. ``kid`` names the key that every record of the sheet is sealed to."""

    id: CallId
    format: int
    kid: str
    line: int
    started_at: Instant
    clock: ClockQuality
    boot_id: str
    boottime_s: float
    direction: Direction
    continues: CallId | None


class NoteClear(msgspec.Struct, frozen=True, tag_field="kind", tag="note"):
    """What is in clear of a ``CallSoFar``."""

    id: CallId
    direction: Direction


class ClosingClear(msgspec.Struct, frozen=True, tag_field="kind", tag="closing"):
    """What is in clear of a ``Closing``."""

    id: CallId
    ended_at: Instant
    duration_s: float
    audio_bytes: int
    direction: Direction
    missed: bool


class CutClear(msgspec.Struct, frozen=True, tag_field="kind", tag="cut"):
    """Instead of a closing, where the recorder never wrote one: a crash or a power cut. Written by the keeper.

    ``audio_bytes`` is what of the plain audio is there, ``duration_s`` how long that lasts.
    """

    id: CallId
    at: Instant
    audio_bytes: int
    duration_s: float


class LaterClear(msgspec.Struct, frozen=True, tag_field="kind", tag="later"):
    """What is in clear of a ``Later``."""

    id: CallId
    at: Instant
    subject: str


Clear = OpeningClear | NoteClear | ClosingClear | CutClear | LaterClear


@dataclass(frozen=True, slots=True)
class OpeningSecret:
    """The sealed part of the first record: the key of the audio stream, and all that was known at the start."""

    data_key: bytes
    opening: Opening


@dataclass(frozen=True, slots=True)
class CallSoFar:
    """What has become known while a call goes on: kept at once, should the power fail before its end."""

    direction: Direction
    caller: Caller
    dialled: str | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """Something the keeper adds afterwards. ``subject`` says what sort and stays in clear; ``content`` is sealed."""

    at: datetime
    subject: str
    content: dict[str, Any]


def clear_of_opening(opening: Opening, key: SealTo) -> OpeningClear:
    """Return what may stand in clear of an opening."""
    return OpeningClear(
        id=opening.call_id,
        format=FORMAT,
        kid=key.kid,
        line=opening.line,
        started_at=opening.started_at,
        clock=opening.clock,
        boot_id=opening.boot_id,
        boottime_s=opening.boottime_s,
        direction=opening.direction,
        continues=opening.continues,
    )


def clear_of_closing(call_id: CallId, closing: Closing) -> ClosingClear:
    """Return what may stand in clear of a closing."""
    return ClosingClear(
        id=call_id,
        ended_at=closing.ended_at,
        duration_s=closing.duration_s,
        audio_bytes=closing.audio_bytes,
        direction=closing.direction,
        missed=closing.missed,
    )


def record_info(call_id: str, number: int, clear: bytes, sum_before: str) -> bytes:
    """Return what a record's seal is bound to: no record can be moved, replayed or given another clear part."""
    digest = hashlib.sha256(clear).hexdigest()
    return f"linekeeper sheet 1\n{call_id}\n{number}\n{digest}\n{sum_before}".encode()


def line_sum(sum_before: str, clear: bytes, sealed: bytes) -> str:
    """Return the sum that ends a line. It needs no key: it tells damage, not forgery."""
    return hashlib.sha256(sum_before.encode() + b"\n" + clear + b"\t" + sealed).hexdigest()


class LineChain:
    """Makes the lines of one sheet, one after the other."""

    def __init__(self, call_id: CallId, key: SealTo, number: int = 0, sum_before: str = FIRST_SUM) -> None:
        """Go on after line ``number - 1``, whose sum is ``sum_before``."""
        self._call_id, self._key, self._number, self._sum = call_id, key, number, sum_before

    def line(self, clear: Clear, secret: Any) -> bytes:
        """Return the next line, newline and all."""
        in_clear = to_json(clear)
        plain = to_json(secret)
        plain += b" " * (-len(plain) % PADDING)
        info = record_info(self._call_id, self._number, in_clear, self._sum)
        sealed = base64.b64encode(self._key.seal(info, plain))
        self._sum = line_sum(self._sum, in_clear, sealed)
        self._number += 1
        return b"\t".join((in_clear, sealed, self._sum.encode())) + b"\n"
