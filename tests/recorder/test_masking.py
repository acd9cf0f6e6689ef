"""Keyed digits masked: what is sealed holds no tone of them and no digit, and nothing else is missing."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from spooled import FailingDisk, look

from appliance.audio import RATE, Frame
from appliance.capture.detector import Detector
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import Profile
from appliance.capture.tones import plan_for
from appliance.clock import ClockQuality, Moment
from appliance.model.calls import CallFacts, Direction, EndCause, MarkKind
from appliance.recorder.handover import Handover
from appliance.recorder.instant import Instant
from appliance.recorder.line_recorder import LineRecorder
from appliance.recorder.masking import EDGE, LAG, LONGEST_KEY, KeyMask
from appliance.storage.unsealing import PrivateKey

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CARD = "4929123456780123"
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
WINDOW = 256


def tone_pairs(samples):
    """The level in dBFS of the weaker of the best row and the best column, every 10 ms: by definition, not by us."""
    window = np.hanning(WINDOW)
    looks = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::80] * window
    turns = np.exp(-2j * np.pi * np.outer(np.arange(WINDOW), ROWS + COLUMNS) / RATE)
    power = 2 * (np.abs(looks @ turns) / window.sum()) ** 2
    return 10 * np.log10(np.minimum(power[:, :4].max(1), power[:, 4:].max(1)) + 1e-12)


class Box:
    """A line of the box, from its samples to the spool."""

    def __init__(self, folder, mask, block=800):
        self.folder, self.key, self.block = folder, PrivateKey.generate(), block
        way = Handover(folder, lambda: self.key.seal_to, FailingDisk())
        self.recorder = LineRecorder(1, "Reception", Detector(plan_for("uk")), way, 5, mask=mask)
        self.position = 0

    def now(self):
        at = MONDAY + timedelta(seconds=self.position / RATE)
        return Instant(Moment(at, ClockQuality.SYNCHRONISED), "boot-1", 100.0 + self.position / RATE)

    def hear(self, samples):
        for at in range(0, len(samples), self.block):
            frame = Frame(self.position, samples[at : at + self.block])
            self.position = frame.end
            self.recorder.feed(frame, self.now())
            self.recorder.tick(self.now())
        return self

    def calls(self):
        return look(self.folder, self.key)

    def first_sample(self, call):
        return round((call.opening.started_at - MONDAY).total_seconds() * RATE)


def incoming(pair):
    pair.idle(6.0)
    pair.ring(2.2, caller="01632960846")
    pair.lift()
    pair.talk(8.0)


def outgoing(pair):
    pair.idle(6.0)
    pair.lift()
    pair.dial("01632960412")
    pair.ringback(2.0)
    pair.answer()
    pair.talk(8.0)


def keyed_call(begin, profile=None, seed=5, keys=CARD):
    """A call in which ``keys`` are keyed; return its sound, and from where to where they are."""
    pair = SimulatedPair(profile, seed)
    begin(pair)
    first = pair.position
    pair.key(keys)
    last = pair.position
    pair.talk(6.0)
    pair.hang_up()
    pair.idle(6.0)
    return pair.audio(), first, last


@pytest.mark.parametrize(("block", "digit_ms"), [(800, (50.0, 60.0)), (296, (85.0, 95.0)), (1000, (600.0, 200.0))])
def test_no_tone_of_a_keyed_digit_is_sealed(tmp_path, digit_ms, block):
    audio, first, last = keyed_call(incoming, Profile(digit_ms=digit_ms))
    (call,) = Box(tmp_path, KeyMask(), block).hear(audio).calls()
    start = Box(tmp_path, None).first_sample(call)
    heard = call.heard(call.kept)[first - start : last - start]
    assert tone_pairs(audio[first:last]).max() > -25  # there was something to find
    assert tone_pairs(heard).max() < -50


def test_what_was_said_before_and_after_is_recorded_as_it_was(tmp_path):
    audio, first, last = keyed_call(incoming)
    for name in ("masked", "whole"):
        tmp_path.joinpath(name).mkdir()
    box = Box(tmp_path / "masked", KeyMask())
    (masked,) = box.hear(audio).calls()
    (whole,) = Box(tmp_path / "whole", None).hear(audio).calls()
    start = box.first_sample(masked)
    assert masked.opening.started_at == whole.opening.started_at
    assert masked.closing.duration_s == whole.closing.duration_s
    assert masked.closing.audio_bytes == whole.closing.audio_bytes
    one, other = masked.heard(masked.kept), whole.heard(whole.kept)
    np.testing.assert_allclose(one[: first - start], other[: first - start], atol=0.02)
    after = last - start + EDGE
    assert np.corrcoef(one[after : after + 5 * RATE], other[after : after + 5 * RATE])[0, 1] > 0.99


def test_the_places_of_the_digits_stay_and_the_digits_do_not(tmp_path):
    audio, first, _ = keyed_call(incoming)
    box = Box(tmp_path, KeyMask())
    (call,) = box.hear(audio).calls()
    keyed = [span for span in call.closing.spans if span.kind == MarkKind.KEYED_DIGIT]
    assert len(keyed) == len(CARD)
    assert {span.detail for span in keyed} == {""}
    assert abs(box.first_sample(call) / RATE + keyed[0].start_s - first / RATE) < 0.4
    assert CARD not in repr(call)


def test_the_number_that_was_dialled_is_kept_and_heard_and_what_was_keyed_after_the_answer_is_not(tmp_path):
    audio, first, last = keyed_call(outgoing)
    box = Box(tmp_path, KeyMask())
    (call,) = box.hear(audio).calls()
    assert call.closing.dialled == "01632960412"
    heard, start = call.heard(call.kept), box.first_sample(call)
    assert tone_pairs(heard[first - start : last - start]).max() < -50
    dialled = tone_pairs(heard[: first - start - 8 * RATE]) > -25
    assert np.count_nonzero(np.diff(dialled.astype(int)) == 1) >= len("01632960412")


def test_without_masking_everything_is_kept(tmp_path):
    audio, first, last = keyed_call(incoming)
    box = Box(tmp_path, None)
    (call,) = box.hear(audio).calls()
    start = box.first_sample(call)
    assert tone_pairs(call.heard(call.kept)[first - start : last - start]).max() > -25
    assert "".join(span.detail for span in call.closing.spans if span.kind == MarkKind.KEYED_DIGIT) == CARD


def test_a_key_that_is_down_when_the_recorder_stops_is_not_sealed(tmp_path):
    audio, first, _ = keyed_call(incoming, Profile(digit_ms=(900.0, 200.0)))
    box = Box(tmp_path, KeyMask()).hear(audio[: first + RATE])
    box.recorder.stop(EndCause.STOPPED, box.now())
    (call,) = box.calls()
    assert tone_pairs(call.heard(call.kept)[first - box.first_sample(call) :]).max() < -50


def test_what_a_power_cut_leaves_holds_no_tone_either(tmp_path):
    audio, first, last = keyed_call(incoming)
    box = Box(tmp_path, KeyMask())
    left = 0
    for until in range(first, last, RATE // 4):
        box.hear(audio[box.position : until])
        (call,) = box.calls()
        keyed = call.heard()[first - box.first_sample(call) :]
        assert call.closing is None
        if len(keyed) > WINDOW:
            left = len(keyed)
            assert tone_pairs(keyed).max() < -50
    assert left > (last - first) * 0.4


def test_a_disk_that_fails_while_digits_are_keyed_gets_none_of_them_afterwards(tmp_path):
    audio, first, last = keyed_call(incoming)
    box = Box(tmp_path, KeyMask()).hear(audio[: first + RATE])
    box.recorder._tape._handover.spool._disk.fault = 28
    box.hear(audio[first + RATE : last + 2 * RATE])
    box.recorder._tape._handover.spool._disk.fault = None
    box.hear(audio[last + 2 * RATE :])
    assert len(box.calls()) == 2
    for call in box.calls():
        start = box.first_sample(call)
        digits = call.heard()[max(0, first - start) : last - start]
        assert tone_pairs(np.pad(digits, (0, RATE))).max(initial=-120) < -50  # the first may hold next to none of them


def test_a_line_is_held_back_by_the_lag_and_by_a_key_that_is_down_but_not_for_ever():
    mask = KeyMask()
    quiet = np.zeros(RATE, np.float32)
    mask.hear(Frame(0, quiet))
    assert mask.ripe(RATE) == RATE - LAG
    turns = 2 * np.pi * np.arange(RATE) / RATE
    key = (0.1 * (np.sin(770 * turns) + np.sin(1336 * turns))).astype(np.float32)
    for second in range(1, 30):
        mask.hear(Frame(second * RATE, key))
        held = (second + 1) * RATE - mask.ripe((second + 1) * RATE)
        assert held == min(LONGEST_KEY, held)
        assert held >= min(LONGEST_KEY, second * RATE)
    mask.hear(Frame(30 * RATE, quiet))
    assert mask.ripe(31 * RATE) == 31 * RATE - LAG


def test_another_call_s_keys_before_it_was_answered_are_its_own_number():
    mask = KeyMask()
    first = CallFacts(0, 0, 0, answered=True)
    mask.told(first)
    frame = Frame(0, np.ones(2000, np.float32))
    mask._keys = [(600, 1000)]
    (silenced,) = mask.over([frame], first)
    assert silenced.samples[600 - EDGE : 1000 + EDGE].max() == 0.0
    assert silenced.samples.sum() == 2000 - 400 - 2 * EDGE
    dialling = CallFacts(100, 100, 100, Direction.OUT, dialled="01632960412")
    (whole,) = mask.over([frame], mask.told(dialling))
    assert whole.samples.min() == 1.0
