"""The project's own corpus: lines of every sort with calls of every kind, and what really happened on them.

Drawn from a seed, so it is never stored; ``script/make-corpus`` writes it as sound files for ``linekeeper analyse``.
"""

import json
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from appliance.audio import RATE, Samples
from appliance.capture.simulator.calls import CallKind, Step, steps
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import ODDITIES, Profile
from appliance.capture.simulator.traffic import USUAL, draw_kind
from appliance.capture.simulator.truth import Truth, hook_json, ring_json, truth_json

Edges = dict[str, list[list[float | None]]]
"""What a sensor tells, file by file: seconds, then 1 or 0."""

_RARE: dict[CallKind, float] = {
    CallKind.VERY_SHORT: 5,
    CallKind.LONG_SILENCE: 3,
    CallKind.LONG_HOLD: 1,
    CallKind.FAX: 2,
    CallKind.MODEM: 2,
    CallKind.LEFT_OFF: 2,
    CallKind.GLITCHES: 3,
    CallKind.WAITING_TOLD: 3,
    CallKind.LIFTED_TOO_LATE: 3,
}
_OFTENER: dict[CallKind, float] = {CallKind.MISSED: 12, CallKind.BUSY: 5, CallKind.NO_ANSWER: 6, CallKind.ABANDONED: 4}
_WEIGHTS = USUAL | _RARE | _OFTENER
_HOME = 0.55
"""The part of lines that are British; the others are spread over all countries."""

ABROAD = (
    *("us", "de", "fr", "it", "es", "nl", "be", "ch", "dk", "no"),
    *("se", "fi", "pl", "pt", "au", "nz", "in", "jp", "za"),
)
"""The countries of the lines that are not British. A list of its own and in an order of its own: the corpus, and every
figure measured on it, stays the same when the simulator learns of another country."""

_BACK_TO_BACK = 0.25
_DISTURBED = 0.3


@dataclass(frozen=True, slots=True)
class CorpusLine:
    """One line's recording: ``samples`` of 8 kHz, the ``truth``, what the line is like, and what is odd about it."""

    name: str
    samples: Samples
    truth: Truth
    profile: Profile
    flags: tuple[str, ...]

    def truth_json(self) -> dict[str, Any]:
        """The truth as plain values, times in seconds."""
        return truth_json(self.name, self.truth, self.profile.country, self.flags)


def corpus(seed: int = 1, calls: int = 320) -> Iterator[CorpusLine]:
    """Lines with at least ``calls`` calls between them: every kind, oddity and country; last, a call of an hour."""
    rng = np.random.default_rng(seed)
    kinds, oddities, countries = list(CallKind), list(ODDITIES), list(ABROAD)
    for order in (kinds, oddities, countries):
        rng.shuffle(order)
    made = number = abroad = 0
    while made < calls:
        at_home = rng.random() < _HOME
        country, abroad = ("uk", abroad) if at_home else (countries[abroad % len(countries)], abroad + 1)
        oddity = oddities[number // 2 % len(oddities)] if number % 2 else "clean"
        drawn = [kinds.pop() if kinds else draw_kind(rng, _WEIGHTS) for _ in range(int(rng.integers(3, 7)))]
        yield _line(number, rng, country, oddity, [partial(_call, kind, float(rng.uniform(8, 60))) for kind in drawn])
        made, number = made + len(drawn), number + 1
    yield _line(number, rng, "uk", "clean", [_an_hour])


def _call(kind: CallKind, talk_s: float, rng: np.random.Generator, country: str) -> Iterator[Step]:
    return steps(kind, rng, country, talk_s)


def _an_hour(rng: np.random.Generator, country: str) -> Iterator[Step]:
    return steps(CallKind.ANSWERED, rng, country, 3600.0)


def _line(number: int, rng: np.random.Generator, country: str, oddity: str, calls: list[Any]) -> CorpusLine:
    profile = Profile.random(rng, country).with_(**ODDITIES[oddity])
    pair = SimulatedPair(profile, int(rng.integers(2**31)))
    pair.idle(float(rng.uniform(3, 10)))
    for call in calls:
        for step in call(rng, country):
            step(pair)
        _gap(pair, rng)
    flags = () if oddity == "clean" else (oddity,)
    return CorpusLine(f"line{number:03}.wav", pair.audio(), pair.truth(), profile, flags)


def _gap(pair: SimulatedPair, rng: np.random.Generator) -> None:
    """Let the line rest between two calls: hardly at all, or longer, perhaps with a click from elsewhere."""
    if rng.random() < _BACK_TO_BACK:
        pair.idle(float(rng.uniform(1.5, 2.5)))
        return
    pair.idle(float(rng.uniform(3, 12)))
    if rng.random() < _DISTURBED:
        pair.impulse()
        pair.idle(float(rng.uniform(3, 8)))


def write_line(line: CorpusLine, folder: Path) -> None:
    """Write one line as a 16-bit sound file."""
    with wave.open(str(folder / line.name), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(line.samples * 32767).astype("<i2").tobytes())


def write_truth(truths: list[dict[str, Any]], hooks: Edges, rings: Edges, folder: Path) -> None:
    """Write what really happened beside the sound: ``truth.json``, and what sensors would tell of hook and ringing."""
    (folder / "truth.json").write_text(json.dumps(truths, indent=1), encoding="utf-8")
    (folder / "hook.json").write_text(json.dumps(hooks), encoding="utf-8")
    (folder / "ring.json").write_text(json.dumps(rings), encoding="utf-8")


def write_corpus(folder: Path, seed: int = 1, calls: int = 320) -> Iterator[CorpusLine]:
    """Write the whole corpus to ``folder``, line by line as it is asked for; the truth comes last."""
    truths: list[dict[str, Any]] = []
    hooks: Edges = {}
    rings: Edges = {}
    for line in corpus(seed, calls):
        write_line(line, folder)
        truths.append(line.truth_json())
        hooks[line.name], rings[line.name] = hook_json(line.truth), ring_json(line.truth)
        yield line
    write_truth(truths, hooks, rings, folder)
