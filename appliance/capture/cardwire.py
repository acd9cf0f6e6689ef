"""What a card's child process says on its pipe: its form once, then blocks of sound, or why there is none.

Each record is a kind, a length and that many bytes. No numpy here: the child stays at 15 MB.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_HEAD = struct.Struct("<cI")
_FORM = struct.Struct("<II")
_BLOCK = struct.Struct("<dII")

_LONGEST = 1 << 24  # bytes: 100 ms of 8 channels at 192 kHz are 300 kB, so more is not ours


@dataclass(frozen=True, slots=True)
class CardForm:
    """How the card delivers: ``rate`` in Hz and interleaved ``channels`` of signed 16-bit samples."""

    rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class CardBlock:
    """``frames`` consecutive samples of all channels. ``adc_s`` is the card's own time of the first.

    ``overflowed`` is True where the driver threw samples away before these.
    """

    adc_s: float
    overflowed: bool
    frames: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class CardTrouble:
    """Why there is no sound, in words for a person."""

    text: str


Record = CardForm | CardBlock | CardTrouble


def packed(record: Record) -> bytes:
    """Return the bytes of a record."""
    if isinstance(record, CardForm):
        kind, body = b"F", _FORM.pack(record.rate, record.channels)
    elif isinstance(record, CardBlock):
        kind, body = b"B", _BLOCK.pack(record.adc_s, record.overflowed, record.frames) + record.pcm
    else:
        kind, body = b"T", record.text.encode()
    return _HEAD.pack(kind, len(body)) + body


class Unpacker:
    """Turns the pipe's bytes, in pieces of any size, back into records."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[Record]:
        """Yield the records that are whole now.

        Raises:
            ValueError: these are not a child's bytes.
        """
        self._pending += data
        while len(self._pending) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._pending)
            if length > _LONGEST:
                raise ValueError("a record longer than any a card can send")
            end = _HEAD.size + length
            if len(self._pending) < end:
                return
            body = bytes(self._pending[_HEAD.size : end])
            del self._pending[:end]
            yield _unpacked(kind, body)


def _unpacked(kind: bytes, body: bytes) -> Record:
    try:
        if kind == b"F":
            return CardForm(*_FORM.unpack(body))
        if kind == b"B":
            adc_s, overflowed, frames = _BLOCK.unpack_from(body)
            return CardBlock(adc_s, bool(overflowed), frames, body[_BLOCK.size :])
        if kind == b"T":
            return CardTrouble(body.decode("utf-8", "replace"))
    except struct.error as wrong:
        raise ValueError("a record of a wrong length") from wrong
    raise ValueError("a record of no known kind")
