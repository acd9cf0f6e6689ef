"""How lines measure, shown: a row each with level, floor, hum, clipping and direct current, and what is wrong."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from appliance.capture.line import LineTap
from appliance.capture.wiring import CLIPPED, DC, HUM_DBFS, WORDS, LineHealth, Measure, faults
from appliance.errors import LineEnded, LinekeeperError
from appliance.model.status import LineStatus

RECENT = 10
"""Seconds that a live row is judged by: short, for somebody is turning a knob meanwhile."""

_REOPEN_READS = 20


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One line: its last measures, oldest first, and why it gives none, if it does not."""

    name: str
    measures: tuple[Measure, ...]
    trouble: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What is wrong and what to do, in sentences."""
        return (self.trouble,) if self.trouble else tuple(WORDS[fault] for fault in faults(self.measures))


class Ear:
    """Listens to one line, however often its tap is lost."""

    def __init__(self, name: str, open_tap: Callable[[], LineTap], recent: int = RECENT) -> None:
        """Open nothing yet; judge by the last ``recent`` seconds."""
        self.ended = False
        self._name, self._open_tap = name, open_tap
        self._health = LineHealth(recent)
        self._tap: LineTap | None = None
        self._trouble = ""
        self._pause = 0

    def listen(self, timeout_s: float) -> None:
        """Take what has come, waiting ``timeout_s`` for it."""
        if self.ended or self._pause > 0:
            self._pause -= 1
            return
        try:
            self._tap = self._tap or self._open_tap()
            while (frame := self._tap.read(timeout_s)) is not None:
                self._health.hear(frame)
                self._trouble = ""
        except LineEnded:
            self.ended = True
        except LinekeeperError as lost:
            self._trouble, self._pause = str(lost), _REOPEN_READS
            self.close()
            self._health = LineHealth(RECENT)

    def row(self) -> LevelRow:
        """Return how the line measures."""
        return LevelRow(self._name, self._health.recent, self._trouble)

    def close(self) -> None:
        """Let the line go."""
        if self._tap is not None:
            self._tap.close()
            self._tap = None


def row_of(line: LineStatus, before: Sequence[Measure]) -> LevelRow:
    """Return the row of a line that the recorder is listening to; ``before`` are its measures so far."""
    now = Measure(line.level_dbfs, line.floor_dbfs, line.hum_dbfs, line.clipped, line.dc)
    return LevelRow(line.name, (*before, now)[-RECENT:], line.fault)


def table(rows: Iterable[LevelRow]) -> RenderableType:
    """Draw the rows, and under them what is wrong, line by line."""
    drawn, wrong = Table(box=None, padding=(0, 2, 0, 0)), []
    for heading, side in (("Line", "left"), ("Level", "left"), ("Floor", "right"), ("Hum", "right")):
        drawn.add_column(heading, justify="right" if side == "right" else "left")
    for heading in ("Cut off", "DC"):
        drawn.add_column(heading, justify="right")
    for row in rows:
        drawn.add_row(row.name, *_cells(row))
        wrong += [Text(f"{row.name}: {words}", style="yellow") for words in row.words]
    return Group(drawn, *([Text()] if wrong else []), *wrong)


def plain(row: LevelRow) -> dict[str, Any]:
    """Return a row as plain values: the middle of its measures, and what is wrong."""
    return {"line": row.name, "seconds": len(row.measures), **_middle(row.measures), "wrong": list(row.words)}


def _middle(measures: Sequence[Measure]) -> dict[str, float]:
    if not measures:
        return {}
    each = [asdict(measure) for measure in measures]
    names = ("level_dbfs", "floor_dbfs", "hum_dbfs", "dc")
    return {name: round(median(one[name] for one in each), 4) for name in names} | {
        "loudest_dbfs": round(max(measure.level_dbfs for measure in measures), 1),
        "clipped": round(max(measure.clipped for measure in measures), 4),
    }


def _cells(row: LevelRow) -> tuple[str | Text, ...]:
    if not row.measures:
        return ("nothing heard", "", "", "", "")
    now = row.measures[-1]
    return (
        meter(now.level_dbfs),
        f"{now.floor_dbfs:.0f} dB",
        _marked(f"{now.hum_dbfs:.0f} dB", wrong=now.hum_dbfs > HUM_DBFS),
        _marked(f"{now.clipped:.1%}", wrong=now.clipped > CLIPPED),
        _marked(f"{round(now.dc, 3) + 0.0:+.1%}", wrong=abs(now.dc) > DC),
    )


def meter(level_dbfs: float) -> str:
    """Draw a level from -80 to 0 dBFS as twenty blocks."""
    blocks = min(20, max(0, round((level_dbfs + 80) / 4)))
    return "▮" * blocks + "▯" * (20 - blocks) + f" {level_dbfs:4.0f} dB"


def _marked(words: str, *, wrong: bool) -> Text:
    return Text(f"{words} !" if wrong else words, style="yellow" if wrong else "")
