"""Calls that ended before the spool would take them: kept in memory until it does, as many as fit."""

import logging
from collections import deque
from dataclasses import dataclass, replace

from appliance.model.calls import Closing, Opening
from appliance.recorder import account
from appliance.storage.sealing import SealTo
from appliance.storage.spool import Spool

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A whole call that no disk has: ``audio`` is Ogg Opus, empty for a missed call. It is never written in clear."""

    opening: Opening
    closing: Closing
    audio: bytes


class Outbox:
    """What one line still has to hand over, oldest first."""

    def __init__(self, most_bytes: int) -> None:
        """Keep up to ``most_bytes`` of audio."""
        self._most_bytes = most_bytes
        self._calls: deque[Unsealed] = deque()
        self._given_up: list[Unsealed] = []
        self.lost = 0

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def waiting_bytes(self) -> int:
        """How much audio waits."""
        return sum(len(call.audio) for call in self._calls)

    @property
    def oldest(self) -> Opening | None:
        """The opening of the oldest call with sound that waits."""
        return next((call.opening for call in self._calls if call.audio), None)

    def put(self, call: Unsealed) -> None:
        """Keep ``call``; where memory will not hold all, the oldest are given up, and counted."""
        self._calls.append(call)
        while self.waiting_bytes > self._most_bytes:
            given_up = self._calls.popleft()
            self.lost += 1
            self._given_up.append(replace(given_up, audio=b""))
            _LOG.error("call %s is lost: it could not be written, and memory is full", given_up.opening.call_id)

    def given_up(self) -> list[Unsealed]:
        """Return the calls given up since this was last asked, without their audio."""
        given_up, self._given_up = self._given_up, []
        return given_up

    def hand_over(self, spool: Spool, key: SealTo) -> None:
        """Seal everything into ``spool``; what was handed over is forgotten here.

        Raises:
            OSError: the disk refused; the rest still waits.
        """
        while self._calls:
            call = self._calls[0]
            try:
                _seal(call, spool, key)
            except OSError:
                self._calls[0] = replace(call, opening=account.renamed(call.opening))
                raise
            self._calls.popleft()


def _seal(call: Unsealed, spool: Spool, key: SealTo) -> None:
    if call.closing.missed:
        spool.note_missed(call.opening, call.closing, key)
        return
    sealed = spool.begin(call.opening, key)
    try:
        sealed.audio.write(call.audio)
        sealed.close(call.closing)
    except OSError:
        sealed.abandon()
        raise
