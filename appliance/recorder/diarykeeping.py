"""The thread that keeps the diary: a disk that hangs must neither stop the status nor make the recorder seem dead."""

import logging
import threading
from collections.abc import Sequence

from appliance.clock import Clock
from appliance.recorder.accounting import Accounting
from appliance.recorder.diary import Diary
from appliance.recorder.instant import read
from appliance.storage.gapnotes import Note

_LOG = logging.getLogger(__name__)

_LOOK_S = 0.2
_AFTER_FAILING_S = 5.0
_END_S = 5.0  # a disk that takes longer for a last line is not waited for: the next start claims two seconds more


class DiaryThread:
    """Brings what the lines account for to the diary, which is this thread's alone."""

    def __init__(self, diary: Diary, lines: Sequence[Accounting], clock: Clock) -> None:
        """Keep ``diary`` of ``lines``."""
        self._diary, self._lines, self._clock = diary, lines, clock
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="diary", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Write down that listening ends now, because it was asked to."""
        self._ending.set()
        self._thread.join(_END_S)
        if self._thread.is_alive():
            _LOG.error("the end of listening could not be written down")

    def _run(self) -> None:
        while not self._ending.wait(_LOOK_S):
            try:
                if self._diary.write(self._notes(), read(self._clock)):
                    for line in self._lines:
                        line.retell.set()
            except Exception:  # noqa: BLE001 - the top of the thread: what was not written is told by the next chapter
                _LOG.exception("the diary of what was recorded failed")
                self._ending.wait(_AFTER_FAILING_S)
        self._diary.end(self._notes(), read(self._clock))

    def _notes(self) -> list[Note]:
        return [note for line in self._lines for note in line.new_notes()]
