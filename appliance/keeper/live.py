"""How the box stands at this moment: the recorder's word, watched for change, and the keeper's own alarms."""

import logging
import threading
from datetime import timedelta
from pathlib import Path

from appliance.clock import Clock
from appliance.codec import read_json
from appliance.errors import SealBroken
from appliance.keeper.alarms import Alarms
from appliance.link.messages.lines import Live
from appliance.model.calls import CallId
from appliance.model.status import RecorderStatus

log = logging.getLogger(__name__)

BELIEVED_S = 3.0
"""The recorder writes at least once a second; what it wrote longer ago is no longer true."""

LONGEST_WAIT_S = 25.0
"""Of one question for something new; below the link's own time limit."""


class LiveBoard:
    """The newest of what is known, with a version that changes when it does. ``look`` is called often."""

    def __init__(self, path: Path, alarms: Alarms, clock: Clock) -> None:
        """Read the recorder's status at ``path``."""
        self._path, self._alarms, self._clock = path, alarms, clock
        self._changed = threading.Condition()
        # So that a page which knew the version before a restart never takes a new one for the old.
        self._version = int(clock.now().at.timestamp() * 1000)
        self._status: RecorderStatus | None = None
        self._seen: tuple[int, int] = (0, 0)
        self._seen_s = float("-inf")
        self._shown: tuple[object, ...] = ()

    def look(self) -> None:
        """Look for a new word of the recorder, and tell whoever waits if anything is different."""
        self._read()
        with self._changed:
            shown = (self._status, self.in_contact(), self._alarms.standing())
            if shown != self._shown:
                self._shown = shown
                self._version += 1
                self._changed.notify_all()

    def in_contact(self) -> bool:
        """Return whether the recorder's word is recent enough to be believed."""
        return self._status is not None and self._clock.monotonic() - self._seen_s <= BELIEVED_S

    def recording_now(self) -> frozenset[CallId]:
        """Return the calls that the recorder says it is recording."""
        status = self._status
        if status is None or not self.in_contact():
            return frozenset()
        return frozenset(line.call_id for line in status.lines if line.call_id is not None)

    def now(self, seen: int, wait_s: float) -> Live:
        """Return how the box stands; waits up to ``wait_s`` for a version other than ``seen``."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != seen, max(0.0, min(wait_s, LONGEST_WAIT_S)))
            status, alarms = self._status, self._alarms.standing()
            return Live(
                version=self._version,
                contact=self.in_contact(),
                contact_at=status.at if status else None,
                lines=status.lines if status else (),
                alarms=(*(status.alarms if status else ()), *alarms),
            )

    def _read(self) -> None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return
        seen = (found.st_ino, found.st_mtime_ns)
        if seen == self._seen:
            return
        try:
            status = read_json(self._path, RecorderStatus)
        except SealBroken:
            log.warning("the recorder's status cannot be read")
            return
        first, self._seen = self._seen == (0, 0), seen
        if status is None:
            return
        # A file found at the start may be old; from then on, that it changed is what proves the recorder alive.
        old = first and abs(self._clock.now().at - status.at) > timedelta(seconds=BELIEVED_S)
        self._status = status
        self._seen_s = float("-inf") if old else self._clock.monotonic()
