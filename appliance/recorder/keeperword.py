"""The keeper's note in the ``intake`` folder, read again and again: wishes for now, and whether its alarms stand.

A note that cannot be understood changes nothing: recording goes on as it did.
"""

import logging
from pathlib import Path

import msgspec

from appliance.clock import Clock
from appliance.model.wishes import FILE_NAME, VALID_S, KeeperWord, Wish

_LOG = logging.getLogger(__name__)

_MOST_BYTES = 65_536


class WordReader:
    """Reads the note when it has changed."""

    def __init__(self, intake: Path, clock: Clock) -> None:
        """Read it in ``intake``."""
        self._path, self._clock = intake / FILE_NAME, clock
        self._seen: tuple[int, int] = (0, 0)
        self._last = 0
        self._odd = False
        self.attention = False
        """Whether an alarm of the keeper's stands, as far as it has said."""

    def new(self) -> list[Wish]:
        """Return the wishes that have come, are of this boot, and are not too old to be meant."""
        word = self._changed()
        if word is None:
            return []
        self.attention = word.attention
        fresh = [wish for wish in word.wishes if wish.number > self._last and self._is_for_now(wish)]
        self._last = max([self._last, *(wish.number for wish in word.wishes)])
        return sorted(fresh, key=lambda wish: wish.number)

    def _is_for_now(self, wish: Wish) -> bool:
        age_s = self._clock.monotonic() - wish.boottime_s
        return wish.boot_id == self._clock.boot_id() and -1.0 <= age_s <= VALID_S

    def _changed(self) -> KeeperWord | None:
        """Return the note if it is another than before and can be understood."""
        try:
            found = self._path.stat()
            if (found.st_ino, found.st_mtime_ns) == self._seen:
                return None
            self._seen = (found.st_ino, found.st_mtime_ns)
            with self._path.open("rb") as file:
                word = msgspec.json.decode(file.read(_MOST_BYTES), type=KeeperWord)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            if not self._odd:
                _LOG.warning("the keeper's note cannot be read: nothing is done because of it")
            self._odd = True
            return None
        self._odd = False
        return word
