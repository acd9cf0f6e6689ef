"""The keeper's note to the recorder: what people want of the lines now, and whether an alarm stands for the box's lamp.

It is all the keeper ever tells the recorder besides the key to seal to: a small file in the ``intake`` folder, which
the recorder reads and need not understand. What the recorder then did is in its own word, and goes into the journal.
"""

import logging
import threading
from pathlib import Path

from appliance.clock import Clock
from appliance.codec import to_json
from appliance.errors import JournalRefused, NoCallOnLine
from appliance.files import replace_quickly
from appliance.keeper.live import LiveBoard
from appliance.model.status import IN_CALL, LineState, LineStatus
from appliance.model.wishes import FILE_NAME, VALID_S, KeeperWord, Wish, WishKind
from appliance.storage.journal import Journal
from appliance.storage.journalline import BOX, Act

log = logging.getLogger(__name__)

_ASKED = {
    WishKind.PAUSE: Act.PAUSE_ASKED,
    WishKind.RESUME: Act.RESUME_ASKED,
    WishKind.OBJECT: Act.OBJECTION_ASKED,
}


class WishDesk:
    """Writes the note. Safe to use from several threads."""

    def __init__(self, intake: Path, live: LiveBoard, journal: Journal, clock: Clock) -> None:
        """Write into ``intake``; ``live`` is how the lines stand."""
        self._path, self._live, self._journal, self._clock = intake / FILE_NAME, live, journal, clock
        self._lock = threading.Lock()
        self._wishes: list[Wish] = []
        self._attention: bool | None = None
        self._withheld: dict[int, LineStatus] = {}

    def test_lamps(self, who: str) -> None:
        """Have every lamp show its colours."""
        self._leave(WishKind.LAMP_TEST, 0, who)

    def ask(self, kind: WishKind, line: int, who: str) -> None:
        """Leave a wish of ``who`` for line number ``line``, once it is written down.

        Raises:
            NoCallOnLine: no call is in progress there.
            JournalRefused: it could not be written down, and was not asked.
        """
        status = next((one for one in self._live.now(0, 0).lines if one.line == line), None)
        if status is None or not self._live.in_contact() or status.state not in IN_CALL:
            raise NoCallOnLine("There is no call on that line now, so nothing was changed.")
        self._journal.append(_ASKED[kind], who, status.call_id, line=str(line))
        self._leave(kind, line, who)

    def note(self, attention: bool) -> None:
        """Take note of how the lines stand now, and say whether an alarm of the keeper's stands. Called often."""
        if self._live.in_contact():
            self._note_withheld()
        with self._lock:
            if attention != self._attention:
                self._attention = attention
                self._write()

    def _note_withheld(self) -> None:
        """Write in the journal when recording was paused or objected to, and when it went on: buttons sign nothing."""
        lines = {one.line: one for one in self._live.now(0, 0).lines}
        now = {number: one for number, one in lines.items() if one.state in (LineState.PAUSED, LineState.OBJECTED)}
        before, self._withheld = self._withheld, now
        for number, one in now.items():
            if number not in before or before[number].state is not one.state:
                act = Act.RECORDING_PAUSED if one.state is LineState.PAUSED else Act.CALLER_OBJECTED
                self._write_down(act, one)
        for number, one in before.items():
            if number not in now and one.state is LineState.PAUSED:  # an objection ends with its call
                self._write_down(Act.RECORDING_RESUMED, one)

    def _write_down(self, act: Act, line: LineStatus) -> None:
        try:
            self._journal.append(act, BOX, line.call_id, line=str(line.line), by=line.by)
        except JournalRefused:
            log.error("“%s” could not be written in the journal", act)

    def _leave(self, kind: WishKind, line: int, who: str) -> None:
        with self._lock:
            now_s = self._clock.monotonic()
            newest = self._wishes[-1].number if self._wishes else 0
            number = max(newest + 1, round(now_s * 1000))  # grows over a restart of the keeper too
            self._wishes = [wish for wish in self._wishes if now_s - wish.boottime_s < VALID_S]
            self._wishes.append(Wish(number, kind, line, self._clock.boot_id(), now_s, who))
            self._write()

    def _write(self) -> None:
        replace_quickly(self._path, to_json(KeeperWord(tuple(self._wishes), bool(self._attention))))
