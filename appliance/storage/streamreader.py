"""Reading a sealed stream: from any place in it, never a byte that is not genuine."""

import io
import os
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag

from appliance.errors import SealBroken, SealIncomplete
from appliance.storage.stream import HEADER, SALT, SEGMENT, TAG, nonce, segment_cipher


@dataclass(frozen=True, slots=True)
class StreamCheck:
    """What a look at every segment found. ``damaged`` are numbers of segments, counted from 0.

    ``genuine_bytes`` is how much plaintext opens, of ``size``.
    """

    complete: bool
    size: int
    genuine_bytes: int
    damaged: tuple[int, ...]


class StreamReader(io.RawIOBase):
    """A seekable read-only file object over the plaintext of a stream.

    ``complete`` is False when the authenticated end is missing: the stream is still being written, or a power cut or
    a truncation ended it. What is torn at the end is left out; ``size`` counts what opens. Damage before the end is
    found when it is read. A reader belongs to one thread.
    """

    def __init__(self, raw: BinaryIO, key: bytes, associated: bytes, segment: int = SEGMENT) -> None:
        """Read the header and find the end. ``raw`` stays the caller's to close.

        Raises:
            SealIncomplete: it is cut off inside its header.
            SealBroken: there is no header, or nothing in the stream opens: another key, another recording's id.
        """
        super().__init__()
        self._raw, self._segment, self._at = raw, segment, 0
        self._cached: tuple[int, bytes] = (-1, b"")
        raw.seek(0)
        header = raw.read(HEADER)
        if len(header) < HEADER:
            raise SealIncomplete("This sealed stream ends inside its header: there is no sound in it.")
        if header[0] != HEADER:
            raise SealBroken("This is not a sealed stream, or its header is damaged.")
        self._prefix = header[1 + SALT :]
        self._cipher = segment_cipher(key, header[1 : 1 + SALT], associated)
        self._stored = raw.seek(0, os.SEEK_END)
        self._count, self._ended, self.size = self._find_end()
        self.complete = self._ended and self._count == self._segments()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte to be read."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; beyond the end there is nothing to read."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("There is nothing before the start.")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # what io really passes
        """Fill ``buffer`` as far as the stream goes, or up to a damaged segment.

        Raises:
            SealBroken: the very next segment is damaged; the text says which.
        """
        out, filled = memoryview(buffer).cast("B"), 0
        while filled < len(out) and self._at < self.size:
            index, offset = self._place(self._at)
            try:
                part = self._open(index)[offset : offset + len(out) - filled]
            except SealBroken:
                if filled:
                    break
                raise
            out[filled : filled + len(part)] = part
            filled, self._at = filled + len(part), self._at + len(part)
        return filled

    def check(self) -> StreamCheck:
        """Open every segment and say what was found."""
        damaged, genuine = [], 0
        for index in range(self._count):
            try:
                genuine += len(self._open(index))
            except SealBroken:
                damaged.append(index)
        return StreamCheck(self.complete, self.size, genuine, tuple(damaged))

    def _find_end(self) -> tuple[int, bool, int]:
        """Return how many segments there are up to the last that opens, whether it is the end, and the size."""
        for index in reversed(range(self._segments())):
            blob = self._blob(index)
            for last in (True, False):
                plain = self._decrypted(index, blob, last)
                if plain is not None:
                    return index + 1, last, self._starts(index) + len(plain)
        if self._stored >= self._segment:
            raise SealBroken("Nothing in this stream opens: it was changed, or it is another recording's.")
        return 0, False, 0

    def _segments(self) -> int:
        return -(-self._stored // self._segment)

    def _place(self, at: int) -> tuple[int, int]:
        """Return which segment holds the plain byte ``at``, and where in it."""
        index, offset = divmod(at + HEADER, self._segment - TAG)
        return (index, offset) if index else (0, at)

    def _starts(self, index: int) -> int:
        """Return the place of the first plain byte of segment ``index``."""
        return max(0, index * (self._segment - TAG) - HEADER)

    def _blob(self, index: int) -> bytes:
        start = index * self._segment if index else HEADER
        self._raw.seek(start)
        return self._raw.read(min((index + 1) * self._segment, self._stored) - start)

    def _open(self, index: int) -> bytes:
        if self._cached[0] != index:
            last = self._ended and index == self._count - 1
            plain = self._decrypted(index, self._blob(index), last)
            if plain is None:
                raise SealBroken(f"Segment {index} of this recording is damaged and cannot be opened.")
            self._cached = (index, plain)
        return self._cached[1]

    def _decrypted(self, index: int, blob: bytes, last: bool) -> bytes | None:
        try:
            return self._cipher.decrypt(nonce(self._prefix, index, last), blob, None)
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag
            return None
