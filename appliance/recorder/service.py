"""The recorder as a process: a thread for each line, the lamps, and the word it gives of itself."""

import gc
import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.capture.detector import Detector, LineMemory
from appliance.capture.tones import plan_for
from appliance.clock import Clock, ClockQuality
from appliance.config import Announce, Config, LineConfig
from appliance.errors import ConfigWrong
from appliance.files import REAL_DISK, Disk
from appliance.model.calls import CallId
from appliance.recorder.accounting import Accounting
from appliance.recorder.announcing import Announcer
from appliance.recorder.bulletin import Bulletin
from appliance.recorder.continuity import Continuity
from appliance.recorder.controls import Controls
from appliance.recorder.diary import Diary
from appliance.recorder.diarykeeping import DiaryThread
from appliance.recorder.handover import Handover
from appliance.recorder.instant import read
from appliance.recorder.line_recorder import LineRecorder
from appliance.recorder.listening import Listening
from appliance.recorder.masking import KeyMask, Unmasked
from appliance.recorder.memory import Remembered, recall
from appliance.recorder.senses import senses
from appliance.recorder.status import STUCK_S, LineWords, StatusBook
from appliance.recorder.taps import Taps
from appliance.recorder.withholding import WithheldMask, Withholding
from appliance.recorder.worker import LineNow, LineWorker, NewRecorder
from appliance.service import Stopping, tell_systemd
from appliance.storage.spool import read_seal_to

if TYPE_CHECKING:
    from appliance.capture.lamps import LampThread

_LOG = logging.getLogger(__name__)

_LOOK_S = 0.1
_ALIVE_S = 1.0  # between two signs of life to systemd, whose patience is thirty times as long
_STOP_S = 15.0  # a disk that takes longer to end a recording than this is not waited for


class RecorderService:
    """Records every configured line until asked to stop."""

    def __init__(self, config: Config, clock: Clock, taps: Taps, disk: Disk = REAL_DISK) -> None:
        """Make ready what needs no device; ``taps`` are those of ``config``, and closed at the end.

        Raises:
            ConfigWrong: there are no lines, or one is in a country with no tone plan.
        """
        if not config.line:
            raise ConfigWrong("There is no line to record. Add a [[line]] to the configuration.")
        self._config, self._clock = config, clock
        self._taps, self._disk, self._told_s = taps, disk, float("-inf")
        for folder in (config.folders.spool, config.folders.live):
            _make(folder)
        names = [line.name for line in config.line]
        diary = Diary(config.folders.spool, config.folders.live, names, read(clock), disk)
        remembered = recall(config.folders.live, clock)
        self._workers = [self._worker(number, line, remembered) for number, line in enumerate(config.line, start=1)]
        self._diary = DiaryThread(diary, [worker.accounting for worker in self._workers], clock)
        words = [LineWords(number, line.name) for number, line in enumerate(config.line, start=1)]
        self._book = StatusBook(words, clock.now().at, clock.monotonic())
        self._bulletin = Bulletin(config.folders.live, words, self._book, clock)
        self._controls = Controls(config, clock, [worker.withholding.ask for worker in self._workers])
        self._lamps = self._fitted_lamps()

    def run(self, stopping: Stopping) -> None:
        """Record until ``stopping``; a call in progress then is closed properly."""
        for worker in self._workers:
            worker.start()
        self._diary.start()
        if self._lamps is not None:
            self._lamps.start()
        gc.collect()
        gc.freeze()  # what is there now stays: a collection need not go through it while lines wait
        tell_systemd("READY=1")
        try:
            while not stopping.wait(_LOOK_S):
                self._look()
        finally:
            self._stop()
            if self._lamps is not None:
                self._lamps.stop()

    def _look(self) -> None:
        self._controls.look()
        self._book.buttons = self._controls.troubles()
        self._bulletin.issue(self._nows())
        now_s = self._clock.monotonic()
        if now_s - self._told_s >= _ALIVE_S and all(now_s - now.alive_s < STUCK_S for now in self._nows()):
            self._told_s = now_s
            tell_systemd("WATCHDOG=1")

    def _stop(self) -> None:
        tell_systemd("STOPPING=1")
        self._bulletin.remember(self._nows())  # with the calls still open: a restart may find them going on
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            if not worker.join(_STOP_S):
                _LOG.error("a line's thread did not end; what it has sealed stays")
        self._diary.stop()
        self._taps.close()
        self._controls.close()

    def _nows(self) -> list[LineNow]:
        return [worker.now for worker in self._workers]

    def _worker(self, number: int, line: LineConfig, remembered: Remembered) -> LineWorker:
        continuity = Continuity(self._taps.pace(line))
        withholding = Withholding(self._config.recorder.pause_s)
        remembered.withhold(line.name, withholding, self._clock)
        announcer = self._announcer(line)
        return LineWorker(
            line.name,
            Listening(partial(self._taps.open, number, line), continuity, self._clock),
            continuity,
            self._new_recorder(number, line, remembered, withholding, announcer),
            senses(line, self._clock),
            self._clock,
            remembered.going_on(line.name, self._clock),
            Accounting(number, read(self._clock), withholding.why),
            remembered.proved(line.name),
            withholding,
            announcer,
        )

    def _new_recorder(
        self,
        number: int,
        line: LineConfig,
        remembered: Remembered,
        withholding: Withholding,
        announcer: Announcer | None,
    ) -> NewRecorder:
        own = self._config.recorder.tone_plans
        plan = plan_for(line.country, Path(own) if own else None)
        handover = Handover(self._config.folders.spool, partial(read_seal_to, self._config.folders.intake), self._disk)
        complexity = self._config.recorder.complexity
        played = announcer.marks if announcer else tuple

        def new(continues: CallId | None, memory: LineMemory | None) -> LineRecorder:
            known = memory or remembered.memory(line.name)
            detector = Detector(plan, known, in_call=continues is not None)
            mask = WithheldMask(KeyMask() if line.mask_keyed_digits else Unmasked(), withholding, played)
            return LineRecorder(number, line.name, detector, handover, complexity, continues, mask)

        return new

    def _announcer(self, line: LineConfig) -> Announcer | None:
        """Return what tells the line's callers; None where the line is not wired for it, and nothing is loaded."""
        if line.announce is Announce.NEVER and not line.beep_every_s:
            return None
        from appliance.recorder.announcers import announcer  # noqa: PLC0415

        return announcer(line, self._clock)

    def _fitted_lamps(self) -> "LampThread | None":
        """Return the lamps' thread; None where no lamp is configured, and the pins' library is not even loaded."""
        lines, box = [line.lamp for line in self._config.line], self._config.recorder.status_lamp
        if box is None and not any(lines):
            return None
        from appliance.capture.lamps import Lamps, LampThread, Shown  # noqa: PLC0415

        def shown() -> Shown:
            states = self._book.states(self._nows(), self._clock.monotonic())
            unsure = self._clock.now().quality is ClockQuality.UNSURE
            attention = unsure or self._bulletin.attention or self._controls.attention
            return Shown(states, attention, self._controls.test_s())

        return LampThread(Lamps(lines, box), shown, self._clock.monotonic)


def _make(folder: Path) -> None:
    """Make a folder if it is missing. That it cannot be made is not the end: calls are heard, and the lamps say so."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    except OSError as wrong:
        _LOG.error("the folder %s cannot be made: %s", folder, wrong.strerror)
