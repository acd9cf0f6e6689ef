"""From how the lines' threads stand to the words of lamp, page and terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from appliance.capture.wiring import WORDS
from appliance.clock import LONDON
from appliance.events import Phase, Sensor
from appliance.model.gaps import GapCause
from appliance.model.status import Alarm, LineState, LineStatus, RecorderStatus
from appliance.recorder.controls import ButtonTrouble
from appliance.recorder.withholding import REMIND_S
from appliance.recorder.worker import LineNow

UNHEARD_S = 2.0
"""A line that has given nothing for this long is at fault; the watch on its card notices after one second."""

UNSEALED_S = 3.0
"""A call whose bytes have not become durable for this long is not being recorded, whatever else works."""

OFF_HOOK_S = 2 * 3600.0
"""A call this long is a receiver left off, most likely: while it lies there nobody gets through."""

STUCK_S = 10.0
"""A line's thread that has not come round for this long hangs: on the disk, most likely."""

_WITHHELD = {GapCause.PAUSED: LineState.PAUSED, GapCause.OBJECTED: LineState.OBJECTED}

_STARTING_S = 5.0  # a card's process on the slowest Pi needs as long to give its first block


def line_state(now: LineNow, started_s: float, now_s: float) -> tuple[LineState, str]:
    """Return a line's state, and for a fault why; times are of the monotonic clock."""
    if now.over:
        return LineState.OFF, now.fault
    if now_s - now.alive_s > UNHEARD_S:
        return LineState.FAULT, "The line's recorder does not come round: the disk may be hanging."
    heard_s = now.heard_s
    if heard_s is None and not now.fault and now_s - started_s < _STARTING_S:
        return LineState.STARTING, ""
    if now.fault or heard_s is None or now_s - heard_s > UNHEARD_S:
        return LineState.FAULT, now.fault or "The line gives no sound."
    return _heard_state(now, now_s)


def _heard_state(now: LineNow, now_s: float) -> tuple[LineState, str]:
    """Return the state of a line that is heard."""
    view = now.view
    if view.trouble:
        return LineState.FAULT, view.trouble
    if view.call_id is not None:
        if view.sealed_at is None or now_s - view.sealed_at.boottime_s > UNSEALED_S:
            return LineState.FAULT, "The recording does not reach the disk."
        return _WITHHELD[now.withheld.why.cause] if now.withheld else LineState.RECORDING, ""
    ringing = view.phase is Phase.RINGING or now.ring_sensed
    return (LineState.RINGING if ringing else LineState.IDLE), ""


@dataclass(frozen=True, slots=True)
class LineWords:
    """What is told of a line besides how it stands: its number (from 1) and name."""

    line: int
    name: str


class StatusBook:
    """Keeps since when each line has been as it is, and each alarm has stood."""

    def __init__(self, lines: Sequence[LineWords], at: datetime, started_s: float) -> None:
        """Begin with every line starting, at ``at``; ``started_s`` is the same by the monotonic clock."""
        self._lines, self._started_at, self._started_s = lines, at, started_s
        self._since = {words.line: (LineState.STARTING, at) for words in lines}
        self._alarms: dict[tuple[str, int | None], Alarm] = {}
        self._lifted_s: dict[int, float] = {}
        self.buttons: Sequence[ButtonTrouble] = ()
        """What is wrong with buttons now."""

    def states(self, nows: Sequence[LineNow], now_s: float) -> tuple[LineState, ...]:
        """Return each line's state alone: what the lamps ask, from their own thread."""
        return tuple(line_state(now, self._started_s, now_s)[0] for now in nows)

    def status(self, nows: Sequence[LineNow], at: datetime, now_s: float) -> RecorderStatus:
        """Return the recorder's word."""
        lines = tuple(self._line(words, now, at, now_s) for words, now in zip(self._lines, nows, strict=True))
        alarms = [alarm for line, now in zip(lines, nows, strict=True) for alarm in _alarms(line, now, at)]
        alarms += [Alarm("stuck", _stuck(line, hours), at, line.line) for line, hours in self._off_hook(lines, now_s)]
        alarms += [Alarm("paused", _paused(line), at, line.line) for line in self._long_paused(lines, nows, now_s)]
        alarms += [Alarm(f"button-{one.kind}", one.text, at, one.line or None) for one in self.buttons]
        # An alarm that stood before keeps its beginning; its words may change.
        self._alarms = {
            (alarm.key, alarm.line): replace(alarm, since=self._alarms.get((alarm.key, alarm.line), alarm).since)
            for alarm in alarms
        }
        return RecorderStatus(at, self._started_at, lines, tuple(self._alarms.values()))

    def _off_hook(self, lines: Sequence[LineStatus], now_s: float) -> Iterator[tuple[LineStatus, int]]:
        """Yield the lines whose receiver has been up for too long, and for how many hours."""
        busy = {line.line: line for line in lines if line.call_id is not None}
        self._lifted_s = {number: self._lifted_s.get(number, now_s) for number in busy}
        for number, since_s in self._lifted_s.items():
            if now_s - since_s >= OFF_HOOK_S:
                yield busy[number], int((now_s - since_s) // 3600)

    def _long_paused(self, lines: Sequence[LineStatus], nows: Sequence[LineNow], now_s: float) -> Iterator[LineStatus]:
        for line, now in zip(lines, nows, strict=True):
            if line.state is LineState.PAUSED and now.withheld and now_s - now.withheld.since_s > REMIND_S:
                yield line

    def _line(self, words: LineWords, now: LineNow, at: datetime, now_s: float) -> LineStatus:
        state, why = line_state(now, self._started_s, now_s)
        if self._since[words.line][0] is not state:
            self._since[words.line] = (state, at)
        return LineStatus(
            line=words.line,
            name=words.name,
            state=state,
            since=self._since[words.line][1],
            level_dbfs=round(now.view.level_dbfs, 1),
            call_id=now.view.call_id,
            sealed_at=now.view.sealed_at.moment.at if now.view.sealed_at else None,
            fault=why,
            simulated=now.simulated,
            floor_dbfs=round(now.measure.floor_dbfs, 1),
            hum_dbfs=round(now.measure.hum_dbfs, 1),
            clipped=round(now.measure.clipped, 4),
            dc=round(now.measure.dc, 4),
            proved=now.proved,
            skew_ppm=now.skew_ppm,
            until=_until(now, at, now_s),
            by=now.withheld.why.detail if now.withheld else "",
            announced_at=now.announced.last_at if now.announced else None,
        )


def _until(now: LineNow, at: datetime, now_s: float) -> datetime | None:
    """Return when a pause ends by itself, by the wall clock."""
    until_s = now.withheld.until_s if now.withheld else None
    return None if until_s is None else (at + timedelta(seconds=until_s - now_s)).replace(microsecond=0)


def _paused(line: LineStatus) -> str:
    until = f" It goes on by itself at {line.until.astimezone(LONDON):%H:%M}." if line.until else ""
    return f"{line.name}: recording has been paused for over a minute.{until} Press the button to go on now."


def _stuck(line: LineStatus, hours: int) -> str:
    return (
        f"{line.name} has been in one call for over {hours} hours: a receiver may be off, and nobody gets through. "
        "Look at its telephones. The recording goes on."
    )


_DOUBTED = {
    Sensor.HOOK: "its hook sensor and its sound contradict each other, so calls are found by sound. Look whether the "
    "sensor is connected, and whether it is the right way round (hook_active_low).",
    Sensor.RING: "ringing is heard that its ring sensor does not feel. Look whether the sensor is connected.",
}


def _alarms(line: LineStatus, now: LineNow, at: datetime) -> list[Alarm]:
    alarms = []
    if now.view.trouble:
        alarms.append(Alarm("sealing", now.view.trouble, at))  # of the box: every line has the same disk and key
    elif line.state is LineState.FAULT:
        alarms.append(Alarm("line", f"{line.name} is not being recorded. {line.fault}", at, line.line))
    if now.view.lost_calls:
        words = f"{line.name}: {now.view.lost_calls} call(s) could not be kept, because nothing could be written."
        alarms.append(Alarm("lost", words, at, line.line))
    alarms += [
        Alarm(f"sensor-{sensor}", f"{line.name}: {_DOUBTED[sensor]}", at, line.line)
        for sensor in sorted(now.view.doubted)
    ]
    if now.announced and now.announced.trouble:
        words = f"{line.name}: callers are not told that they are recorded. {now.announced.trouble}"
        alarms.append(Alarm("announcement", words, at, line.line))
    if line.state is not LineState.FAULT:
        alarms += [Alarm(f"wiring-{fault}", f"{line.name}: {WORDS[fault]}", at, line.line) for fault in now.wiring]
    return alarms
