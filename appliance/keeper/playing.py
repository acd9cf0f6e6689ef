"""Plain audio of recordings, a range at a time, and whether each is what it was when it was recorded."""

import threading
from collections import OrderedDict
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from appliance.errors import SealBroken, VaultLocked
from appliance.keeper.excerpt import Excerpt
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


class Sound(Protocol):
    """Plain audio of ``total`` bytes, a range at a time."""

    total: int
    integrity: Integrity

    def read(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``; fewer at the end.

        Raises:
            VaultLocked: it was closed meanwhile; open it again.
        """
        ...

    def close(self) -> None:
        """Let go of the file and the key."""
        ...


class PlainAudio:
    """One recording's audio, opened.

    ``total`` is how many plain bytes are given: to the end of the call, or of what is genuine.
    """

    def __init__(self, path: Path, call_id: CallId, data_key: bytes, ended_at: int | None) -> None:
        """Open the file at ``path`` and look at every segment of it.

        ``ended_at`` is how many bytes make the call; None where its end was never written.
        """
        self._lock = threading.Lock()
        self._raw = path.open("rb")
        try:
            self._reader = StreamReader(self._raw, data_key, call_id.encode("ascii"))
            checked = self._reader.check()
        except BaseException:
            self._raw.close()
            raise
        wanted = checked.size if ended_at is None else ended_at
        self.total = min(wanted, _genuine_from_start(checked))
        self.integrity = _integrity(checked, wanted, cut_short=ended_at is None)

    def read(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``, and never more than ``LARGEST_RANGE``; fewer at the end.

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


class AudioExcerpt:
    """A stretch of a recording, opened."""

    def __init__(self, audio: PlainAudio, first_s: float, last_s: float) -> None:
        """Take what of ``audio`` sounds between two times, and close it with this.

        Raises:
            AudioUnreadable: nothing does; ``audio`` is closed.
        """
        self._audio = audio
        try:
            self._excerpt = Excerpt(audio.read, audio.total, first_s, last_s)
        except BaseException:
            audio.close()
            raise
        self.total, self.integrity = self._excerpt.total, audio.integrity

    def read(self, offset: int, length: int) -> bytes:
        """As ``PlainAudio.read``, of the stretch."""
        return self._excerpt.read(max(0, offset), max(0, min(length, LARGEST_RANGE)))

    def close(self) -> None:
        """Let go of the recording."""
        self._audio.close()


class AudioShelf:
    """The recordings opened last; opening one checks all of it, which a seek should not pay for."""

    def __init__(self) -> None:
        """Nothing is open."""
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Sound] = OrderedDict()

    def get(self, name: str) -> Sound | None:
        """Return a recording that is open, by its id or another name for it."""
        with self._lock:
            if name in self._open:
                self._open.move_to_end(name)
            return self._open.get(name)

    def put(self, name: str, audio: Sound) -> Sound:
        """Keep one open, and close the one that was not used for longest."""
        with self._lock:
            kept = self._open.setdefault(name, audio)
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
    ended_at = whole.closing.audio_bytes if whole.closing else None
    try:
        return PlainAudio(path, whole.opening.call_id, whole.data_key, ended_at)
    except (SealBroken, FileNotFoundError):
        return None


def _genuine_from_start(checked: StreamCheck) -> int:
    """Return how many bytes can be given before the first damaged segment."""
    if not checked.damaged:
        return checked.size
    return max(0, checked.damaged[0] * (SEGMENT - TAG) - HEADER)


def _integrity(checked: StreamCheck, wanted: int, *, cut_short: bool) -> Integrity:
    if checked.damaged or checked.size < wanted:
        return Integrity.DAMAGED
    if cut_short:
        return Integrity.CUT_SHORT
    return Integrity.UNCHANGED if checked.complete else Integrity.DAMAGED
