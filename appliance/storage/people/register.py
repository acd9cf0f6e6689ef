"""The roster in memory and on the disk, as one: who changes it holds it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import SetupRefused
from appliance.files import REAL_DISK, Disk
from appliance.storage.people.roster import Entry, Roster, read_roster, write_roster


class Register:
    """The keeper's only copy of the roster. Reading is free; ``changing`` makes a change one step."""

    def __init__(self, path: Path, disk: Disk = REAL_DISK) -> None:
        """Read it.

        Raises:
            SealBroken: the file is damaged.
        """
        self._path, self._disk = path, disk
        self._lock = threading.RLock()
        self._roster = read_roster(path)

    @property
    def founded(self) -> bool:
        """Whether set-up has been done."""
        return self._roster is not None

    @property
    def roster(self) -> Roster:
        """Everybody, now.

        Raises:
            SetupRefused: set-up has not been done.
        """
        if self._roster is None:
            raise SetupRefused("This box has not been set up yet.")
        return self._roster

    def active(self, username: str) -> Entry | None:
        """Return somebody who may sign in."""
        entry = self._roster.find(username) if self._roster else None
        return None if entry is None or entry.disabled else entry

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the roster from reading it until the change is kept."""
        with self._lock:
            yield

    def keep(self, roster: Roster) -> None:
        """Put ``roster`` in place; durable when this returns.

        Raises:
            OSError: the disk failed; the old one stays.
        """
        with self._lock:
            write_roster(self._path, roster, self._disk)
            self._roster = roster
