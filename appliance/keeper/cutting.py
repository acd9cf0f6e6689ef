"""The child process that turns one recording into files to hand over: decoded, cut, and written anew.

``python -m appliance.keeper.cutting`` reads one job from stdin (``Job`` as JSON, a newline, then plain Ogg Opus) and
writes records to stdout: a letter, four bytes of length (big endian), the content. It has no file, no key and no
network; what it may use is bounded, for a decoder is where a hostile stream would strike.
"""

import io
import resource
import sys
import wave
from fractions import Fraction
from typing import Any, BinaryIO

import msgspec
import numpy as np

from appliance.audio import RATE, Samples
from appliance.casework.cuts import Fill, Redaction
from appliance.casework.redaction import redacted, stretches_of
from appliance.errors import LinekeeperError, RedactionWrong, SealBroken
from appliance.keeper.cutrecords import HEAD, MP3, PROGRESS, TROUBLE, WAV

MP3_RATE, MP3_BITS = 22050, 48_000
"""What every player of the last twenty years plays; a telephone's band is far below it."""

LONGEST_S = 4 * 3600 + 60

_PIECE = RATE

_MEMORY = 3 << 30
_CPU_S = 900

Job = tuple[tuple[Redaction, ...], Fill, tuple[float, float] | None]
"""What is to be cut, what stands in its place, and which part is copied (seconds; None is all of it)."""


def main(source: BinaryIO, sink: BinaryIO) -> int:
    """Do one job."""
    _bound_ourselves()
    try:
        redactions, fill, part = msgspec.json.decode(source.readline(), type=Job)
        samples = decoded(io.BytesIO(source.read()), sink)
        cut = redacted(samples, stretches_of(redactions, len(samples)), fill)
        del samples  # an hour of it is 115 MB
        pcm = as_pcm(cut if part is None else _within(cut, part))
        del cut
        _say(sink, PROGRESS, b"0.6")
        _say(sink, WAV, wav(pcm))
        _say(sink, PROGRESS, b"0.7")
        _say(sink, MP3, mp3(pcm))
    except LinekeeperError as wrong:
        _say(sink, TROUBLE, str(wrong).encode())
        return 1
    return 0


def decoded(recording: BinaryIO, sink: BinaryIO) -> Samples:
    """Return the samples of an Ogg Opus recording, at the line's rate.

    Raises:
        SealBroken: it cannot be decoded.
    """
    import av  # noqa: PLC0415 - forty megabytes that the keeper itself must not carry

    parts: list[Samples] = []
    count = 0
    try:
        with av.open(recording, "r", format="ogg") as container:
            stream = container.streams.audio[0]
            whole = float((stream.duration or 0) * (stream.time_base or 0)) * RATE
            resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
            for frame in container.decode(stream):
                for piece in resampler.resample(frame):
                    parts.append(piece.to_ndarray().reshape(-1).astype(np.float32))
                    count += len(parts[-1])
                if whole and len(parts) % 500 == 0:
                    _say(sink, PROGRESS, f"{min(0.5, 0.5 * count / whole):.3f}".encode())
                if count > LONGEST_S * RATE:
                    raise SealBroken("This recording is longer than any call can be.")
            parts += [piece.to_ndarray().reshape(-1).astype(np.float32) for piece in resampler.resample(None)]
    except (av.FFmpegError, IndexError) as wrong:
        raise SealBroken("This recording cannot be decoded. Keep the box on and call support.") from wrong
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def wav(pcm: Any) -> bytes:
    """Return 16-bit samples as a WAV file: one channel at the line's rate, exactly these samples."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.tobytes())
    return out.getvalue()


def mp3(pcm: Any) -> bytes:
    """Return 16-bit samples as an MP3 file, for players of ordinary people."""
    import av  # noqa: PLC0415

    out = io.BytesIO()
    with av.open(out, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=MP3_RATE, layout="mono")
        stream.bit_rate = MP3_BITS
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=MP3_RATE)
        for at in range(0, len(pcm), _PIECE):  # piece by piece: libav keeps many times what it is given at once
            piece = pcm[at : at + _PIECE]
            frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), at
            for resampled in resampler.resample(frame):
                container.mux(stream.encode(resampled))
        for resampled in resampler.resample(None):
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    return out.getvalue()


def as_pcm(samples: Samples) -> Any:
    """Return samples of full scale 1.0 as 16-bit ones; ``samples`` are used up."""
    np.clip(samples, -1.0, 1.0, out=samples)
    samples *= 32767
    return np.rint(samples, out=samples).astype("<i2")


def _within(samples: Samples, part: tuple[float, float]) -> Samples:
    first, last = round(part[0] * RATE), round(part[1] * RATE)
    if not 0 <= first < min(last, len(samples)):
        raise RedactionWrong("The part to copy lies outside the recording.")
    return samples[first:last]


def _say(sink: BinaryIO, letter: bytes, content: bytes) -> None:
    sink.write(HEAD.pack(letter, len(content)) + content)
    sink.flush()


def _bound_ourselves() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
