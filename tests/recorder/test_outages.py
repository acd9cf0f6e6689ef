"""What is around the recorder fails for an hour; calls go on being recorded, and all of it arrives afterwards."""

from datetime import timedelta

import numpy as np
import pytest
from spooled import FailingDisk, look

from appliance.audio import BLOCK, RATE, Frame
from appliance.capture.detector import LineMemory
from appliance.clock import ClockQuality, FakeClock
from appliance.codec import read_json
from appliance.events import CallClosed, CallOpened
from appliance.model.calls import CallFacts
from appliance.model.gaps import GapCause
from appliance.recorder.accounting import Accounting
from appliance.recorder.continuity import Continuity
from appliance.recorder.diary import Diary
from appliance.recorder.handover import Handover
from appliance.recorder.instant import read
from appliance.recorder.line_recorder import LineRecorder
from appliance.recorder.listening import Listening
from appliance.recorder.senses import Senses
from appliance.recorder.worker import LineWorker
from appliance.storage.gapnotes import SIGN_OF_LIFE, LastKnown
from appliance.storage.gaps import Ledger
from appliance.storage.gapstore import GapStore
from appliance.storage.unsealing import PrivateKey
from vaultbox import Box

EVERY_S, CALL_S = 120, 60


class Hum:
    """A line of noise; each reading of it is a tenth of a second of the fake clock."""

    simulated = False

    def __init__(self, clock):
        self.clock, self.position, self.noise = clock, 0, np.random.default_rng(1)

    def read(self, timeout_s):
        self.clock.advance(BLOCK / RATE)
        frame = Frame(self.position, self.noise.normal(0.0, 0.01, BLOCK).astype(np.float32))
        self.position = frame.end
        return frame

    def close(self):
        pass


class Punctual:
    """A detector on whose line somebody calls every two minutes, for one."""

    def __init__(self):
        self.began = None

    def observe(self, frame, signs=()):
        phase_s = (frame.position / RATE) % EVERY_S
        if self.began is None and phase_s < CALL_S:
            self.began = frame.position
            return [CallOpened(frame.position, CallFacts(frame.position, frame.end, frame.position))]
        if self.began is not None and phase_s >= CALL_S:
            closed = CallFacts(self.began, frame.position, self.began, answered=True)
            self.began = None
            return [CallClosed(closed)]
        return []

    def finish(self, at, cause):
        return [CallClosed(CallFacts(self.began, at, self.began, answered=True))] if self.began is not None else []

    def memory(self):
        return LineMemory()


class Practice:
    """One line's recorder, its diary and its keeper's key, on one fake clock; seconds pass as fast as they can."""

    def __init__(self, folder, diary_disk=None):
        self.spool, self.live, self.clock = folder / "spool", folder / "live", FakeClock()
        for made in (self.spool, self.live):
            made.mkdir()
        self.key, self.disk = PrivateKey.generate(), FailingDisk()
        self.published = self.key.seal_to
        way = Handover(self.spool, lambda: self.published, self.disk)
        continuity, began = Continuity(), read(self.clock)
        listening = Listening(lambda: Hum(self.clock), continuity, self.clock)

        def new(continues, memory):
            return LineRecorder(1, "Reception", Punctual(), way, 0, continues)

        accounting = Accounting(1, began)
        self.worker = LineWorker("Reception", listening, continuity, new, Senses(), self.clock, accounting=accounting)
        self.diary = Diary(self.spool, self.live, ("Reception",), began, diary_disk or self.disk)

    def live_on(self, s):
        for _ in range(round(s * RATE / BLOCK)):
            self.worker.turn()
            notes = list(self.worker.accounting.new_notes())
            if self.diary.write(notes, read(self.clock)):
                self.worker.accounting.retell.set()
        return self

    def calls(self):
        return look(self.spool, self.key)

    def gaps(self):
        """What the ledger would say if the power went now: the sign of life tells up to when there was any."""
        alive = read_json(self.live / SIGN_OF_LIFE, LastKnown).at.at
        chapters = [one.chapter for one in GapStore(self.spool, self.spool).chapters()]
        (account,) = Ledger(chapters, heard_until=alive).accounts()
        return [gap for gap in account.gaps if gap.length_s > 1.0]


@pytest.fixture
def practice(tmp_path):
    return Practice(tmp_path)


def recorded_s(calls):
    return sum(call.closing.duration_s for call in calls if call.closing)


@pytest.mark.parametrize("fault", [28, 30])
def test_ten_minutes_of_a_full_or_read_only_disk_lose_no_call(practice, fault):
    practice.live_on(70)
    practice.disk.fault = fault
    practice.live_on(600)
    practice.disk.fault = None
    practice.live_on(120)
    calls = practice.calls()
    assert len([call for call in calls if call.closing]) == 7
    assert all(call.closing.duration_s == pytest.approx(CALL_S, abs=6.0) for call in calls if call.closing)
    assert practice.gaps() == []


def test_more_than_memory_holds_is_lost_and_in_the_ledger(practice):
    practice.worker._recorder._tape._outbox._most_bytes = 400_000  # two minutes
    practice.live_on(70)
    practice.disk.fault = 28
    practice.live_on(600)
    practice.disk.fault = None
    practice.live_on(120)
    lost = practice.gaps()
    assert lost
    assert {gap.why.cause for gap in lost} == {GapCause.DISK}
    kept = len([call for call in practice.calls() if call.closing])
    assert kept + len(lost) == 7  # each call is in the spool or in the ledger
    assert all(gap.length_s == pytest.approx(CALL_S, abs=6.0) for gap in lost)


def test_what_is_in_memory_when_the_power_goes_is_in_the_ledger(tmp_path):
    practice = Practice(tmp_path, diary_disk=FailingDisk())
    practice.live_on(70)
    practice.disk.fault = 28  # no room for sound, and still some for a line of text
    practice.live_on(170)  # a call of which nothing is on the disk, and half a minute after it
    began = practice.clock.now().at - timedelta(seconds=240 - EVERY_S)
    (lost,) = practice.gaps()  # the power goes here
    assert (lost.why.cause, lost.why.detail) == (GapCause.DISK, "in memory")
    assert abs((lost.start - began).total_seconds()) < 6.0
    assert abs((lost.end - practice.clock.now().at).total_seconds()) < 3.0
    practice.disk.fault = None  # it did not: the call arrives, and nothing was lost
    practice.live_on(20)
    assert practice.gaps() == []
    assert len([call for call in practice.calls() if call.closing]) == 2


def test_no_sign_of_life_says_that_all_was_kept_while_what_was_lost_cannot_be_written_down(practice):
    practice.live_on(70)
    practice.disk.fault = 28
    practice.live_on(110)
    alive = read_json(practice.live / SIGN_OF_LIFE, LastKnown).at.at
    in_the_call = practice.clock.now().at - timedelta(seconds=40)
    assert alive < in_the_call


@pytest.mark.parametrize("hours", [-30, -1, 1, 30])
def test_a_clock_that_jumps_in_a_call_cuts_nothing_and_loses_nothing(practice, hours):
    practice.live_on(30)
    practice.clock.jump(practice.clock.now().at + timedelta(hours=hours), ClockQuality.SYNCHRONISED)
    practice.live_on(60)
    (call,) = practice.calls()
    assert call.closing.duration_s == pytest.approx(CALL_S, abs=1.0)
    assert call.spans("gap") == []
    assert practice.gaps() == []


def test_a_keeper_that_was_down_for_an_hour_finds_every_call(tmp_path):
    box = Box(tmp_path)
    made = set()
    for _ in range(40):
        made.add(box.call())
        box.clock.advance(90)
    assert len(list(box.folders.spool.glob("*.meta"))) == 40
    box.restart()
    box.chores.take_in()
    assert {entry.call_id for entry in box.stores.catalogue.everything()} == made
    assert not list(box.folders.spool.glob("*.meta"))
    box.close()
