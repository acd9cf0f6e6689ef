"""Spoken turns for two parties and music for those who wait, ready to be laid on a line.

The dialogues are ours: ``voices/script.toml`` has their sentences, ``script/make-voices`` spoke them.
"""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import av
import numpy as np

from appliance.audio import RATE, Samples, positions
from appliance.capture.simulator import waves

ANNOUNCEMENT = "announcement"
"""The dialogue which is no dialogue: that calls are recorded, and for how long."""

_TUNES, _BEATS = 4, 64
_SCALE = tuple(220.0 * 2 ** (step / 12) for step in (0, 2, 4, 5, 7, 9, 11))
_TOP_HZ = 3400.0


@dataclass(frozen=True, slots=True)
class Turn:
    """What one party says without a break: 8 kHz, RMS 1. ``near`` is the party on this line; ``text`` the words."""

    samples: Samples
    near: bool
    text: str


def _voices() -> Traversable:
    return resources.files("appliance.capture.simulator") / "voices"


@cache
def dialogues() -> tuple[str, ...]:
    """The names of all dialogues, without the announcement."""
    script = tomllib.loads((_voices() / "script.toml").read_text(encoding="utf-8"))
    return tuple(one["name"] for one in script["dialogue"] if one["name"] != ANNOUNCEMENT)


@cache
def turns(name: str) -> tuple[Turn, ...]:
    """The turns of one dialogue in order."""
    script = tomllib.loads((_voices() / "script.toml").read_text(encoding="utf-8"))
    [words] = [one["turns"] for one in script["dialogue"] if one["name"] == name]
    times = json.loads((_voices() / "turns.json").read_text(encoding="utf-8"))[name]
    sound = _decoded(name)
    return tuple(
        Turn(waves.at_level(sound[start:end], 0.0), "near" in turn, next(iter(turn.values())))
        for turn, (start, end) in zip(words, times, strict=True)
    )


def _decoded(name: str) -> Samples:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with (_voices() / f"{name}.opus").open("rb") as stored, av.open(stored, "r") as file:
        frames = [out for frame in file.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in [*frames, *resampler.resample(None)]])


class Conversation:
    """An endless conversation: dialogues drawn by chance, each from its first turn to its last."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw from ``rng`` what is talked about."""
        self._rng = rng
        self._left: list[Turn] = []

    def turn(self) -> Turn:
        """Return what is said next."""
        if not self._left:
            self._left = list(turns(str(self._rng.choice(dialogues()))))
        return self._left.pop(0)

    def begin_anew(self) -> None:
        """Forget what was talked about: another call."""
        self._left = []


@cache
def neighbour() -> Samples:
    """Somebody else's conversation, RMS 1, as capacity couples it from the next pair: endless when repeated."""
    sound = np.concatenate([turn.samples for turn in turns(dialogues()[0])])
    return waves.at_level(np.diff(sound, append=sound[:1]), 0.0)


@cache
def _tune(number: int) -> Samples:
    rng = np.random.default_rng(number)
    beat = positions(0.5)
    dying = np.exp(-2.5 * np.arange(beat) / beat) * np.minimum(1, np.arange(beat) / 80)
    beats = []
    for bar in rng.integers(0, 6, _BEATS // 4):
        for note in rng.choice([0, 2, 4, 7], 4):
            chord = [_SCALE[(bar + step) % 7] for step in (0, 2, 4)]
            beats.append(_plucked((*chord, 4 * _SCALE[(bar + note) % 7]), beat) * dying.astype(np.float32))
    return waves.at_level(np.concatenate(beats), 0.0)


def _plucked(notes: tuple[float, ...], n: int) -> Samples:
    """Strings of these pitches plucked together: each with its harmonics, the high ones weaker."""
    partials = [(pitch * k, 1 / k**1.3) for pitch in notes for k in range(1, 9) if pitch * k < _TOP_HZ]
    return waves.sines(tuple(hz for hz, _ in partials), n, tuple(weight for _, weight in partials))


def music(n: int, rng: np.random.Generator) -> Samples:
    """``n`` samples of plain hold music, RMS about 1: slow chords and a melody."""
    return np.resize(_tune(int(rng.integers(_TUNES))), n)
