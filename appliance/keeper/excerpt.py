"""A stretch of a recording as an Ogg Opus stream of its own: its pages, numbered and timed anew (RFC 3533, RFC 7845).

Nothing is decoded or encoded, so the sound is bit for bit what was recorded; it begins and ends at page boundaries,
which the recorder makes five times a second.
"""

import bisect
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from appliance.errors import AudioUnreadable

Read = Callable[[int, int], bytes]
"""Gives up to so many bytes (second) from a place (first)."""

_HEADER = struct.Struct("<4sBBqIIIB")  # pattern, version, type, granule position, serial, sequence, CRC, segments
_RATE = 48000  # granule positions of Opus count at 48 kHz (RFC 7845, 4)
_HEAD_PAGES = 2  # OpusHead and OpusTags, each on pages of its own
_LAST = 4  # the bit of the type that marks the last page
_LONGEST_PAGE = 27 + 255 + 255 * 255

_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class _Page:
    """Where a page lies in the whole stream, its bytes, and the granule position it ends at."""

    at: int
    size: int
    granule: int


class Excerpt:
    """The pages of ``read`` (``total`` bytes) that sound between two times, as a stream of ``total`` bytes."""

    def __init__(self, read: Read, total: int, first_s: float, last_s: float) -> None:
        """Look at every page.

        Raises:
            AudioUnreadable: it is not an Ogg stream, or nothing sounds between the two.
        """
        self._read = read
        pages = _pages(read, total)
        head, body = pages[:_HEAD_PAGES], pages[_HEAD_PAGES:]
        ends = [page.granule for page in body]
        skip = _pre_skip(read, head) if len(head) == _HEAD_PAGES else 0
        first = bisect.bisect_right(ends, round(first_s * _RATE) + skip)
        last = bisect.bisect_left(ends, round(last_s * _RATE) + skip)
        chosen = body[first : last + 1]
        if not chosen:
            raise AudioUnreadable("There is nothing to hear between these two times.")
        self._base = ends[first - 1] if first else 0
        self._pages = head + chosen
        self._starts = [0]
        for page in self._pages:
            self._starts.append(self._starts[-1] + page.size)
        self.total = self._starts.pop()
        self.seconds = (chosen[-1].granule - self._base) / _RATE

    def read(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``; fewer at the end."""
        stop, found = min(offset + length, self.total), b""
        number = bisect.bisect_right(self._starts, offset) - 1
        while number < len(self._pages) and self._starts[number] < stop:
            start = self._starts[number]
            found += self._page(number)[max(0, offset - start) : stop - start]
            number += 1
        return found

    def _page(self, number: int) -> bytes:
        page = self._pages[number]
        raw = bytearray(self._read(page.at, page.size))
        pattern, version, kind, granule, serial, _sequence, _sum, segments = _HEADER.unpack_from(raw)
        kind = kind | _LAST if number == len(self._pages) - 1 else kind & ~_LAST
        granule = granule - self._base if number >= _HEAD_PAGES else granule
        _HEADER.pack_into(raw, 0, pattern, version, kind, granule, serial, number, 0, segments)
        _HEADER.pack_into(raw, 0, pattern, version, kind, granule, serial, number, checksum(raw), segments)
        return bytes(raw)


def checksum(page: bytes | bytearray) -> int:
    """Return the CRC of a page whose own field is nought (RFC 3533, 6): zlib's polynomial, read the other way round."""
    mirrored = zlib.crc32(bytes(page).translate(_MIRROR), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)


def _pages(read: Read, total: int) -> list[_Page]:
    pages, at, window, window_at = list[_Page](), 0, b"", 0
    while at < total:
        if at + _LONGEST_PAGE > window_at + len(window) and window_at + len(window) < total:
            window, window_at = read(at, 4 * _LONGEST_PAGE), at
        size, granule = _measured(window, at - window_at)
        if at + size > total:
            break  # a page that was being written as the recording was cut
        pages.append(_Page(at, size, granule))
        at += size
    return pages


def _measured(window: bytes, at: int) -> tuple[int, int]:
    """Return the size and the granule position of the page at a place of ``window``."""
    if len(window) - at < _HEADER.size or window[at : at + 4] != b"OggS":
        raise AudioUnreadable("This recording is not an Ogg stream.")
    header = _HEADER.unpack_from(window, at)
    table = window[at + _HEADER.size : at + _HEADER.size + header[-1]]
    return _HEADER.size + len(table) + sum(table), header[3]


def _pre_skip(read: Read, head: list[_Page]) -> int:
    first = read(head[0].at, head[0].size)
    return int.from_bytes(first[_HEADER.size + 1 + 10 : _HEADER.size + 1 + 12], "little")
