"""The two soaks: a storm of faults, and hours of plain work."""

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from soak.faults import Storm
from soak.judging import ended, judge
from soak.soakbox import Box, tape
from waiting import eventually

_START_S = 90.0
_CALM_S = 4.0


@dataclass
class Soaked:
    """What came of it. ``before`` and ``after`` are what the recorder took; ``rss`` is its memory over time."""

    verdicts: list
    before: object
    after: object
    done: dict
    lasted_s: float
    stop_s: float
    rss: list

    @property
    def leaks(self):
        """What grew, in words; empty where nothing did."""
        grown = []
        for what, most in (("descriptors", 2), ("threads", 2), ("children", 0), ("zombies", 0), ("rss_mb", 12.0)):
            more = getattr(self.after, what) - getattr(self.before, what)
            if more > most:
                grown.append(f"{what}: {more:.1f} more")
        return grown

    @property
    def cpu_s_per_line_hour(self):
        return (self.after.cpu_s - self.before.cpu_s) / len(self.verdicts) / self.lasted_s * 3600


def storm(folder, lines, count, seed=1, zeros_s=12.0, say=print):
    """Do ``count`` faults to ``lines`` cards while a call is recorded on each, and judge what was recorded."""
    length_s = count / lines * 8.5 + 40.0 + _START_S
    mute = [(20.0 + 3 * line, 20.0 + 3 * line + zeros_s) if zeros_s else (0.0, 0.0) for line in range(lines)]
    box = Box(folder, [tape(seed * 100 + line, length_s, [mute[line]]) for line in range(lines)]).start()
    try:
        eventually(box.recording, "every line is recorded", _START_S)
        first, rest = Storm(box, count // 5, seed), Storm(box, count - count // 5, seed + 1)
        started = time.monotonic()
        first.rage()
        before = box.measured()  # what is kept of each line for a while has filled by now
        rest.rage()
        done = dict(first.done + rest.done)
        say(f"{count} faults done: {done}")
        eventually(box.recording, "every line is recorded again", _START_S)
        time.sleep(_CALM_S)
        return _judged(box, before, started, done, [])
    finally:
        box.kill()


def paced(folder, lines, minutes, seed=2, hogs=0, say=print):
    """Record calls on ``lines`` cards at once for ``minutes``, beside ``hogs`` processes that never rest."""
    length_s = minutes * 60.0 + 60.0 + _START_S
    box = Box(folder, [tape(seed * 100 + line, length_s) for line in range(lines)]).start()
    try:
        eventually(box.recording, "every line is recorded", _START_S)
        box.favour()
        with _hogs(hogs):
            time.sleep(min(60.0, minutes * 20.0))  # what is kept of each line for a while has filled
            before, started, rss = box.measured(), time.monotonic(), []
            while (passed_s := time.monotonic() - started) < minutes * 60.0:
                rss.append(round(box.measured().rss_mb, 1))
                say(f"{passed_s:5.0f} s  {box.measured()}")
                time.sleep(min(30.0, minutes * 10.0))
            return _judged(box, before, started, {}, rss)
    finally:
        box.kill()


def _judged(box, before, started, done, rss):
    after, lasted_s, at = box.measured(), time.monotonic() - started, datetime.now(UTC)
    until_s = [ended(box, line, at) - 1.5 for line in range(len(box.cards))]
    stop_s = box.stop()
    verdicts = judge(box, min(until_s))
    return Soaked(verdicts, before, after, done, lasted_s, stop_s, rss)


@contextmanager
def _hogs(count):
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()
