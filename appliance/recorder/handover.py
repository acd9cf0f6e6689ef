"""The way of one line's calls to the spool: the keeper's key, whether the disk takes them, and what waits till it does.

It outlives the recorders of the line: a call that waits is not forgotten when the line is begun again.
"""

import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path

from appliance.errors import SealBroken
from appliance.files import REAL_DISK, Disk
from appliance.recorder.outbox import Outbox
from appliance.storage.sealing import SealTo
from appliance.storage.spool import Spool

_LOG = logging.getLogger(__name__)

MOST_WAITING = 8 << 20
"""Bytes of encoded audio (45 minutes) a line keeps in memory while the spool takes nothing."""

_KEY_RETRY_S = 0.2
_CHECK_S = 1.0
_DISK_RETRY_S = (0.5, 1.0, 2.0, 5.0)  # each try may leave an empty file behind, so they grow rarer

_LEAST_ROOM = 1 << 20
"""Bytes that must be free before a recording is begun: on a full disk a file can be created and not written."""


class Handover:
    """The spool and the key to seal to, with what is wrong with them in words and when to try again."""

    def __init__(
        self, folder: Path, key: Callable[[], SealTo | None], disk: Disk = REAL_DISK, most_waiting: int = MOST_WAITING
    ) -> None:
        """Use the spool ``folder``; ``key`` reads what the keeper published, None while it has not."""
        self.spool = Spool(folder, disk)
        self.outbox, self.most_waiting = Outbox(most_waiting), most_waiting
        self.trouble = ""
        self._folder, self._read_key = folder, key
        self._failures = 0
        self._next_try_s = self._checked_s = float("-inf")

    def due(self, now_s: float) -> bool:
        """Return whether it is worth trying: there was no trouble, or it is time to try again."""
        return now_s >= self._next_try_s

    def check(self, now_s: float) -> None:
        """While there is nothing to hand over, find out whether the next call could be: once a second."""
        if not self.due(now_s) or now_s - self._checked_s < _CHECK_S:
            return
        self._checked_s = now_s
        try:
            if self.key(now_s) is not None:
                self.worked()
        except OSError as wrong:
            self.failed(wrong, now_s)

    def key(self, now_s: float) -> SealTo | None:
        """Return the key for what is to be begun now; None while there is none, which is a trouble.

        Raises:
            OSError: the spool cannot be written or has no room.
        """
        try:
            key = self._read_key()
        except SealBroken as wrong:
            key = None
            self._wait(str(wrong), now_s, _KEY_RETRY_S)
        else:
            if key is None:
                words = "Waiting for the keeper's key. Calls are kept in memory until it comes."
                self._wait(words, now_s, _KEY_RETRY_S)
        self._check_room()
        return key

    def worked(self) -> None:
        """Forget the trouble: the disk has taken something."""
        if self.trouble:
            _LOG.info("sealing again")
        self.trouble, self._failures, self._next_try_s = "", 0, float("-inf")

    def failed(self, wrong: OSError, now_s: float) -> None:
        """Note that the disk refused."""
        why = os.strerror(wrong.errno) if wrong.errno else "unknown"
        pause_s = _DISK_RETRY_S[min(self._failures, len(_DISK_RETRY_S) - 1)]
        self._failures += 1
        words = f"Recordings cannot be written ({why}). Calls are kept in memory: free or mend the disk."
        self._wait(words, now_s, pause_s)

    def _check_room(self) -> None:
        room = os.statvfs(self._folder)
        if room.f_bavail * room.f_frsize < _LEAST_ROOM:
            raise OSError(errno.ENOSPC, "no room in the spool")
        if not os.access(self._folder, os.W_OK):
            raise OSError(errno.EROFS, "the spool is read-only")

    def _wait(self, words: str, now_s: float, pause_s: float) -> None:
        if words != self.trouble:
            _LOG.warning("%s", words)
        self.trouble, self._next_try_s = words, now_s + pause_s
