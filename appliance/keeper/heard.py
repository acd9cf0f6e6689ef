"""Who listened to what, as the journal tells it."""

import threading

from appliance.model.calls import CallId
from appliance.model.people import Purpose
from appliance.storage.journalline import Act, JournalLine

_LISTENING = frozenset({Act.LISTENED, Act.MADE_TO_BE_HEARD})


class Heard:
    """The journal's lines about listening, by call. Filled as the journal is checked, and with each new line."""

    def __init__(self) -> None:
        """Nothing has been read yet."""
        self._lock = threading.Lock()
        self._lines: dict[CallId, dict[int, JournalLine]] = {}

    def saw(self, line: JournalLine) -> None:
        """Take a line of the journal; seeing one twice changes nothing."""
        if line.act in _LISTENING and line.call is not None:
            with self._lock:
                self._lines.setdefault(line.call, {})[line.number] = line

    def of(self, call_id: CallId) -> list[tuple[str, JournalLine, Purpose | None]]:
        """Return who listened to a call and why, newest first; None is for a requester, at their appointment."""
        with self._lock:
            lines = self._lines.get(call_id, {})
            newest = [lines[number] for number in sorted(lines, reverse=True)]
        return [
            (line.who, line, Purpose(line.more["purpose"]) if line.act == Act.LISTENED else None) for line in newest
        ]
