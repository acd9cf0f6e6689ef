r"""What the recorder writes down about its own listening, a line of text each: the raw material of the gap ledger.

``<CRC-32 in hex> <canonical JSON>\n``. A file of them is a *chapter*: it begins with ``Began``, covers a day at
most, and says up to when the one before was listening. The last line may be torn by a power cut; a line that fails its
check anywhere else is counted, so that a damaged ledger is never taken for a complete one.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from appliance.codec import from_json, to_json
from appliance.errors import SealBroken
from appliance.model.gaps import Why
from appliance.storage.entry import Stated

SIGN_OF_LIFE = "listening.json"
"""In the ``live`` folder: a ``LastKnown``. The recorder's next start reads it, and the keeper while there is none."""

SUFFIX = ".listening"
"""Of a chapter's file, in the spool and in the vault; its stem sorts by time."""

_CRC = 8


class _Note(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """The root of the notes; the class name tells them apart."""


class LastKnown(msgspec.Struct, frozen=True):
    """Up to when a recorder is known to have been listening, and in which chapter (they are numbered).

    ``clean`` where it was asked to stop, and did.
    """

    at: Stated
    number: int = 0
    clean: bool = False


class Began(_Note, frozen=True):
    """Listening began, or goes on in a new chapter. ``lines`` are the lines' names, the first of them line 1."""

    at: Stated
    lines: tuple[str, ...]
    before: LastKnown | None = None


class Losing(_Note, frozen=True):
    """Line ``line`` (from 1) has not been recorded since ``start``, and still is not."""

    line: int
    start: Stated
    why: Why


class Lost(_Note, frozen=True):
    """Line ``line`` was not recorded from ``start`` to ``end``. It outdates a ``Losing`` of the same start."""

    line: int
    start: Stated
    end: Stated
    why: Why


class Alive(_Note, frozen=True):
    """Everything up to ``at`` that no note calls lost was listened to."""

    at: Stated


class Ended(_Note, frozen=True):
    """The recorder was asked to stop, and did."""

    at: Stated


Note = Began | Losing | Lost | Alive | Ended


class _Envelope(msgspec.Struct, frozen=True):
    note: Note


def written(note: Note) -> bytes:
    """Return the line of text that says ``note``."""
    body = to_json(_Envelope(note))
    return b"%08x %s\n" % (zlib.crc32(body), body)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One file, read, without its signs of life: ``last`` is the latest time that any note of it speaks of.

    ``damaged`` is how many lines could not be read.
    """

    began: Began
    notes: tuple[Note, ...]
    last: Stated
    damaged: int = 0


def read_chapter(data: bytes) -> Chapter | None:
    """Read a file's bytes; None where not even its beginning is there."""
    notes: list[Note] = []
    damaged = 0
    for line in data.split(b"\n")[:-1]:  # what follows the last line's end is torn, or nothing
        note = _read(line)
        if note is None:
            damaged += 1
        else:
            notes.append(note)
    if not notes or not isinstance(notes[0], Began):
        return None
    told = tuple(note for note in notes[1:] if not isinstance(note, Alive))
    return Chapter(notes[0], told, max(map(_stamp, notes), key=lambda at: at.boottime_s), damaged)


def condensed(notes: Sequence[Note]) -> list[Note]:
    """Return a few notes for many: of each line one stretch that holds all its losses. It claims more, never less."""
    fewer: dict[int, Lost] = {}
    for note in notes:
        if not isinstance(note, Lost):
            continue
        known = fewer.get(note.line, note)
        start = min(known.start, note.start, key=lambda at: at.boottime_s)
        end = max(known.end, note.end, key=lambda at: at.boottime_s)
        fewer[note.line] = Lost(note.line, start, end, known.why)
    return [*fewer.values(), *_newest_losing(notes)]


def _newest_losing(notes: Sequence[Note]) -> Iterable[Losing]:
    """Return of each line and cause the newest loss that is not over."""
    over = {(note.line, note.start) for note in notes if isinstance(note, Lost)}
    losing = (note for note in notes if isinstance(note, Losing) and (note.line, note.start) not in over)
    return {(note.line, note.why.cause): note for note in losing}.values()


def _read(line: bytes) -> Note | None:
    crc, body = line[:_CRC], line[_CRC + 1 :]
    if b"%08x" % zlib.crc32(body) != crc:
        return None
    try:
        return from_json(body, _Envelope).note
    except SealBroken:
        return None


def _stamp(note: Note) -> Stated:
    if isinstance(note, Lost):
        return note.end
    return note.start if isinstance(note, Losing) else note.at
