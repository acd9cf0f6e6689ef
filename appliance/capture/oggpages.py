"""Where the pages of an Ogg Opus stream lie, found while it is written (RFC 3533 section 6, RFC 7845 section 4)."""

import bisect
import struct

_HEADER = struct.Struct(
    "<4sBBqIIIB"
)  # capture pattern, version, type, granule position, serial, sequence, CRC, segments
_OPUS_RATE = 48000  # granule positions of Opus count at 48 kHz whatever the input rate (RFC 7845 section 4)
_PRE_SKIP_AT = 10  # offset in the OpusHead packet


class OggPages:
    """Reads the pages as their bytes go by, and knows how many bytes hold how much sound.

    The granule position of a page is the sound in and before it, including the encoder's pre-skip, which a player
    throws away; so what a player hears of the first ``n`` bytes ends at the last whole page's granule less pre-skip.
    """

    def __init__(self) -> None:
        """Nothing has been written yet."""
        self._pending = bytearray()
        self._read = 0
        self._pre_skip: int | None = None
        self._ends: list[int] = []
        self._heard: list[int] = []

    def feed(self, data: bytes | memoryview) -> None:
        """Take the bytes that follow, in pieces of any size."""
        self._pending += data
        while (length := self._page_length()) is not None:
            self._note(bytes(self._pending[:length]))
            self._read += length
            del self._pending[:length]

    @property
    def whole(self) -> int:
        """How many bytes make whole pages."""
        return self._read

    def bytes_for(self, duration_s: float) -> int:
        """Return how many bytes from the start hold ``duration_s`` of sound; all whole pages when there is less."""
        page = bisect.bisect_left(self._heard, round(duration_s * _OPUS_RATE))
        return self._ends[page] if page < len(self._ends) else self._read

    def seconds_in(self, length: int) -> float:
        """Return how much sound a player hears of the first ``length`` bytes."""
        page = bisect.bisect_right(self._ends, length) - 1
        return max(0, self._heard[page]) / _OPUS_RATE if page >= 0 else 0.0

    def _page_length(self) -> int | None:
        if len(self._pending) < _HEADER.size:
            return None
        table_end = _HEADER.size + self._pending[_HEADER.size - 1]
        if len(self._pending) < table_end:
            return None
        length = table_end + sum(self._pending[_HEADER.size : table_end])
        return length if len(self._pending) >= length else None

    def _note(self, page: bytes) -> None:
        granule, segments = _HEADER.unpack_from(page)[3], page[_HEADER.size - 1]
        if self._pre_skip is None:  # the first page holds the OpusHead packet and nothing else (RFC 7845 section 3)
            self._pre_skip = struct.unpack_from("<H", page, _HEADER.size + segments + _PRE_SKIP_AT)[0]
        self._ends.append(self._read + len(page))
        self._heard.append(granule - self._pre_skip)
