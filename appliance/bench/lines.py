"""What a recorder costs as its lines grow in number; also the program that measures it, in a process of its own.

Every line is heard through the recorder's own chain, from the tap to the sealed file, its thread's turns taken one
after another; all in a call, which is the most they can cost, or all at rest.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from appliance.audio import BLOCK, RATE, Frame, Samples
from appliance.bench import Progress
from appliance.bench.capture import UnsyncedDisk
from appliance.bench.material import idle, talking
from appliance.bench.processes import bare_python_mb, resident_mb
from appliance.bench.row import Growth, Row
from appliance.bench.stopwatch import own_cpu_s
from appliance.capture.detector import Detector, LineMemory
from appliance.capture.tones import plan_for
from appliance.clock import FakeClock
from appliance.model.calls import CallId
from appliance.recorder.continuity import Continuity
from appliance.recorder.handover import Handover
from appliance.recorder.line_recorder import LineRecorder
from appliance.recorder.listening import Listening
from appliance.recorder.senses import Senses
from appliance.recorder.worker import LineWorker
from appliance.storage.sealing import PUBLIC, SealTo

COUNTS = (1, 2, 4, 8, 16, 32)
QUICK_COUNTS = (1, 2)

BODY_S, ROUNDS = 20.0, 2
QUICK_BODY_S, QUICK_ROUNDS = 4.0, 1

_CALL, _REST = "in a call", "at rest"
_COMPLEXITY = 5


@dataclass(frozen=True, slots=True)
class Taken:
    """What ``lines`` lines took: per cent of one core while they are heard in real time, and resident megabytes."""

    per_cent: float
    memory_mb: float


class Tape:
    """A tap that plays samples as fast as it is read."""

    simulated = True

    def __init__(self, samples: Samples) -> None:
        """Play ``samples`` from their beginning."""
        self._samples, self._position = samples, 0

    def read(self, timeout_s: float) -> Frame | None:  # noqa: ARG002 - it never waits
        """Return the next block, a shorter one at the end; None after it."""
        samples = self._samples[self._position : self._position + BLOCK]
        if not len(samples):
            return None
        frame = Frame(self._position, samples)
        self._position = frame.end
        return frame

    def close(self) -> None:
        """Do nothing: there is nothing to let go."""


def measure(quick: bool, progress: Progress) -> list[Row]:
    """Return cost and memory at each number of lines, beside so many times what one line takes."""
    rows: list[Row] = []
    python_mb = bare_python_mb()
    for kind in (_CALL, _REST):
        one = _least(1, kind, quick)
        for count in QUICK_COUNTS if quick else COUNTS:
            progress(f"lines: {count} {kind}")
            taken = one if count == 1 else _least(count, kind, quick)
            floor = count * one.per_cent
            rows.append(
                _row(f"cost, all lines {kind}", count, taken.per_cent, "% of a core", "as many times one", floor)
            )
            if kind == _CALL:
                rows.append(_row("memory, all lines in a call", count, taken.memory_mb, "MB", "bare Python", python_mb))
    return rows


def _row(name: str, count: int, ours: float, unit: str, peer_name: str, peer: float) -> Row:
    lines = "1 line" if count == 1 else f"{count} lines"
    return Row(f"{name}: {lines}", ours, unit, peer_name, peer, growth=Growth(name, count))


def _least(count: int, kind: str, quick: bool) -> Taken:
    """Measure ``count`` lines in processes of their own, and keep the least of the rounds."""
    body_s, rounds = (QUICK_BODY_S, QUICK_ROUNDS) if quick else (BODY_S, ROUNDS)
    command = [sys.executable, "-m", "appliance.bench.lines", str(count), kind, str(body_s)]
    said = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(rounds)]
    taken = [Taken(**json.loads(one)) for one in said]
    return Taken(min(one.per_cent for one in taken), min(one.memory_mb for one in taken))


def main(count: int, kind: str, body_s: float) -> None:
    """Hear ``count`` lines, and print what it took as JSON."""
    material = talking(body_s) if kind == _CALL else idle(body_s)
    with tempfile.TemporaryDirectory(prefix="linekeeper-bench-") as folder:
        clock, nobody = FakeClock(), SealTo(os.urandom(PUBLIC))
        heard = np.concatenate((material.lead, material.body))
        workers = [_worker(number, heard, Handover(Path(folder), lambda: nobody, UnsyncedDisk()), clock)
                   for number in range(1, count + 1)]  # fmt: skip
        _hear(workers, clock, len(material.lead))
        cpu_s = own_cpu_s(partial(_hear, workers, clock, len(material.body)))
        print(json.dumps({"per_cent": cpu_s / material.body_s * 100, "memory_mb": resident_mb(os.getpid())}))


def _worker(number: int, heard: Samples, handover: Handover, clock: FakeClock) -> LineWorker:
    name, continuity = f"Line {number}", Continuity()

    def new_recorder(continues: CallId | None, memory: LineMemory | None) -> LineRecorder:
        return LineRecorder(number, name, Detector(plan_for("uk"), memory), handover, _COMPLEXITY, continues)

    listening = Listening(lambda: Tape(heard), continuity, clock)
    return LineWorker(name, listening, continuity, new_recorder, Senses(), clock)


def _hear(workers: list[LineWorker], clock: FakeClock, samples: int) -> None:
    """Let all lines hear so many samples, turn by turn."""
    for _ in range(samples // BLOCK):
        clock.advance(BLOCK / RATE)
        for worker in workers:
            worker.turn()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
