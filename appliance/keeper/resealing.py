"""Moving on to the key of the month what outlives the key it was sealed to: held recordings, and the words of holds.

Needs somebody entitled: only with their key can the old one be opened. Until they have signed in, the old key stays.
"""

import logging

from appliance.errors import NotAllowed, SealBroken, VaultLocked
from appliance.keeper.opening import RecordingKeys, resealed_hold
from appliance.keeper.sessions import Sessions
from appliance.keeper.stores import Stores
from appliance.model.calls import CallId
from appliance.service import Stopping
from appliance.storage.holds import HoldRecord
from appliance.storage.sealing import SealTo

log = logging.getLogger(__name__)


class Resealing:
    """Reseals. Belongs to one thread."""

    def __init__(self, stores: Stores, sessions: Sessions) -> None:
        """Work on ``stores`` with the key of somebody in ``sessions``."""
        self._stores, self._sessions = stores, sessions

    def go_on(self, stopping: Stopping) -> int:
        """Reseal everything that is sealed to an old key, if somebody entitled is signed in; return how much."""
        session, upto = self._sessions.entitled(), self._stores.horizon.upto()
        old = self._stores.keys.old(upto) if upto and session else {}
        if session is None or not old:
            return 0
        to, done = self._stores.keyring.current(), 0
        try:
            with RecordingKeys(self._stores.keyring, session.opened.key) as keys:
                for call_id in self._calls(frozenset(old)):
                    if stopping.asked() or self._sessions.entitled() is None:
                        break
                    done += self._reseal(call_id, keys, to)
        except VaultLocked:
            log.info("resealing was interrupted by the end of a session")
        return done

    def _calls(self, old: frozenset[str]) -> list[CallId]:
        sealed = [entry.call_id for entry in self._stores.catalogue.everything() if entry.kid in old]
        return sorted({*sealed, *self._stores.holds.written_to(old)})

    def _reseal(self, call_id: CallId, keys: RecordingKeys, to: SealTo) -> bool:
        def moved(hold: HoldRecord) -> HoldRecord:
            return hold if hold.kid == to.kid else resealed_hold(hold, call_id, keys.of(hold.kid), to)

        try:
            self._stores.custody.reseal(call_id, keys.of, to)
            self._stores.holds.reseal(call_id, moved)
        except (SealBroken, NotAllowed) as wrong:
            log.warning("a recording's sheet or hold cannot be moved to the key of the month: %s", wrong)
            return False
        return True
