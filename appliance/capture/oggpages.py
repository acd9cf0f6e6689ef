"""The pages of an Ogg Opus stream, written as its packets come, and where they lie (RFC 3533 section 6, RFC 7845)."""

import bisect
import os
import struct
import zlib
from array import array
from typing import Protocol

TOGETHER = 3
"""Packets in a page: with 60 ms each a page is 0.18 s of sound, and what frames it 28 bytes in 570."""

_HEADER = struct.Struct("<4sBBqIIIB")
"""Capture pattern, version, type, granule position, serial, sequence, checksum, segments."""

_CRC_AT = 22
_FIRST, _LAST = 0x02, 0x04
_FULL_SEGMENT = 255
_OPUS_RATE = 48000  # granule positions of Opus count at 48 kHz whatever the input rate (RFC 7845 section 4)
_PRE_SKIP_AT = 10  # offset in the OpusHead packet

_VENDOR = b"Linekeeper"
_TAGS = b"OpusTags" + struct.pack("<I", len(_VENDOR)) + _VENDOR + struct.pack("<I", 0)

_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Sink(Protocol):
    """What the encoded bytes are written to: never read back, never sought."""

    def write(self, data: bytes) -> int:
        """Take ``data``; return its length."""
        ...


class OggPages:
    """Writes packets of one length into a sink, and knows how many bytes hold how much sound.

    The granule position of a page is the sound in and before it, including the encoder's pre-skip, which a player
    throws away; so what a player hears of the first ``n`` bytes ends at the last whole page's granule less pre-skip.
    """

    def __init__(self, sink: Sink, head: bytes, packet_s: float) -> None:
        """Write the two pages of headers: ``head`` is the encoder's OpusHead, ``packet_s`` a packet's length."""
        self._sink = sink
        self._pre_skip: int = struct.unpack_from("<H", head, _PRE_SKIP_AT)[0]
        self._packet = round(packet_s * _OPUS_RATE)
        self._serial, self._sequence, self._granule = os.urandom(4), 0, 0
        self._packets: list[bytes] = []
        self._ends, self._heard = array("q"), array("q")  # 80,000 in four hours
        self.whole = 0
        """How many bytes make whole pages: all that have been written."""
        for header in (head, _TAGS):
            self._packets.append(header)
            self._page(0, _FIRST if header is head else 0)

    def packet(self, data: bytes) -> None:
        """Take the packet that follows; a page goes out as soon as it is whole. Any error of the sink comes out."""
        self._packets.append(data)
        self._granule += self._packet
        if len(self._packets) == TOGETHER:
            self._page(self._granule)

    def end(self, packets: list[bytes], duration_s: float) -> None:
        """Write what is left, ``packets`` last: the stream plays to ``duration_s`` exactly."""
        for packet in packets[:-1]:
            self.packet(packet)
        self._packets += packets[-1:]
        self._page(self._pre_skip + round(duration_s * _OPUS_RATE), _LAST)

    def bytes_for(self, duration_s: float) -> int:
        """Return how many bytes from the start hold ``duration_s`` of sound; all whole pages when there is less."""
        page = bisect.bisect_left(self._heard, round(duration_s * _OPUS_RATE))
        return self._ends[page] if page < len(self._ends) else self.whole

    def seconds_in(self, length: int) -> float:
        """Return how much sound a player hears of the first ``length`` bytes."""
        page = bisect.bisect_right(self._ends, length) - 1
        return max(0, self._heard[page]) / _OPUS_RATE if page >= 0 else 0.0

    def _page(self, granule: int, kind: int = 0) -> None:
        lacing = b"".join(map(_laced, self._packets))
        serial = int.from_bytes(self._serial, "little")
        header = bytearray(_HEADER.pack(b"OggS", 0, kind, granule, serial, self._sequence, 0, len(lacing)))
        body = b"".join((lacing, *self._packets))
        struct.pack_into("<I", header, _CRC_AT, _checksum(header + body))
        self._packets.clear()
        self._sequence += 1
        self._sink.write(bytes(header + body))
        self.whole += len(header) + len(body)
        self._ends.append(self.whole)
        self._heard.append(granule - self._pre_skip)


def _laced(packet: bytes) -> bytes:
    """Return the lengths of a packet's segments: full ones, and one that is not."""
    full, rest = divmod(len(packet), _FULL_SEGMENT)
    return bytes([_FULL_SEGMENT]) * full + bytes([rest])


def _checksum(page: bytes | bytearray) -> int:
    """Return Ogg's CRC-32 (polynomial 0x04c11db7, from 0, bit by bit from the top, not inverted).

    zlib has the mirror image of it: given mirrored bytes, and begun and ended so that nothing is inverted, it gives
    the mirrored checksum. In Python itself it would cost more than the page's encoding.
    """
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_MIRRORED), "big")
