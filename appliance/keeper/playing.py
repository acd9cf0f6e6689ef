"""Plain audio of recordings, a range at a time, and whether each is what it was when it was recorded."""

import threading
from collections import OrderedDict
from enum import StrEnum
from pathlib import Path

from appliance.errors import SealBroken, VaultLocked
from appliance.model.calls import CallId
from appliance.storage.sheet import Whole
from appliance.storage.stream import HEADER, SEGMENT, TAG
from appliance.storage.streamreader import StreamCheck, StreamReader

LARGEST_RANGE = 256 * 1024
"""Bytes given at once."""

_KEPT_OPEN = 16


class Integrity(StrEnum):
    """What the seals say of a recording."""

    UNCHANGED = "unchanged"
    CUT_SHORT = "cut short"
    DAMAGED = "damaged"
    OPEN = "open"


class PlainAudio:
    """One recording's audio, opened.

    ``total`` is how many plain bytes are given: to the end of the call, or of what is genuine.
    """

    def __init__(self, path: Path, whole: Whole) -> None:
        """Open the file at ``path`` and look at every segment of it."""
        self._lock = threading.Lock()
        self._raw = path.open("rb")
        try:
            associated = whole.opening.call_id.encode("ascii")
            self._reader = StreamReader(self._raw, whole.data_key, associated)
            checked = self._reader.check()
        except BaseException:
            self._raw.close()
            raise
        wanted = whole.closing.audio_bytes if whole.closing else checked.size
        self.total = min(wanted, _genuine_from_start(checked))
        self.integrity = _integrity(whole, checked, wanted)

    def read(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``; fewer at the end.

        Raises:
            VaultLocked: it was closed meanwhile; open it again.
        """
        length = max(0, min(length, LARGEST_RANGE, self.total - offset))
        with self._lock:
            if self._raw.closed:
                raise VaultLocked("The recording was put away. Ask again.")
            self._reader.seek(max(0, offset))
            return self._reader.read(length) or b""

    def close(self) -> None:
        """Let go of the file and the key."""
        with self._lock:
            self._raw.close()
            self._reader.close()


class AudioShelf:
    """The recordings opened last; opening one checks all of it, which a seek should not pay for."""

    def __init__(self) -> None:
        """Nothing is open."""
        self._lock = threading.Lock()
        self._open: OrderedDict[CallId, PlainAudio] = OrderedDict()

    def get(self, call_id: CallId) -> PlainAudio | None:
        """Return a recording that is open."""
        with self._lock:
            if call_id in self._open:
                self._open.move_to_end(call_id)
            return self._open.get(call_id)

    def put(self, call_id: CallId, audio: PlainAudio) -> PlainAudio:
        """Keep one open, and close the one that was not used for longest."""
        with self._lock:
            kept = self._open.setdefault(call_id, audio)
            if kept is not audio:
                audio.close()
            while len(self._open) > _KEPT_OPEN:
                self._open.popitem(last=False)[1].close()
            return kept

    def clear(self) -> None:
        """Close all: nobody entitled is signed in any more."""
        with self._lock:
            for audio in self._open.values():
                audio.close()
            self._open.clear()


def open_audio(path: Path, whole: Whole) -> PlainAudio | None:
    """Open a recording's audio; None where nothing of it can be played."""
    try:
        return PlainAudio(path, whole)
    except (SealBroken, FileNotFoundError):
        return None


def _genuine_from_start(checked: StreamCheck) -> int:
    """Return how many bytes can be given before the first damaged segment."""
    if not checked.damaged:
        return checked.size
    return max(0, checked.damaged[0] * (SEGMENT - TAG) - HEADER)


def _integrity(whole: Whole, checked: StreamCheck, wanted: int) -> Integrity:
    if checked.damaged or checked.size < wanted:
        return Integrity.DAMAGED
    if whole.closing is None:
        return Integrity.CUT_SHORT
    return Integrity.UNCHANGED if checked.complete else Integrity.DAMAGED
