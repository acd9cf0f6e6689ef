"""What a WAV file's header promises, to be held against what the file has (RIFF, Microsoft 1991; RF64, EBU 3306)."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from appliance.errors import AudioUnreadable

_STREAMED = (0, 0xFFFFFFFF)  # a recorder that could not seek back leaves the length open with one of these


@dataclass(frozen=True, slots=True)
class WaveHeader:
    """The form of the sound and how much there is. ``promised`` is None where the header leaves the length open."""

    rate: int
    channels: int
    bytes_per_s: int
    present: int
    promised: int | None

    @property
    def missing_s(self) -> float:
        """How many seconds of sound the header promises beyond the end of the file."""
        lacking = max(0, (self.promised or 0) - self.present)
        return lacking / self.bytes_per_s if self.bytes_per_s else 0.0


def is_riff(path: Path) -> bool:
    """Return whether the file calls itself RIFF/WAVE, or is called .wav and so should."""
    with path.open("rb") as file:
        return file.read(4) in (b"RIFF", b"RF64") or path.suffix.lower() == ".wav"


def wave_header(path: Path) -> WaveHeader:
    """Read the header of the WAV file at ``path``.

    Raises:
        AudioUnreadable: it is not a WAV file, or is cut short before its sound begins, or holds none.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(12)
        if not size:
            raise AudioUnreadable(f"{path.name} is empty.")
        if start[:4] not in (b"RIFF", b"RF64") or start[8:12] not in (b"WAVE", b""):
            raise AudioUnreadable(f"{path.name} is not a WAV file, whatever its name says.")
        form = None
        while chunk := _next_chunk(file):
            name, length = chunk
            if name == b"data" and form is not None:
                return _with_data(path, form, length, size - file.tell())
            if name == b"fmt " and len(body := file.read(16)) == 16:
                form = struct.unpack("<HHIIHH", body)
                length -= 16
            file.seek(length + length % 2, 1)  # chunks are padded to even lengths
    raise AudioUnreadable(f"{path.name} is cut short within its header: it has {size} bytes and no sound yet.")


def _next_chunk(file: BinaryIO) -> tuple[bytes, int] | None:
    head = file.read(8)
    return (head[:4], struct.unpack("<I", head[4:])[0]) if len(head) == 8 else None


def _with_data(path: Path, form: tuple[int, ...], length: int, present: int) -> WaveHeader:
    _, channels, rate, bytes_per_s, block, _ = form
    if not present or not block or not rate:
        raise AudioUnreadable(f"{path.name} has a WAV header and no sound behind it.")
    promised = None if length in _STREAMED else length
    return WaveHeader(rate, channels, bytes_per_s, min(present, promised or present), promised)
