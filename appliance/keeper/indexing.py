"""Filling the index of numbers: sheets opened in the background, newest first, while somebody entitled is signed in."""

import logging
import threading
from collections.abc import Iterable
from datetime import UTC

from appliance.clock import Clock
from appliance.errors import SealBroken, VaultLocked
from appliance.keeper.opening import RecordingKeys, known_of, unknown
from appliance.keeper.sessions import Sessions
from appliance.keeper.stores import Stores
from appliance.model.calls import CallId
from appliance.service import Stopping
from appliance.storage.index import Known
from appliance.storage.indexseal import index_key

log = logging.getLogger(__name__)

_BATCH, _BREATH_S = 25, 0.002
"""After so many sheets, requests get a turn."""


class Indexing:
    """Keeps ``stores.index`` full. ``go_on`` belongs to one thread; the rest may be called from any."""

    def __init__(self, stores: Stores, sessions: Sessions, clock: Clock) -> None:
        """Nothing is opened before somebody signs in."""
        self._stores, self._sessions, self._clock = stores, sessions, clock
        self._lock = threading.Lock()
        self._fresh: list[CallId] = []
        self._complete = False

    @property
    def complete(self) -> bool:
        """Whether a search sees every call."""
        return self._complete and not self._fresh and self._stores.index.unlocked

    def came_in(self, calls: Iterable[CallId]) -> None:
        """New recordings are in the vault."""
        with self._lock:
            self._fresh += calls

    def go_on(self, stopping: Stopping) -> None:
        """Open what is not open yet; returns when all is, or when nobody entitled is signed in any more."""
        session = self._sessions.entitled()
        if session is None:
            return
        index = self._stores.index
        try:
            if not index.unlocked:
                self._complete = False
                index.unlock(index_key(self._stores.vault.folder / "index", self._stores.keyring, session.opened.key))
            with RecordingKeys(self._stores.keyring, session.opened.key) as keys:
                if not self._complete:
                    self._all(keys, stopping)
                self._new(keys, stopping)
        except VaultLocked:
            log.info("opening sheets was interrupted by the end of a session")

    def _all(self, keys: RecordingKeys, stopping: Stopping) -> None:
        today = f"{self._clock.now().at.astimezone(UTC):%Y-%m-%d}"
        for day in sorted(self._stores.vault.days(), reverse=True):
            self._stores.index.load(day)
            missing = set(self._stores.vault.ids(day)) - self._stores.index.known(day)
            self._open(sorted(missing), keys, stopping)
            if stopping.asked() or not self._stores.index.unlocked:
                return
            if missing and day < today:
                self._stores.index.keep(day)
        self._complete = True

    def _new(self, keys: RecordingKeys, stopping: Stopping) -> None:
        with self._lock:
            fresh = list(self._fresh)
        self._open(fresh, keys, stopping)
        with self._lock:  # only now does a search see them
            del self._fresh[: len(fresh)]

    def _open(self, calls: list[CallId], keys: RecordingKeys, stopping: Stopping) -> None:
        for start in range(0, len(calls), _BATCH):
            self._stores.index.add([self._known(call_id, keys) for call_id in calls[start : start + _BATCH]])
            if stopping.wait(_BREATH_S):
                return

    def _known(self, call_id: CallId, keys: RecordingKeys) -> Known:
        try:
            return known_of(keys.whole(self._stores.vault.meta(call_id)))
        except (SealBroken, FileNotFoundError):
            return unknown(call_id, "")
