"""A sound file as a line: WAV in any usual form, or whatever else FFmpeg reads, one channel of it."""

import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from appliance.audio import BLOCK, Frame, Samples, seconds
from appliance.capture.resample import Resampler
from appliance.capture.riff import is_riff, wave_header
from appliance.errors import AudioUnreadable, LineEnded

_RATES = range(4000, 384_001)
_MOST_CHANNELS = 8
"""Above 16 the decoder's frames cannot be read at all: PyAV 18 ends the whole process."""


class WaveFile:
    """Plays one channel of a sound file as a line.

    With ``pace`` it keeps time like a line, that many times faster than life; without, it goes as fast as it is read.
    ``remarks`` are words about what was odd and what was made of it: resampled, one channel of several, cut short.
    """

    simulated = True

    def __init__(self, path: Path, pace: float | None = None, channel: int = 0) -> None:
        """Open the file; ``channel`` counts from 0.

        Raises:
            AudioUnreadable: it is missing, is no sound file, has no such channel or no sound.
        """
        self._sound = _Sound(path, channel)
        self.remarks = self._sound.remarks
        self.duration_s = self._sound.duration_s
        self._blocks = _blocks(self._sound.samples())
        self._pace = pace
        self._started: float | None = None
        self._ready: Samples | None = None
        self._position = 0

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next 100 ms (fewer at the end), or None when they are not due within ``timeout_s``.

        Raises:
            LineEnded: the file has ended. AudioUnreadable: it is damaged here.
        """
        if self._ready is None:
            self._ready = next(self._blocks, None)
        if self._ready is None:
            raise LineEnded(f"{self._sound.name} has ended.")
        if not self._due(self._position + len(self._ready), timeout_s):
            return None
        frame = Frame(self._position, self._ready)
        self._position, self._ready = frame.end, None
        return frame

    def close(self) -> None:
        """Let the file go."""
        self._blocks = iter(())
        self._sound.close()

    def _due(self, end: int, timeout_s: float) -> bool:
        """Wait until the sample before ``end`` would have been spoken, at most ``timeout_s``."""
        if self._pace is None:
            return True
        now = time.monotonic()
        self._started = now if self._started is None else self._started
        wait_s = self._started + seconds(end) / self._pace - now
        time.sleep(max(0.0, min(wait_s, timeout_s)))
        return wait_s <= timeout_s


class _Sound:
    """The decoded file: one channel at 8 kHz, as the decoder's packets come."""

    def __init__(self, path: Path, channel: int) -> None:
        self.name = path.name
        self._channel = channel
        self.remarks = _remarks_on_length(path)
        try:
            self._container = av.open(str(path))
        except (av.FFmpegError, OSError) as wrong:
            raise AudioUnreadable(f"{path.name} is not a sound file that can be read.") from wrong
        if not self._container.streams.audio:
            self.close()
            raise AudioUnreadable(f"{path.name} holds no sound.")
        self._stream = self._container.streams.audio[0]
        self._check_form()
        length = self._stream.duration or 0
        self.duration_s = float(length * self._stream.time_base) if length and self._stream.time_base else 0.0

    def samples(self) -> Iterator[Samples]:
        """Yield 8 kHz samples in pieces of the decoder's size."""
        resampler, planar = Resampler(self._stream.rate), av.AudioResampler(format="fltp")
        try:
            for packet in self._container.decode(self._stream):
                for frame in planar.resample(packet):
                    yield resampler.push(_sane(frame.to_ndarray()[self._channel]))
        except av.FFmpegError as wrong:
            raise AudioUnreadable(f"{self.name} is damaged: it cannot be read to its end.") from wrong
        yield resampler.finish()

    def close(self) -> None:
        self._container.close()

    def _check_form(self) -> None:
        codec = getattr(self._stream, "codec_context", None)  # None, against its type, for a codec nobody knows
        if codec is None or codec.rate not in _RATES or not 0 < codec.channels <= _MOST_CHANNELS:
            self.close()
            raise AudioUnreadable(f"{self.name} has a form of sound that cannot be a line.")
        channels, rate = codec.channels, codec.rate
        if self._channel >= channels:
            self.close()
            raise AudioUnreadable(f"{self.name} has {channels} channel(s), so none numbered {self._channel}, from 0.")
        if channels > 1:
            self.remarks += (f"{self.name} has {channels} channels at {rate} Hz: channel {self._channel} is the line.",)


def _sane(samples: Samples) -> Samples:
    """Return samples within full scale: a file of floats may hold anything, even what is not a number."""
    return np.clip(np.nan_to_num(samples.astype(np.float32, copy=False)), -1.0, 1.0)


def _remarks_on_length(path: Path) -> tuple[str, ...]:
    """Check a WAV file's header against its size."""
    try:
        if not is_riff(path):
            return ()
        header = wave_header(path)
    except OSError as wrong:
        raise AudioUnreadable(f"{path} cannot be opened: {wrong.strerror}.") from wrong
    if header.missing_s > 0:
        return (f"{path.name} is cut short: {header.missing_s:.1f} s are missing at its end. What is there is used.",)
    return ()


def _blocks(pieces: Iterator[Samples]) -> Iterator[Samples]:
    """Cut pieces of any size into blocks of 100 ms; the last may be shorter."""
    rest: Samples = np.empty(0, np.float32)
    for piece in pieces:
        heard = np.concatenate((rest, piece)) if len(rest) else piece
        whole = len(heard) - len(heard) % BLOCK
        yield from (heard[at : at + BLOCK] for at in range(0, whole, BLOCK))
        rest = heard[whole:]
    if len(rest):
        yield rest
