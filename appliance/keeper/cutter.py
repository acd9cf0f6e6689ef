"""The keeper's end of the cutting child: a recording in, the files to hand over out."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from appliance.casework.cuts import Fill, Redaction
from appliance.codec import to_json
from appliance.errors import ExportRefused
from appliance.keeper.cutrecords import HEAD, MP3, PROGRESS, TROUBLE, WAV

WAV_HEADER = 44
"""Bytes before the samples."""

TIMEOUT_S = 900.0
LARGEST = 256 << 20
"""Bytes of one record of the child at most: four hours as WAV."""


@dataclass(frozen=True, slots=True)
class CutSound:
    """One recording as files."""

    wav: bytes
    mp3: bytes

    @property
    def seconds(self) -> float:
        """How long it is."""
        rate = int.from_bytes(self.wav[24:28], "little")
        return (len(self.wav) - WAV_HEADER) / (2 * rate)


def cut(
    opus: bytes,
    redactions: tuple[Redaction, ...],
    fill: Fill,
    part: tuple[float, float] | None,
    saw: Callable[[float], None],
) -> CutSound:
    """Decode a recording, cut it and write it anew; ``saw`` is told how far it is, from 0 to 1.

    Raises:
        ExportRefused: it cannot be decoded, a redaction lies outside it, or it took too long.
    """
    command = [sys.executable, "-m", "appliance.keeper.cutting"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    timer = threading.Timer(TIMEOUT_S, child.kill)
    timer.daemon = True
    timer.start()
    try:
        if child.stdin is None or child.stdout is None:
            raise ExportRefused("The copy could not be begun. Try again.")
        feeder = threading.Thread(
            target=_feed, args=(child.stdin, to_json((redactions, fill, part)), opus), daemon=True
        )
        feeder.start()
        return _told(child.stdout, saw)
    finally:
        timer.cancel()
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _feed(pipe: IO[bytes], job: bytes, opus: bytes) -> None:
    try:
        with pipe:
            pipe.write(job + b"\n")
            pipe.write(opus)
    except BrokenPipeError:
        return  # the child has said why


def _told(pipe: IO[bytes], saw: Callable[[float], None]) -> CutSound:
    found = dict[bytes, bytes]()
    while set(found) != {WAV, MP3}:
        head = pipe.read(HEAD.size)
        if len(head) < HEAD.size:
            raise ExportRefused("The copy could not be finished: its sound cannot be decoded. Call support.")
        letter, length = HEAD.unpack(head)
        if length > LARGEST:
            raise ExportRefused("The copy could not be finished: it is too long.")
        content = pipe.read(length)
        if letter == TROUBLE:
            raise ExportRefused(content.decode())
        if letter == PROGRESS:
            saw(float(content))
        else:
            found[letter] = content
    return CutSound(found[WAV], found[MP3])
