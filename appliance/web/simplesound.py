"""The simple version of a recording: a WAV of known length, decoded on the fly, for browsers that cannot play Ogg Opus.

Safari before macOS 15.4 and iOS 18.4 is such a browser. A part is decoded when it is asked for and nothing is kept.
"""

import importlib
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from appliance.errors import SealBroken
from appliance.web.byterange import ByteRange

RATE = 8000
"""Samples a second: the line's own, as in ``appliance.audio``, which would bring NumPy into the site."""

HEADER = 44
"""Bytes before the sound (RIFF WAVE, one channel, 16-bit PCM)."""

_SAMPLE = 2
_OPUS_RATE = 48_000
_CONVERGE_S = 0.3
"""Decoded before the point asked for, so that it sounds as if decoded from the start; RFC 7845, 4.6 asks for 0.08."""
_PRE_SKIP = slice(10, 12)
"""In the codec's header: 48 kHz samples before the sound begins (RFC 7845, 5.1)."""
_SECOND = 1_000_000
"""Of libav's own clock."""


class SimpleSound:
    """One recording as WAV. Close it after use; use it from one thread."""

    def __init__(self, recording: BinaryIO) -> None:
        """Open ``recording``, Ogg Opus that can be sought in.

        Raises:
            SealBroken: it is no recording.
        """
        # Brought in by the few who need it: four megabytes that the site does not carry otherwise.
        self._av: Any = importlib.import_module("av")
        try:
            self._container = self._av.open(recording, "r", format="ogg")
            self._stream = self._container.streams.audio[0]
        except (self._av.FFmpegError, IndexError) as wrong:
            raise SealBroken("This recording cannot be decoded. Keep the box on and call support.") from wrong
        skipped = int.from_bytes(self._stream.codec_context.extradata[_PRE_SKIP], "little")
        self._samples = max(0, ((self._stream.duration or 0) - skipped) * RATE // _OPUS_RATE)

    @property
    def total(self) -> int:
        """Bytes of the whole WAV."""
        return HEADER + self._samples * _SAMPLE

    def read(self, asked: ByteRange) -> Iterator[bytes]:
        """Yield the bytes of a range, exactly as many as it says; silence stands where nothing could be decoded."""
        if asked.first < HEADER:
            yield header(self._samples)[asked.first : asked.last + 1]
        first = max(asked.first, HEADER) - HEADER
        left = asked.last + 1 - HEADER - first
        skipped = first % _SAMPLE
        for data in self._sound(first // _SAMPLE):
            if left <= 0:
                return
            piece = data[skipped : skipped + left]
            skipped, left = 0, left - len(piece)
            yield piece
        if left > 0:
            yield bytes(left)

    def close(self) -> None:
        """Let go of the decoder."""
        self._container.close()

    def _sound(self, first: int) -> Iterator[bytes]:
        """Yield 16-bit samples from the sample ``first`` on."""
        at = None
        for frame in self._frames(max(0.0, first / RATE - _CONVERGE_S)):
            start, data = frame.pts, bytes(frame.planes[0])[: frame.samples * _SAMPLE]
            at = round(float(start * frame.time_base) * RATE) if at is None else at
            if at + frame.samples > first:
                yield data[max(0, first - at) * _SAMPLE :]
            at += frame.samples

    def _frames(self, from_s: float) -> Iterator[Any]:
        resampler = self._av.AudioResampler(format="s16", layout="mono", rate=RATE)
        self._container.seek(int(from_s * _SECOND))
        try:
            for frame in self._container.decode(self._stream):
                yield from resampler.resample(frame)
            yield from resampler.resample(None)
        except self._av.FFmpegError:
            return


def header(samples: int) -> bytes:
    """Return the 44 bytes that stand before so many samples."""
    size = samples * _SAMPLE
    head = struct.pack("<4sI4s4sI", b"RIFF", HEADER - 8 + size, b"WAVE", b"fmt ", 16)
    return head + struct.pack("<HHIIHH4sI", 1, 1, RATE, RATE * _SAMPLE, _SAMPLE, 8 * _SAMPLE, b"data", size)
