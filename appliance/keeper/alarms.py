"""What the keeper has to say to staff that cannot wait until somebody reads a log."""

import threading

from appliance.clock import Clock
from appliance.model.status import Alarm


class Alarms:
    """The keeper's own alarms that stand now, one of a kind. Safe to use from several threads."""

    def __init__(self, clock: Clock) -> None:
        """None stands."""
        self._clock = clock
        self._lock = threading.Lock()
        self._standing: dict[str, Alarm] = {}

    def raise_(self, key: str, text: str) -> None:
        """Let an alarm stand; one that stands already keeps its time."""
        with self._lock:
            before = self._standing.get(key)
            self._standing[key] = Alarm(key, text, before.since if before else self._clock.now().at)

    def clear(self, key: str) -> None:
        """The reason for an alarm has gone."""
        with self._lock:
            self._standing.pop(key, None)

    def set(self, key: str, text: str) -> None:
        """Let an alarm stand if there is a ``text`` for it, else clear it."""
        if text:
            self.raise_(key, text)
        else:
            self.clear(key)

    def standing(self) -> tuple[Alarm, ...]:
        """Return the alarms that stand, oldest first."""
        with self._lock:
            return tuple(sorted(self._standing.values(), key=lambda alarm: alarm.since))
