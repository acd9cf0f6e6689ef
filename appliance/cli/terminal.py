"""What ``linekeeper run`` shows in the terminal: each line's state as it changes, in the words of lamp and page."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from appliance.clock import LONDON
from appliance.codec import read_json
from appliance.errors import SealBroken
from appliance.model.status import STATE_WORDS, LineState, LineStatus, RecorderStatus

WORDS = {**STATE_WORDS, LineState.RECORDING: f"● {STATE_WORDS[LineState.RECORDING]}"}
"""The words of the lamp's card."""

_STYLES = {
    LineState.IDLE: "green",
    LineState.RINGING: "bold green",
    LineState.RECORDING: "bold red",
    LineState.PAUSED: "yellow",
    LineState.OBJECTED: "yellow",
    LineState.FAULT: "bold yellow",
    LineState.OFF: "yellow",
}

STALE = timedelta(seconds=3)
"""A status older than this is no longer true."""


class Terminal:
    """Shows the lines: a table that lives on a real terminal, a line for each change anywhere else."""

    def __init__(
        self, recorder_status: Path, console: Console, below: Callable[[], RenderableType] | None = None
    ) -> None:
        """Read the recorder's word at ``recorder_status``; ``below`` makes what stands under the table."""
        self._path, self._below = recorder_status, below
        self._console = console
        self._live = Live(console=self._console, refresh_per_second=5, transient=True)
        self._said: dict[int, LineState] = {}
        self._recording_is_on = False

    def __enter__(self) -> "Terminal":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def say(self, words: str) -> None:
        """Print a line of words above the table."""
        self._console.print(words, markup=False, soft_wrap=True)

    def tick(self) -> None:
        """Look at the lines; show what has changed."""
        status = current(self._path, datetime.now(UTC))
        lines = status.lines if status else ()
        for line in lines:
            self._say_change(line)
        if not self._recording_is_on and lines and all(_listens(line) for line in lines):
            self._recording_is_on = True
            self.say("Recording is on.")
        if self._console.is_terminal:
            self._live.update(Group(_table(lines), "", self._below()) if self._below else _table(lines))

    def _say_change(self, line: LineStatus) -> None:
        if self._said.get(line.line) == line.state:
            return
        self._said[line.line] = line.state
        when = line.since.astimezone(LONDON)
        self.say(f"{when:%H:%M:%S}  {line.name}: {WORDS[line.state]}{f' ({line.fault})' if line.fault else ''}")


def current(path: Path, now: datetime) -> RecorderStatus | None:
    """Return the recorder's status at ``path``; None when there is none or it is too old to be true."""
    try:
        status = read_json(path, RecorderStatus)
    except SealBroken:
        return None
    return status if status and now - status.at < STALE else None


def _listens(line: LineStatus) -> bool:
    return line.state not in (LineState.STARTING, LineState.FAULT)


def _table(lines: Iterable[LineStatus]) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0))
    for heading in ("Line", "State", "For", "Level"):
        table.add_column(heading, style="dim" if heading in ("For", "Level") else "")
    now = datetime.now(UTC)
    for line in lines:
        state = Text(WORDS[line.state], style=_STYLES.get(line.state, "dim"))
        for_s = max(0, int((now - line.since).total_seconds()))
        table.add_row(line.name, state, f"{for_s // 60}:{for_s % 60:02}", _meter(line.level_dbfs))
    return table


def _meter(level_dbfs: float) -> str:
    """Draw a level from -60 to 0 dBFS as ten blocks."""
    blocks = min(10, max(0, round((level_dbfs + 60) / 6)))
    return "▮" * blocks + "▯" * (10 - blocks) + f" {level_dbfs:4.0f} dB"
