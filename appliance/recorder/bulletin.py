"""What the recorder lets others know, and itself after a restart: two small files in the ``live`` folder."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path

from appliance.clock import Clock
from appliance.codec import to_json
from appliance.files import replace_quickly
from appliance.model.calls import CallId
from appliance.model.gaps import Why
from appliance.model.status import LineStatus, RecorderStatus
from appliance.recorder import memory
from appliance.recorder.memory import RememberedLine
from appliance.recorder.status import LineWords, StatusBook
from appliance.recorder.worker import LineNow

_LOG = logging.getLogger(__name__)

FILE_NAME = "recorder.json"
"""A ``RecorderStatus``: read by the keeper and the terminal."""

_LOOK_S = 0.25
"""Between two looks at how the lines stand: what changes must reach the page within two seconds, and each look costs as
much as encoding 10 ms of each line."""

_STATUS_S = 0.5
_MEMORY_S = 60.0
_MEMORY_IN_CALL_S = 5.0  # by so much may a restart misjudge how long ago a call was being recorded


class Bulletin:
    """Writes the status at each change and twice a second, and the lines' memory at each call and each minute."""

    def __init__(self, live: Path, lines: Sequence[LineWords], book: StatusBook, clock: Clock) -> None:
        """Write into ``live``."""
        self._live, self._lines, self._book, self._clock = live, lines, book, clock
        self._said: RecorderStatus | None = None
        self._looked_s = self._status_s = self._memory_s = float("-inf")
        self._open_calls: list[tuple[CallId | None, Why | None]] = [(None, None)] * len(lines)
        self._unwritable: set[str] = set()
        self.attention = False
        """Whether an alarm stands."""

    def issue(self, nows: Sequence[LineNow]) -> None:
        """Write what is due."""
        now_s = self._clock.monotonic()
        if now_s - self._looked_s < _LOOK_S:
            return
        self._looked_s = now_s
        status = self._book.status(nows, self._clock.now().at, now_s)
        self.attention = bool(status.alarms)
        if now_s - self._status_s >= _STATUS_S or self._said is None or _changed(self._said, status):
            self._said, self._status_s = status, now_s
            self._try(FILE_NAME, lambda: replace_quickly(self._live / FILE_NAME, to_json(status)))
        open_calls = [(now.view.call_id, _why(now)) for now in nows]
        every_s = _MEMORY_IN_CALL_S if any(call_id for call_id, _ in open_calls) else _MEMORY_S
        if open_calls != self._open_calls or now_s - self._memory_s >= every_s:
            self.remember(nows)

    def remember(self, nows: Sequence[LineNow]) -> None:
        """Write the lines' memory now."""
        self._memory_s = now_s = self._clock.monotonic()
        self._open_calls = [(now.view.call_id, _why(now)) for now in nows]
        lines = {
            words.name: RememberedLine(now.memory, now.view.call_id, now.proved, _why(now), _left_s(now, now_s))
            for words, now in zip(self._lines, nows, strict=True)
        }
        self._try(memory.FILE_NAME, lambda: memory.remember(self._live, lines, self._clock))

    def _try(self, name: str, write: Callable[[], None]) -> None:
        """Write; a failure is logged once until it mends: recording goes on, and the lamps need no file."""
        try:
            write()
        except OSError as wrong:
            if name not in self._unwritable:
                _LOG.error("%s cannot be written: %s", name, wrong.strerror)
            self._unwritable.add(name)
        else:
            self._unwritable.discard(name)


def _why(now: LineNow) -> Why | None:
    return now.withheld.why if now.withheld else None


def _left_s(now: LineNow, now_s: float) -> float | None:
    until_s = now.withheld.until_s if now.withheld else None
    return None if until_s is None else until_s - now_s


def _changed(said: RecorderStatus, status: RecorderStatus) -> bool:
    """Return whether anything but times and levels is different."""
    same = all(_gist(before) == _gist(now) for before, now in zip(said.lines, status.lines, strict=True))
    return not same or said.alarms != status.alarms


_MEASURED = {"sealed_at", "level_dbfs", "floor_dbfs", "hum_dbfs", "clipped", "dc", "skew_ppm"}

_gist = attrgetter(*(field.name for field in fields(LineStatus) if field.name not in _MEASURED))
"""Of a line's status, all that is not measured anew every second."""
