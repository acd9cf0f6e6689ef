"""Calls made fit to be played to a requester: decoded and cut in the background, in memory alone, one a person."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.casework.cuts import Fill, Redaction
from appliance.errors import LinekeeperError
from appliance.keeper.cutter import cut
from appliance.link.messages.packs import PackStage
from appliance.model.calls import CallId

log = logging.getLogger(__name__)

KEPT_S = 2 * 3600
"""How long one is kept: an appointment's length."""


@dataclass(slots=True)
class Hearing:
    """One call on its way. ``redactions`` are what is silent in ``wav``; other ones need another hearing."""

    reference: str
    call_id: CallId
    redactions: tuple[Redaction, ...]
    begun_s: float
    stage: PackStage = PackStage.MAKING
    done: float = 0.0
    why: str = ""
    wav: bytes = field(default=b"", repr=False)


class Hearings:
    """All of them, by person. Safe to use from several threads; makes one at a time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """There are none."""
        self._monotonic = monotonic
        self._lock, self._making = threading.Lock(), threading.Lock()
        self._hearings: dict[str, Hearing] = {}

    def make(self, username: str, hearing: Hearing, opus: bytes) -> None:
        """Begin to make one, in the place of what this person had."""
        with self._lock:
            self._hearings[username] = hearing
        threading.Thread(target=self._made, args=(hearing, opus), name="hearing", daemon=True).start()

    def find(self, username: str, reference: str, call_id: CallId, redactions: tuple[Redaction, ...]) -> Hearing | None:
        """Return somebody's hearing of a call, cut just so; None where there is none, or it is cut otherwise."""
        self.drop_old()
        with self._lock:
            found = self._hearings.get(username)
        wanted = (reference, call_id, redactions)
        return found if found and (found.reference, found.call_id, found.redactions) == wanted else None

    def drop_old(self, signed_in: frozenset[str] | None = None) -> None:
        """Let go of those whose time is over, and of those whose person is not among ``signed_in``."""
        oldest = self._monotonic() - KEPT_S
        with self._lock:
            self._hearings = {
                who: one
                for who, one in self._hearings.items()
                if one.begun_s > oldest and (signed_in is None or who in signed_in)
            }

    def _made(self, hearing: Hearing, opus: bytes) -> None:
        def saw(done: float) -> None:
            hearing.done = done

        with self._making:
            try:
                hearing.wav = cut(opus, hearing.redactions, Fill.SILENCE, None, saw).wav
                hearing.done, hearing.stage = 1.0, PackStage.READY
            except LinekeeperError as wrong:
                hearing.why, hearing.stage = str(wrong), PackStage.FAILED
            except Exception:
                log.exception("a call could not be made fit to be played")
                hearing.why, hearing.stage = "The call could not be cut. Call support.", PackStage.FAILED
