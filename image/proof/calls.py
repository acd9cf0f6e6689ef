"""The calls that are played into the box, as a tap of a British line would hear them."""

import wave
from pathlib import Path

import numpy as np
import soxr

from appliance.audio import RATE
from appliance.capture.simulator.pair import SimulatedPair

CARD_RATE = 48000
"""Hz, as most USB adaptors have it."""
CALLER = "01632960123"  # of the numbers that Ofcom keeps for stories


def incoming() -> SimulatedPair:
    """Let it ring, answer, talk for a while, hang up."""
    pair = SimulatedPair(seed=8)
    pair.idle(4.0)
    pair.ring(3.0, CALLER)
    pair.lift()
    pair.talk(18.0)
    pair.hang_up()
    pair.idle(8.0)
    return pair


def long_call() -> SimulatedPair:
    """Let it ring, answer, and talk for longer than the power will last."""
    pair = SimulatedPair(seed=9)
    pair.idle(4.0)
    pair.ring(2.0, CALLER)
    pair.lift()
    pair.talk(90.0)
    return pair


def nothing() -> SimulatedPair:
    """Let the line rest."""
    pair = SimulatedPair(seed=10)
    pair.idle(25.0)
    return pair


def write(pair: SimulatedPair, path: Path) -> float:
    """Write what a pair heard as a sound file of ``CARD_RATE``; return its length in seconds."""
    samples = soxr.resample(pair.audio(), RATE, CARD_RATE)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(CARD_RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return len(samples) / CARD_RATE
