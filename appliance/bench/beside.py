"""A recorder at work beside a box: each of its lines on a sound card that waits for nobody, and what of them it lost.

The cards keep the pace of the clock and have the buffer of real ones: what the recorder does not fetch in time is gone,
and stands in its gap ledger.
"""

import os
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from appliance.audio import positions
from appliance.bench.browsing import PageWrong
from appliance.bench.material import as_card, talking
from appliance.bench.processes import end, until
from appliance.bench.soundcards import SoundCards, build
from appliance.codec import read_json
from appliance.config import Config, LineConfig, Tap
from appliance.model.status import LineState, RecorderStatus
from appliance.storage.gaps import Ledger
from appliance.storage.gapstore import GapStore

LINES = 4
_NICE = -10
"""As its unit has it on the box."""

_CARD_RATE = 16_000
_PIECE_S, _SKIPPED_S = 60.0, 15.0
"""How much is said before it is said again, and how much of the quiet before the call is left out."""

_READY_S = 120.0
_LATE = timedelta(seconds=3)
"""A recorder that is alive says so every two seconds."""


def fitted_cards(folder: Path, tape_s: float) -> SoundCards | None:
    """Fit cards on which people talk for ``tape_s`` seconds; None without a compiler and ALSA's headers."""
    folder.mkdir(parents=True)
    try:
        library = build(folder)
    except (OSError, subprocess.CalledProcessError):
        return None
    cards, sound = SoundCards(library, folder), _tape(tape_s)
    for number in range(1, LINES + 1):
        cards.fit(f"card{number}", sound, _CARD_RATE)
    return cards


def lines_on(cards: SoundCards | None) -> tuple[LineConfig, ...]:
    """Return the settings of a line on each card; of simulated ones, which no recorder is started on, without cards."""
    if cards is None:
        return tuple(LineConfig(name=f"Line {number}", tap=Tap.SIMULATED) for number in range(1, LINES + 1))
    return tuple(LineConfig(name=f"Line {number}", card=card) for number, card in enumerate(cards.names, start=1))


class RecorderBeside:
    """A context manager: the recorder records a call on every line while its block lasts."""

    def __init__(self, config: Config, settings: Path, cards: SoundCards) -> None:
        """Record the lines of ``config``, which the file ``settings`` holds too."""
        self._folders, self._settings, self._cards = config.folders, settings, cards
        self._since = self._until = datetime.now(UTC)

    def __enter__(self) -> Self:
        """Start it, and wait until every line is recorded."""
        command = [sys.executable, "-m", "appliance", "recorder", "--config", str(self._settings)]
        environment = os.environ | {"ALSA_CONFIG_PATH": str(self._cards.config)}
        with (self._settings.parent / "recorder.log").open("ab") as words:
            self._process = subprocess.Popen(command, stdout=words, stderr=words, env=environment)
        with suppress(PermissionError):  # who is not root measures it among all the others
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICE)
        until(self._recording, _READY_S, "every line is recorded")
        self._since = datetime.now(UTC)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _it: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End it."""
        self._until = datetime.now(UTC)
        end(self._process)

    @property
    def lasted_s(self) -> float:
        """How long the block lasted."""
        return (self._until - self._since).total_seconds()

    def lost_ms(self) -> float:
        """Return how much the lines lost meanwhile, by the recorder's ledger, all lines together.

        Raises:
            PageWrong: the ledger does not cover that time.
        """
        chapters = [one.chapter for one in GapStore(self._folders.spool, self._folders.vault).chapters()]
        accounts = Ledger(chapters).accounts()
        if len(accounts) < LINES or any(
            account.first > self._since or account.last < self._until - _LATE for account in accounts
        ):
            raise PageWrong("The recorder did not listen all the time.")
        return sum(self._within(gap.start, gap.end) for account in accounts for gap in account.gaps)

    def _within(self, start: datetime, end_: datetime) -> float:
        return max(0.0, (min(end_, self._until) - max(start, self._since)) / timedelta(milliseconds=1))

    def _recording(self) -> bool:
        status = read_json(self._folders.live / "recorder.json", RecorderStatus)
        lines = status.lines if status and status.started_at > self._since else ()
        return len(lines) == LINES and all(line.state is LineState.RECORDING for line in lines)


def _tape(tape_s: float) -> NDArray[np.int16]:
    """Return a line on which somebody calls, and is then talked to until the end."""
    call = talking(_PIECE_S)
    said = np.concatenate([call.lead[positions(_SKIPPED_S) :], np.tile(call.body, round(tape_s / _PIECE_S) or 1)])
    return as_card(said, _CARD_RATE)
