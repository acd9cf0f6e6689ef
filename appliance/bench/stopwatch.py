"""Processor time of what is done here and of programs that are called, in seconds per hour of line audio."""

import os
import resource
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Contender:
    """Something to be measured: ``run`` does the whole work once and returns the processor seconds it took."""

    name: str
    run: Callable[[], float]


def own_cpu_s(work: Callable[[], object]) -> float:
    """Return the processor seconds that ``work`` takes in this process, all its threads."""
    before = time.process_time()
    work()
    return time.process_time() - before


def program_cpu_s(command: Sequence[str], data: bytes = b"", environment: Mapping[str, str] | None = None) -> float:
    """Return the processor seconds, user and system, of a program that is given ``data`` and waited for.

    ``environment`` is what it has beside this process's own.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=data, capture_output=True, check=True, env={**os.environ, **(environment or {})})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def taken_in_turn(contenders: Sequence[Contender], rounds: int, audio_s: float) -> dict[str, float]:
    """Return each contender's least of ``rounds``, as processor seconds per hour of audio.

    They take turns, so that what else the machine does disturbs all alike; and as a disturbance only ever adds to
    what the work itself costs, the least is nearest to that.
    """
    taken: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            taken[contender.name].append(contender.run() * HOUR_S / audio_s)
    return {name: min(figures) for name, figures in taken.items()}
