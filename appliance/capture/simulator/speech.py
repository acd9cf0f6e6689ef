"""Spoken turns for two parties, ready to be laid on a line."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from appliance.audio import RATE, Samples, positions
from appliance.capture.simulator import waves


@dataclass(frozen=True, slots=True)
class Turn:
    """What one party says without a break: 8 kHz, RMS 1 while speaking. ``near`` is the party on this line."""

    samples: Samples
    near: bool


@cache
def _babble() -> tuple[Turn, ...]:
    rng = np.random.default_rng(7)
    turns = []
    for index in range(12):
        n = positions(float(rng.uniform(1.0, 4.0)))
        t = np.arange(n) / RATE
        pitch = (110.0 if index % 2 else 190.0) * (1 + 0.08 * np.sin(2 * np.pi * 0.7 * t))
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        voice = sum(np.sin(k * phase) / k for k in range(2, 16))
        sound = (voice * (0.15 + np.abs(np.sin(np.pi * 3.7 * t)))).astype(np.float32)
        turns.append(Turn(waves.faded(waves.at_level(sound, 0.0)), index % 2 == 0))
    return tuple(turns)


class Conversation:
    """An endless conversation: turns in order, one dialogue after another."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Begin anywhere."""
        self._next = int(rng.integers(len(_babble())))

    def turn(self) -> Turn:
        """Return what is said next."""
        turn = _babble()[self._next % len(_babble())]
        self._next += 1
        return turn


@cache
def neighbour() -> Samples:
    """Somebody else's conversation, RMS 1, to be heard faintly from the next pair; endless when repeated."""
    return waves.at_level(np.concatenate([turn.samples for turn in _babble()]), 0.0)


def music(n: int, rng: np.random.Generator) -> Samples:
    """``n`` samples of plain hold music, RMS about 1: chords of a slow tune, each note dying away."""
    scale = 220.0 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    beat = positions(0.5)
    notes = []
    for _ in range(-(-n // beat)):
        root = int(rng.integers(0, 6))
        chord = waves.sines((scale[root], scale[root] * 1.26, scale[root] * 1.498, scale[root] * 2), beat)
        notes.append(chord * np.exp(-2.0 * np.arange(beat, dtype=np.float32) / beat))
    return waves.at_level(np.concatenate(notes)[:n].astype(np.float32), 0.0)
