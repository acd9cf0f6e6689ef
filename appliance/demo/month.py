"""A month of calls on simulated lines, recorded by the very recorder that listens to real ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from appliance.audio import BLOCK, RATE, Frame
from appliance.capture.detector import Detector
from appliance.capture.simulator.profile import Profile
from appliance.capture.simulator.traffic import PlannedCall, practice_day
from appliance.capture.tones import plan_for
from appliance.clock import LONDON, FakeClock
from appliance.config import Config
from appliance.model.calls import EndCause
from appliance.recorder.handover import Handover
from appliance.recorder.instant import read
from appliance.recorder.line_recorder import LineRecorder
from appliance.storage.spool import read_seal_to

DAYS = 31
_CALLS_A_DAY, _TALK_S = 2.0, 25.0
"""Of one line: enough to look around in, and made in under a minute."""


@dataclass(frozen=True, slots=True)
class DueCall:
    """A call of the month: ``line`` counts from 1, ``starts`` is when the line wakes up for it."""

    line: int
    starts: datetime
    call: PlannedCall


def planned_month(until: datetime, lines: int, seed: int) -> list[DueCall]:
    """Return the calls of the ``DAYS`` days before ``until``, in order; a practice is closed at weekends."""
    days = (until.astimezone(LONDON).date() - timedelta(days=back) for back in range(DAYS, -1, -1))
    calls = (call for day in days if day.weekday() < 5 for call in _of_day(day, lines, seed))
    latest = until - timedelta(minutes=10)
    return sorted((call for call in calls if call.starts < latest), key=lambda call: call.starts)


def _of_day(day: date, lines: int, seed: int) -> Iterator[DueCall]:
    midnight = datetime.combine(day, time(), tzinfo=LONDON)
    for line in range(1, lines + 1):
        rng = np.random.default_rng((seed, day.toordinal(), line))
        for call in practice_day(rng, _CALLS_A_DAY, _TALK_S):
            yield DueCall(line, (midnight + timedelta(seconds=call.start_s)).astimezone(UTC), call)


class Lines:
    """The practice's lines through the month. ``perform`` a call: afterwards its recording lies in the spool."""

    def __init__(self, config: Config, clock: FakeClock) -> None:
        """Seal as the keeper of ``config`` says; ``clock`` moves with the calls."""
        self._clock = clock
        self._recorders = [
            _recorder(number, line.name, config.folders.spool, config.folders.intake)
            for number, line in enumerate(config.line, start=1)
        ]
        self._profiles = [Profile.random(np.random.default_rng(number)) for number in range(len(config.line))]
        self._positions = [0] * len(config.line)

    def perform(self, due: DueCall) -> None:
        """Let the call happen on its line."""
        self._clock.jump(max(due.starts, self._clock.now().at))
        index = due.line - 1
        audio = due.call.pair(self._profiles[index]).audio()
        for start in range(0, len(audio), BLOCK):
            samples = audio[start : start + BLOCK]
            self._clock.advance(len(samples) / RATE)
            self._recorders[index].feed(Frame(self._positions[index], samples), read(self._clock))
            self._positions[index] += len(samples)

    def stop(self) -> None:
        """Close what is open."""
        for recorder in self._recorders:
            recorder.stop(EndCause.STOPPED, read(self._clock))


def _recorder(number: int, name: str, spool: Path, intake: Path) -> LineRecorder:
    handover = Handover(spool, partial(read_seal_to, intake))
    return LineRecorder(number, name, Detector(plan_for("uk")), handover, complexity=0)


Progress = Callable[[int, int], None]
"""Told how many of how many calls have been made."""
