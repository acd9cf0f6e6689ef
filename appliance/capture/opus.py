"""A call becomes Ogg Opus while it runs (RFC 6716, RFC 7845), in pages of 0.2 s, into a sink that is only written.

24 kbit/s constant bit rate: at 8 kHz that scores 4.49 of 4.5 (PESQ, narrow band) and makes 10.8 MB an hour. Constant,
because the size of encrypted pages would otherwise tell who spoke when.
"""

from fractions import Fraction
from typing import Protocol

import av
import numpy as np

from appliance.audio import RATE, Samples, seconds
from appliance.capture.oggpages import OggPages

BIT_RATE = 24_000
"""Bits a second."""

_MUXER = {"page_duration": "200000", "flush_packets": "1"}  # microseconds; each page goes out as soon as it is whole


class Sink(Protocol):
    """What the encoded bytes are written to: never read back, never sought."""

    def write(self, data: bytes) -> int:
        """Take ``data``; return its length."""
        ...


class OpusStream:
    """One recording being encoded. ``pages`` tells how many bytes hold how many seconds."""

    def __init__(self, sink: Sink, complexity: int = 5) -> None:
        """Encode into ``sink``; ``complexity`` is libopus's effort, 0 to 10."""
        self.pages = OggPages()
        self._container = av.open(_Watched(sink, self.pages), "w", format="ogg", options=_MUXER)
        options = {"vbr": "off", "application": "voip", "compression_level": str(complexity)}
        self._stream = self._container.add_stream("libopus", rate=RATE, layout="mono", options=options)
        self._stream.bit_rate = BIT_RATE
        self._written = 0
        self._closed = False

    @property
    def duration_s(self) -> float:
        """How much sound has been put in."""
        return seconds(self._written)

    def write(self, samples: Samples) -> None:
        """Encode the samples that follow. Any error of the sink comes out here."""
        if not len(samples):
            return
        clipped = np.clip(samples, -1.0, 1.0).astype(np.float32, copy=False)
        frame = av.AudioFrame.from_ndarray(clipped[None, :], format="flt", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), self._written
        self._written += len(samples)
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def close(self) -> None:
        """Encode what is still held and write the last page, which ends exactly at ``duration_s``."""
        if self._closed:
            return
        self._closed = True
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()


class _Watched:
    """A sink whose pages are counted. PyAV asks for no more than ``write``."""

    def __init__(self, sink: Sink, pages: OggPages) -> None:
        self._sink, self._pages = sink, pages

    def write(self, data: bytes) -> int:
        self._sink.write(data)
        self._pages.feed(data)
        return len(data)
