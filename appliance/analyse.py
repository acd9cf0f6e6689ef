"""Calls in sound files: the same detector as on a live line, as fast as the file can be read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.audio import seconds
from appliance.capture.detector import Detector
from appliance.capture.tones import TonePlan
from appliance.capture.wavefile import WaveFile
from appliance.errors import LineEnded
from appliance.events import CallClosed, CallMissed, Event, LineSign
from appliance.model.calls import CallFacts, EndCause

Progress = Callable[[float, float], None]
"""Told how many of how many seconds of the file have been heard."""


@dataclass(frozen=True, slots=True)
class LineReport:
    """The calls found in one file, in the order of their beginning; ``duration_s`` is the file's.

    ``remarks`` say what was odd about the file, such as that it is cut short.
    """

    name: str
    duration_s: float
    calls: tuple[CallFacts, ...]
    remarks: tuple[str, ...] = ()


def calls_in(
    path: Path, plan: TonePlan, signs: Sequence[LineSign] = (), progress: Progress = lambda _heard_s, _of_s: None
) -> LineReport:
    """Run the detector over ``path`` and what sensors said; a call that the end of the file cuts off ends there.

    Raises:
        AudioUnreadable: the file is missing, is no sound file or is damaged.
    """
    calls: list[CallFacts] = []
    duration = 0
    line = WaveFile(path)
    for event, at in _events(line, plan, signs):
        duration = at
        if isinstance(event, CallClosed | CallMissed):
            calls.append(event.facts)
        elif event is None:
            progress(seconds(at), line.duration_s)
    found = tuple(sorted(calls, key=lambda facts: facts.start))
    return LineReport(path.name, seconds(duration), found, tuple(line.remarks))


def _events(line: WaveFile, plan: TonePlan, signs: Sequence[LineSign]) -> Iterator[tuple[Event | None, int]]:
    detector = Detector(plan)
    waiting = sorted(signs, key=lambda sign: sign.at)
    end = 0
    try:
        while True:
            frame = line.read(1.0)
            if frame is None:
                continue
            end = frame.end
            due = [sign for sign in waiting if sign.at < end]
            waiting = waiting[len(due) :]
            for event in detector.observe(frame, due):
                yield event, end
            yield None, end
    except LineEnded:
        for event in detector.finish(end, EndCause.LINE_LOST):
            yield event, end
    finally:
        line.close()
