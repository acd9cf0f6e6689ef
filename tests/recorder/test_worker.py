"""The thread of a line, turn by turn: taps that come and go, detectors that fail, sensors with a time of their own."""

import numpy as np
import pytest
from spooled import FailingDisk, look

from appliance.audio import BLOCK, RATE, Frame
from appliance.capture.debounce import Change
from appliance.capture.detector import LineMemory
from appliance.capture.wiring import Fault
from appliance.clock import FakeClock
from appliance.errors import LineEnded, LineFault
from appliance.events import CallOpened, RingEdge
from appliance.model.calls import CallFacts, EndCause
from appliance.recorder.continuity import Continuity
from appliance.recorder.handover import Handover
from appliance.recorder.line_recorder import LineRecorder
from appliance.recorder.listening import Listening
from appliance.recorder.senses import Senses
from appliance.recorder.worker import LineWorker
from appliance.storage.unsealing import PrivateKey

TENTH_S = BLOCK / RATE


class Wire:
    """A line that is silent noise for ever. ``fault`` is raised instead when set; every tap of it begins at nought."""

    simulated = False

    def __init__(self, clock):
        self.clock, self.fault, self.silent, self.opened, self.dc = clock, None, False, 0, 0.0

    def open(self):
        if self.fault:
            raise self.fault
        self.opened += 1
        return Tapped(self)


class Tapped:
    simulated = False

    def __init__(self, wire):
        self.wire, self.position, self.noise = wire, 0, np.random.default_rng(1)

    def read(self, timeout_s):
        self.wire.clock.advance(TENTH_S)
        if self.wire.fault:
            raise self.wire.fault
        if self.wire.silent:
            return None
        frame = Frame(self.position, self.noise.normal(self.wire.dc, 0.01, BLOCK).astype(np.float32))
        self.position = frame.end
        return frame

    def close(self):
        pass


class OpensAtOnce:
    """A detector of a line on which somebody is always talking; ``broken`` makes it fail."""

    def __init__(self, in_call):
        self.opened, self.broken, self.hook, self.last = in_call, False, [], 0

    def observe(self, frame, hook=()):
        if self.broken:
            raise ZeroDivisionError("a fault in the detector")
        self.hook += hook
        self.last = frame.end
        if self.opened:
            return []
        self.opened = True
        return [CallOpened(frame.position, CallFacts(frame.position, frame.end, frame.position))]

    def finish(self, at, cause):
        return []

    def memory(self):
        return LineMemory()


class Hooked(Senses):
    def __init__(self):
        self.changes, self.pulses = [], []

    def hook(self):
        changes, self.changes = self.changes, []
        return changes

    def ring(self):
        pulses, self.pulses = self.pulses, []
        return pulses


class Bench:
    def __init__(self, folder):
        self.folder, self.key, self.clock = folder, PrivateKey.generate(), FakeClock()
        self.wire, self.detectors, self.senses = Wire(self.clock), [], Hooked()
        self.published = self.key.seal_to
        way = Handover(folder, lambda: self.published, FailingDisk())

        def new_recorder(continues, memory):
            self.detectors.append(OpensAtOnce(in_call=continues is not None))
            return LineRecorder(1, "Reception", self.detectors[-1], way, 0, continues)

        continuity = Continuity()
        listening = Listening(self.wire.open, continuity, self.clock)
        self.worker = LineWorker("Reception", listening, continuity, new_recorder, self.senses, self.clock)
        self.worker._stopping.wait = self.clock.advance  # the pause before a tap is opened again passes at once

    def turns(self, s):
        until = self.clock.monotonic() + s
        while self.clock.monotonic() < until:
            self.worker.turn()
        return self

    def end(self):
        self.worker._end(EndCause.STOPPED)
        return look(self.folder, self.key)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_a_line_lost_for_some_seconds_keeps_its_call_and_its_time(bench):
    bench.turns(3.0)
    bench.wire.fault = LineFault("unplugged")
    bench.turns(5.0)
    assert bench.worker.now.fault == "unplugged"
    bench.wire.fault = None
    bench.turns(3.0)
    assert bench.worker.now.fault == ""
    assert bench.wire.opened == 2
    (call,) = bench.end()
    ((start_s, end_s),) = call.spans("gap")
    assert start_s == pytest.approx(3.0, abs=0.15)
    assert end_s - start_s == pytest.approx(5.0, abs=0.35)
    assert call.closing.duration_s == pytest.approx(11.0, abs=0.35)


def test_a_line_lost_for_long_ends_its_call_where_it_was_lost_and_a_new_recording_continues_it(bench):
    began = bench.clock.now().at
    bench.turns(3.0)
    bench.wire.fault = LineFault("unplugged")
    bench.turns(30.0)
    (first,) = look(bench.folder, bench.key)
    assert first.closing.cause is EndCause.LINE_LOST
    assert (first.closing.ended_at - began).total_seconds() == pytest.approx(3.0, abs=0.3)
    bench.wire.fault = None
    bench.turns(3.0)
    first, second = bench.end()
    assert second.opening.continues == first.call_id
    assert second.closing.duration_s == pytest.approx(3.0, abs=0.3)
    assert second.spans("gap") == []


def test_after_an_hour_a_call_is_not_continued(bench):
    bench.turns(3.0)
    bench.wire.fault = LineFault("unplugged")
    bench.turns(25.0)
    bench.clock.advance(3600.0)
    bench.wire.fault = None
    bench.turns(3.0)
    _, second = bench.end()
    assert second.opening.continues is None


def test_a_tap_that_falls_silent_without_a_word_is_a_fault_and_is_opened_again(bench):
    bench.turns(1.0)
    bench.wire.silent = True
    faults = set()
    for _ in range(40):
        bench.worker.turn()
        faults.add(bench.worker.now.fault)
    assert faults == {"", "The line gives no sound. Check the tap and its card."}
    bench.wire.silent = False
    bench.turns(1.0)
    assert bench.worker.now.fault == ""
    assert bench.wire.opened > 1


def test_a_detector_that_fails_does_not_end_the_recording_of_the_line(bench, caplog):
    bench.turns(2.0)
    bench.detectors[-1].broken = True
    with pytest.raises(ZeroDivisionError):
        bench.turns(1.0)
    bench.worker._interrupt()
    bench.turns(3.0)
    first, second = bench.end()
    assert second.opening.continues == first.call_id
    assert first.complete
    held = first.closing.duration_s + second.closing.duration_s
    assert held == pytest.approx(5.1, abs=0.11)


def test_calls_that_wait_for_the_key_survive_the_line_being_begun_again(bench):
    bench.published = None
    bench.turns(3.0)
    bench.wire.fault = LineFault("unplugged")
    bench.turns(25.0)
    bench.wire.fault = None
    bench.turns(3.0)
    bench.published = bench.key.seal_to
    bench.turns(1.0)
    assert len(bench.end()) == 2


def test_an_edge_of_the_hook_stands_at_its_own_moment_on_the_line(bench):
    bench.turns(2.0)
    edge_s = bench.clock.monotonic() - 0.25
    heard = bench.detectors[-1].last
    bench.senses.changes = [Change(edge_s, active=True)]
    bench.turns(0.2)
    (edge,) = bench.detectors[-1].hook
    assert edge.off_hook
    assert edge.at == pytest.approx(heard - 0.25 * RATE, abs=2)


def test_what_the_ring_sensor_feels_is_told_at_its_own_moment_on_the_line(bench):
    bench.turns(2.0)
    now_s, heard = bench.clock.monotonic(), bench.detectors[-1].last
    bench.senses.pulses = [Change(now_s - 0.04, active=True), Change(now_s - 0.02, active=False)]
    bench.turns(0.2)
    rise, fall = bench.detectors[-1].hook
    assert (type(rise), rise.active, fall.active) == (RingEdge, True, False)
    assert (rise.at, fall.at) == pytest.approx((heard - 0.04 * RATE, heard - 0.02 * RATE), abs=2)


def test_an_edge_yet_to_be_heard_waits_for_its_sound(bench):
    bench.turns(2.0)
    bench.senses.changes = [Change(bench.clock.monotonic() + 0.5, active=True)]
    bench.turns(0.3)
    assert bench.detectors[-1].hook == []
    bench.turns(0.5)
    (edge,) = bench.detectors[-1].hook
    assert bench.detectors[-1].last - 0.4 * RATE < edge.at < bench.detectors[-1].last


def test_a_line_with_an_end_is_closed_once_and_what_waits_is_still_handed_over(bench):
    bench.published = None
    bench.turns(2.0)
    bench.wire.fault = LineEnded("line.wav has ended.")
    bench.turns(1.0)
    assert bench.worker.now.over
    assert bench.worker.now.fault == "line.wav has ended."
    bench.published = bench.key.seal_to
    bench.turns(1.0)
    (call,) = look(bench.folder, bench.key)
    assert call.closing.cause is EndCause.LINE_LOST


def test_what_has_been_wrong_with_the_wiring_for_minutes_is_told_and_forgotten_when_it_is_mended(bench):
    bench.wire.dc = 0.1
    bench.turns(117.0)
    assert bench.worker.now.measure.dc == pytest.approx(0.1, abs=0.005)
    assert bench.worker.now.wiring == ()
    bench.turns(5.0)
    assert bench.worker.now.wiring == (Fault.DIRECT_CURRENT,)
    bench.wire.dc = 0.0
    bench.turns(64.0)
    assert bench.worker.now.wiring == ()
