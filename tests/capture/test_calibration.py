"""A line measured with somebody's help: what it says is what the line is like."""

import numpy as np
import pytest

from appliance.audio import BLOCK, RATE, Frame
from appliance.capture.calibration import WORDS, Calibration, Stage, Told
from appliance.capture.detector import Detector
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import ODDITIES, Profile
from appliance.capture.tones import plan_for
from appliance.events import CallClosed, CallOpened


def guided(profile, seed=1, call=True):
    """Somebody does as they are asked: 10 s idle, a call, hung up."""
    pair = SimulatedPair(profile, seed)
    pair.idle(10.0)
    begins = pair.position
    pair.idle(3.0)
    if call:
        pair.lift()
        pair.dial_tone(2.0)
        pair.dial("01632960846")
        pair.talk(12.0)
    else:
        pair.idle(15.0)
    ends = pair.position
    if call:
        pair.hang_up()
    pair.idle(6.0)
    stages = {0: Stage.IDLE, begins: Stage.CALL, ends: Stage.HUNG_UP}
    return pair.audio(), stages


def calibrated(audio, stages, block=BLOCK):
    calibration, turns = Calibration(), sorted(stages.items())
    for at in range(0, len(audio), block):
        calibration.stage = [stage for start, stage in turns if start <= at][-1]
        calibration.hear(Frame(at, audio[at : at + block]))
    return calibration.result()


def test_a_clean_line_is_told_clearly_by_what_it_stands_above_idle():
    found = calibrated(*guided(Profile()))
    assert found.told is Told.CLEARLY
    assert found.came_back
    assert 8.0 < found.lift_db < 20.0
    assert found.idle_floor_dbfs == pytest.approx(found.memory.idle_floor_dbfs, abs=0.5)
    assert found.memory.open_lift_db == found.lift_db
    assert found.click > 0.02


@pytest.mark.parametrize(
    ("oddity", "told"),
    [
        ("close_floors", Told.BARELY),
        ("hum", Told.CLEARLY),
        ("dc", Told.CLEARLY),
        ("low_level", Told.BARELY),
        ("clipping", Told.CLEARLY),
    ],
)
def test_an_odd_line_is_told_for_what_it_is(oddity, told):
    assert calibrated(*guided(Profile().with_(**ODDITIES[oddity]))).told is told


def test_a_line_whose_open_floor_is_its_idle_one_is_left_to_clicks():
    found = calibrated(*guided(Profile(line_dbfs=-95.0, room_dbfs=-92.0)))
    assert found.told is Told.BY_CLICKS
    assert found.click > 0.02


def test_a_tap_on_another_pair_of_wires_hears_no_call():
    assert calibrated(*guided(Profile(), call=False)).told is Told.NOT_AT_ALL


def test_nothing_asked_for_was_done():
    audio, _ = guided(Profile())
    assert calibrated(audio[: 10 * RATE], {0: Stage.IDLE}).told is Told.UNMEASURED
    assert calibrated(np.zeros(RATE, np.float32), {0: Stage.IDLE}).told is Told.UNMEASURED


def test_a_line_that_was_not_hung_up_gives_the_detector_no_open_floor():
    audio, stages = guided(Profile())
    ends = max(stages)
    found = calibrated(np.concatenate([audio[:ends], audio[ends - 5 * RATE : ends]]), stages)
    assert not found.came_back
    assert found.memory.open_lift_db is None


@pytest.mark.parametrize("block", [160, 800, 1111])
def test_how_the_card_delivers_changes_little(block):
    audio, stages = guided(Profile())
    assert calibrated(audio, stages, block).lift_db == pytest.approx(calibrated(audio, stages).lift_db, abs=0.5)


def test_a_detector_that_begins_with_what_was_found_finds_the_next_call():
    found = calibrated(*guided(Profile(), seed=3))
    pair = SimulatedPair(Profile(), 3)
    pair.idle(1.0)
    pair.lift()
    pair.dial("01632960412")
    pair.talk(5.0)
    pair.hang_up()
    pair.idle(5.0)
    detector, events, audio = Detector(plan_for("uk"), found.memory), [], pair.audio()
    for at in range(0, len(audio), BLOCK):
        events += detector.observe(Frame(at, audio[at : at + BLOCK]))
    (opened,) = [event for event in events if isinstance(event, CallOpened)]
    (closed,) = [event for event in events if isinstance(event, CallClosed)]
    assert abs(opened.at - pair.truth().calls[0].off_hook) < RATE
    assert closed.facts.dialled == "01632960412"


def test_every_finding_has_its_words():
    assert set(WORDS) == set(Told)
