"""A process that is kept running."""

import sys

import pytest

from appliance.supervisor.child import LONGEST_PAUSE_S, SETTLED_S, Child, Program
from waiting import eventually


class Time:
    """Monotonic seconds that a test moves."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class FakeProcess:
    """A process that ends when the test says so."""

    pid = 4321

    def __init__(self):
        self.code = None

    def poll(self):
        return self.code

    def die(self, code=-9):
        self.code = code


@pytest.fixture
def kept(tmp_path):
    started = []

    def launcher(_program, _log):
        started.append(FakeProcess())
        return started[-1]

    time = Time()
    child = Child(Program("recorder", ("recorder",)), tmp_path / "recorder.log", time, launcher)
    child.start()
    return child, started, time


def pass_time(child, time, seconds):
    """Look ten times a second, as the supervisor does; return what was said."""
    said = []
    for _ in range(round(seconds * 10)):
        time.now += 0.1
        said += [words for words in [child.look()] if words]
    return said


def test_a_process_that_runs_is_left_alone(kept):
    child, started, time = kept
    assert pass_time(child, time, 60) == []
    assert len(started) == 1


def test_a_killed_process_is_back_at_once(kept):
    child, started, time = kept
    started[0].die()
    said = pass_time(child, time, 0.6)
    assert "ended by itself (signal 9)" in said[0]
    assert said[1] == "recorder is running again"
    assert len(started) == 2


def test_one_that_dies_again_and_again_waits_longer_but_never_over_five_seconds(kept):
    child, started, time = kept
    deaths = 0
    for _ in range(1000):
        if started[-1].code is None:
            started[-1].die(1)
            died_at, deaths = time.now, deaths + 1
        pass_time(child, time, 0.1)
        if started[-1].code is None:
            assert time.now - died_at < LONGEST_PAUSE_S + 0.5
    assert 15 < deaths < 40


def test_one_that_ran_well_is_forgiven_its_past(kept):
    child, started, time = kept
    for _ in range(5):
        started[-1].die()
        pass_time(child, time, 5)
    pass_time(child, time, SETTLED_S)
    started[-1].die()
    assert "recorder is running again" in pass_time(child, time, 0.6)


def test_a_stopped_process_is_not_started_again(tmp_path):
    child = Child(Program("sleeper", (sys.executable, "-c", "import time; time.sleep(60)")), tmp_path / "log", Time())
    child.start()
    child.ask_to_stop()
    assert child.wait_stopped()
    assert child.look() is None
    assert child.pid is None


def test_a_process_that_will_not_end_is_killed(tmp_path):
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    log = tmp_path / "log"
    child = Child(Program("deaf", (sys.executable, "-c", deaf), stop_s=0.3), log, Time())
    child.start()
    eventually(log.read_bytes, "it is up")
    child.ask_to_stop()
    assert not child.wait_stopped()
