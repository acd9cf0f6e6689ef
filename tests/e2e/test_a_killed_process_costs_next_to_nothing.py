"""Any of the three processes may be killed at any moment of a call: what was captured is kept, and the call goes on."""

import time

import numpy as np
import pytest
import soxr
from hearing import decoded, found_at
from living import LivingAppliance, Manager

from appliance.audio import RATE
from appliance.capture.simulator.pair import SimulatedPair
from crowding import crowding
from waiting import eventually

pytestmark = [pytest.mark.realtime, pytest.mark.slow, pytest.mark.timeout(240)]

CARD_RATE = 48000
MOST_LOST_S = 1.5
BACK_WITHIN_S = 5.0


@pytest.fixture
def long_call():
    """A call of some thirty seconds, with what truly happened when."""
    pair = SimulatedPair(seed=5)
    pair.idle(8.0)
    pair.ring(1, caller="01632960846")
    pair.lift()
    pair.talk(28.0)
    pair.hang_up()
    pair.idle(20.0)
    return pair.audio(), pair.truth().calls[0]


@pytest.fixture
def card(sound_cards, long_call):
    samples, _ = long_call
    loud = np.clip(soxr.resample(samples, RATE, CARD_RATE) * 32767, -32768, 32767)
    return sound_cards.add("reception", loud.astype(np.int16), CARD_RATE)


@pytest.fixture
def appliance(tmp_path, card):
    living = LivingAppliance(tmp_path, '[[line]]\nname = "Reception"\ncard = "reception"\n')
    yield living.start()
    living.stop()


@pytest.fixture
def manager(appliance):
    somebody = Manager(appliance)
    yield somebody
    somebody.go_home()


def line_now(card):
    """Return where the line is now, in seconds of its sound: it goes on whoever listens."""
    began = float(card._ctl.with_suffix(".epoch").read_text())
    return time.clock_gettime(time.CLOCK_MONOTONIC) - began


def test_web_keeper_and_recorder_are_killed_in_one_call(appliance, manager, card, long_call):
    samples, truth = long_call
    manager.set_up()
    appliance.said("Reception: ● Recording", timeout_s=40)
    for service in ("web", "keeper"):
        assert appliance.kill(service) < BACK_WITHIN_S * crowding()
    lifted_s = truth.off_hook / RATE
    eventually(lambda: line_now(card) > lifted_s + 12, "the call goes on for a while")
    killed_s = line_now(card)
    assert appliance.kill("recorder") < BACK_WITHIN_S * crowding()
    appliance.said("Reception: ● Recording", timeout_s=10, times=2)
    listening_again_s = line_now(card)
    appliance.said("Reception: Idle", timeout_s=60, times=2)

    manager.sign_in()
    after, before = eventually(lambda: finished(manager), "both parts are in the list")
    assert before.cut_short
    assert not after.cut_short
    assert manager.call(after.call_id).continues == before.call_id
    assert manager.call(before.call_id).continued_by == after.call_id

    kept = decoded(manager.audio(before.call_id))
    start, likeness = found_at(kept[-3 * RATE : -RATE], samples)
    assert likeness > 0.8
    last_kept_s = start / RATE + 3
    assert killed_s - last_kept_s < MOST_LOST_S

    heard = decoded(manager.audio(after.call_id))
    start, likeness = found_at(heard[RATE : 3 * RATE], samples)
    assert likeness > 0.8
    assert start / RATE - 1 < listening_again_s
    assert appliance.stop() == 0


def test_a_stopped_appliance_closes_a_call_in_progress_and_goes_on_with_it_afterwards(
    appliance, manager, card, long_call
):
    samples, _ = long_call
    manager.set_up()
    appliance.said("Reception: ● Recording", timeout_s=40)
    eventually(lambda: line_now(card) > 22, "the call goes on for a while")
    stopped_s = line_now(card)
    assert appliance.stop() == 0
    appliance.start()
    appliance.said("Reception: Idle", timeout_s=60, times=2)
    manager.sign_in()
    after, before = eventually(lambda: finished(manager), "both parts are in the list")
    assert not before.cut_short
    assert manager.call(after.call_id).continues == before.call_id
    kept = decoded(manager.audio(before.call_id))
    start, likeness = found_at(kept[-3 * RATE : -RATE], samples)
    assert likeness > 0.8
    assert start / RATE + 3 > stopped_s - 0.3


def finished(manager):
    rows = manager.calls()
    return len(rows) >= 2 and not any(row.open for row in rows) and rows
