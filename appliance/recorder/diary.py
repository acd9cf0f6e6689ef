"""The recorder's diary of its own listening: chapters in the spool, and beside them up to when it is alive.

Each note is durable within a second of being made. A disk that refuses is tried again with a new chapter; what waits
meanwhile is bounded, and is never simply forgotten.
"""

import logging
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from appliance.codec import read_json, to_json
from appliance.errors import SealBroken
from appliance.files import REAL_DISK, Disk, sync_folder, write_all
from appliance.recorder.gapwatch import stated
from appliance.recorder.instant import Instant
from appliance.storage.appending import AppendFile
from appliance.storage.gapnotes import SIGN_OF_LIFE, SUFFIX, Alive, Began, Ended, LastKnown, Note, condensed, written

_LOG = logging.getLogger(__name__)

FLUSH_S = 1.0
BEAT_S, SYNC_BEAT_S = 2.0, 10.0
"""How often the file in ``live`` is written, and made durable: so far may a crash or a power cut be misjudged."""

ALIVE_S = 600.0
"""The same is said in the chapter this often, should that file be lost."""

RETRY_S = 5.0
MOST_WAITING = 5000
"""Notes in memory while the disk takes none; more become few that claim all that these did."""

_CHAPTER_S = 24 * 3600
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Diary:
    """Writes chapters into ``spool``. Owned by the recorder's main thread."""

    def __init__(self, spool: Path, live: Path, lines: Sequence[str], began: Instant, disk: Disk = REAL_DISK) -> None:
        """Begin: ``lines`` are the lines' names. Nothing is written before ``write``."""
        self._spool, self._live, self._lines, self._disk = spool, live, tuple(lines), disk
        before = _last_known(live)
        self._first: Began | None = Began(stated(began), self._lines, before)
        self._number = before.number if before else 0
        self._chapter: AppendFile | None = None
        self._chapter_s = self._alive_s = 0.0
        self._waiting: list[Note] = []
        self._unsynced = False
        self._flushed_s = self._beaten_s = self._synced_s = self._failed_s = float("-inf")

    def write(self, notes: Sequence[Note], now: Instant) -> bool:
        """Take notes, and make durable what is due. Returns whether a new chapter began: say what lasts again."""
        self._waiting += notes
        if len(self._waiting) > MOST_WAITING:
            self._waiting = condensed(self._waiting)
        begun = False
        if now.boottime_s - self._flushed_s >= FLUSH_S and now.boottime_s - self._failed_s >= RETRY_S:
            self._flushed_s = now.boottime_s
            begun = self._flush(now)
        self._beat(now)
        return begun

    def end(self, notes: Sequence[Note], now: Instant) -> None:
        """Say that listening ends because it was asked to, and let go."""
        self._waiting += notes
        self._failed_s = float("-inf")
        self._flush(now, Ended(stated(now)))
        if self._chapter is not None:
            self._chapter.close()
        self._put(LastKnown(stated(now), self._number, clean=True), synced=True)

    def _flush(self, now: Instant, *last: Note) -> bool:
        """Write what waits; return whether a chapter was begun."""
        try:
            begun = self._turn_over(now)
            if self._chapter is not None and (self._waiting or last or begun):
                self._chapter.write(b"".join(map(written, (*self._waiting, *last))))
                self._chapter.sync()
        except OSError as wrong:
            if self._failed_s == float("-inf"):
                _LOG.error("the diary of what was recorded cannot be written: %s", wrong.strerror)
            self._failed_s = now.boottime_s
            self._close()
            return False
        self._waiting.clear()
        self._failed_s, self._first = float("-inf"), None
        return begun

    def _turn_over(self, now: Instant) -> bool:
        """Begin a chapter if there is none or this one covers a day; note in this one now and then that all is well."""
        if self._chapter is not None and now.boottime_s - self._chapter_s < _CHAPTER_S:
            if now.boottime_s - self._alive_s >= ALIVE_S:
                self._alive_s = now.boottime_s
                self._waiting.append(Alive(stated(now)))
            return False
        self._close()
        # What fails takes no number: with one each try they would run ahead of the minutes, on which their order rests.
        number = next_number(self._number, now)
        self._chapter = AppendFile(self._spool / chapter_name(number, now.moment.at), self._disk)
        straight_on = Began(stated(now), self._lines, LastKnown(stated(now), number))
        self._chapter.write(written(self._first or straight_on))
        sync_folder(self._spool, self._disk)
        self._number = number
        self._chapter_s = self._alive_s = now.boottime_s
        return True

    def _close(self) -> None:
        if self._chapter is not None:
            self._chapter.close()
            self._chapter = None

    def _beat(self, now: Instant) -> None:
        if now.boottime_s - self._beaten_s < BEAT_S:
            return
        if self._waiting and self._failed_s > float("-inf"):
            return  # a sign of life would say that all was kept, which what waits may deny
        self._beaten_s = now.boottime_s
        synced = now.boottime_s - self._synced_s >= SYNC_BEAT_S
        if synced:
            self._synced_s = now.boottime_s
        self._put(LastKnown(stated(now), self._number), synced=synced)

    def _put(self, known: LastKnown, *, synced: bool) -> None:
        """Replace the file in ``live``; one that cannot be written makes the next start claim a longer gap, no more."""
        path = self._live / SIGN_OF_LIFE
        try:
            fd = self._disk.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
            try:
                write_all(fd, to_json(known), self._disk)
                if synced:
                    self._disk.fsync(fd)
            finally:
                self._disk.close(fd)
            self._disk.replace(f"{path}.new", str(path))
        except OSError:
            _LOG.debug("the recorder's sign of life cannot be written")


def next_number(newest: int, now: Instant) -> int:
    """Return the number of the chapter after ``newest``: chapters follow one another whatever the clock says.

    Where the number was forgotten, a sure clock gives one that no earlier chapter can have reached.
    """
    return max(newest + 1, int((now.moment.at - _LONG_AGO).total_seconds() // 60))


def chapter_name(number: int, at: datetime) -> str:
    """Return the name of a chapter's file; names sort as the chapters follow one another."""
    return f"{number:08}-{at:%Y-%m-%dT%H%M%SZ}-{secrets.token_hex(3)}{SUFFIX}"


def _last_known(live: Path) -> LastKnown | None:
    try:
        return read_json(live / SIGN_OF_LIFE, LastKnown)
    except (SealBroken, OSError):
        _LOG.warning("up to when the recorder was listening cannot be read: the gap ledger may show too long a gap")
        return None
