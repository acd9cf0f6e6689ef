"""A card that delivers, and hears nothing: told from a quiet line, named, and gone when the line moves again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import BLOCK, RATE, Frame
from appliance.capture.cardline import CardLine
from appliance.capture.cardwire import CardBlock, CardForm
from appliance.capture.deadwire import DEAD_AFTER, DeadWire


def hear(dead, values, start=0):
    for number, value in enumerate(values):
        samples = np.full(BLOCK, value, np.float32) if np.isscalar(value) else value
        dead.hear(Frame(start + number * BLOCK, samples))
    return dead


def noise(seed, blocks, level=1 / 32768):
    """The smallest noise that a 16-bit converter can deliver: its last bit."""
    drawn = np.random.default_rng(seed).integers(-1, 2, (blocks, BLOCK)) * level
    return list(drawn.astype(np.float32))


@pytest.mark.parametrize("value", [0.0, 0.25, -0.9])
def test_a_card_stuck_at_one_value_is_dead_from_its_first_sample_on(value):
    assert hear(DeadWire(), [value] * (DEAD_AFTER // BLOCK)).since == 0


def test_a_muted_moment_is_not_yet_a_dead_card():
    assert hear(DeadWire(), [0.0] * (DEAD_AFTER // BLOCK - 1)).since is None


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_the_least_noise_there_is_is_a_living_line(seed):
    assert hear(DeadWire(), noise(seed, 120)).since is None


def test_a_card_that_hears_again_is_alive_at_once():
    dead = hear(DeadWire(), [0.0] * 120)
    assert hear(dead, noise(1, 1), 120 * BLOCK).since is None


def test_a_card_that_jumps_from_one_constant_to_another_is_dead_since_the_second():
    assert hear(DeadWire(), [0.0] * 50 + [0.5] * 100).since == 50 * BLOCK


@pytest.mark.parametrize("value", [0, 9000])
def test_a_constant_is_seen_through_the_resampler(value):
    line, dead = CardLine(CardForm(48000, 1), 0), DeadWire()
    pcm = np.full(4800, value, "<i2").tobytes()
    for number in range(115):
        for frame in line.push(CardBlock(number / 10, False, 4800, pcm)):
            dead.hear(frame)
    assert dead.since is not None
    assert dead.since < 0.3 * RATE  # the filter's own beginning may move
