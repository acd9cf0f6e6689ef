"""The recorder as it really runs: a process on a sound card, killed, stopped, unplugged, and looked at from outside."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from spooled import look

from appliance.audio import RATE
from appliance.capture.simulator.pair import SimulatedPair
from appliance.codec import read_json
from appliance.model.calls import EndCause
from appliance.model.gaps import GapCause, Why
from appliance.model.status import LineState, RecorderStatus
from appliance.storage.gaps import Ledger
from appliance.storage.gapstore import GapStore
from appliance.storage.spool import publish
from appliance.storage.unsealing import PrivateKey
from crowding import crowding
from soak.soakbox import children_of, cpu_s_of
from sounds import at_rate, lag_and_likeness, write_wav

pytestmark = pytest.mark.realtime

CARD_LINE = '[[line]]\nname = "Reception"\ncard = "card1"\n'


class Box:
    """A recorder's process, its folders, and the keeper's key."""

    def __init__(self, folder, lines, more=""):
        self.root, self.key, self.process = folder / "data", PrivateKey.generate(), None
        (self.root / "intake").mkdir(parents=True)
        self._config = folder / "box.toml"
        self._config.write_text(f'folder = "{self.root}"\n{lines}{more}[recorder]\ncomplexity = 0\n')

    def publish_key(self):
        publish(self.root / "intake", self.key.seal_to)

    def start(self):
        command = [sys.executable, "-m", "appliance", "recorder", "--config", str(self._config)]
        with (self.root / "recorder.log").open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log)
        return self

    def kill(self):
        """Return when it was killed: how long its remains take to go is nothing that it could have recorded in."""
        at = datetime.now(UTC)
        self.process.kill()
        self.process.wait()
        return at

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)

    def status(self):
        return read_json(self.root / "live" / "recorder.json", RecorderStatus)

    def wait_for(self, true, within_s=8.0):
        """Wait until ``true`` of the first line and the status; return how long it took."""
        started, since = time.monotonic(), datetime.now(UTC)
        while time.monotonic() - started < within_s * crowding():
            status = self.status()
            if status and status.at >= since and true(status.lines[0], status):
                return time.monotonic() - started
            time.sleep(0.01)
        raise AssertionError(f"it did not come to pass; the status is {self.status()}")

    def wait_state(self, state, within_s=8.0):
        return self.wait_for(lambda line, _: line.state is state, within_s)

    def calls(self):
        return look(self.root / "spool", self.key)


@pytest.fixture
def box(tmp_path):
    boxes = []

    def build(lines=CARD_LINE, more=""):
        boxes.append(Box(tmp_path, lines, more))
        return boxes[-1]

    yield build
    for made in boxes:
        if made.process and made.process.poll() is None:
            made.kill()


@pytest.fixture
def long_call(sound_cards):
    """A card on whose line somebody lifts after some seconds and talks for a minute. Returns what is said, and it."""
    pair = SimulatedPair(seed=4)
    pair.idle(2.5)
    pair.lift()
    pair.talk(60.0)
    source = pair.audio()
    card = sound_cards.add("card1", at_rate(source, 16000), 16000)
    return source, card


def begin_of_line(card):
    """World time of the line's first sample, from when the card says it began."""
    began_s = float(card._ctl.with_suffix(".epoch").read_text())
    return datetime.now(UTC) - timedelta(seconds=time.clock_gettime(time.CLOCK_MONOTONIC) - began_s)


def stands_where_it_was(call, heard, source, began):
    """Whether what a recording holds is what the line said at the time that the recording claims."""
    within_s = 0.25 * crowding()
    first = round((call.opening.started_at - began).total_seconds() * RATE)
    most_s = min(max(2.0, 1.5 * within_s), len(heard) / RATE - 0.5)
    lag, likeness = lag_and_likeness(heard, source[first : first + len(heard)], most_s=most_s)
    return abs(lag) <= within_s * RATE and likeness > 0.9


def test_a_recorder_killed_in_a_call_loses_at_most_a_second_and_a_half_and_goes_on_with_it(box, long_call):
    source, card = long_call
    recorder = box()
    recorder.publish_key()
    recorder.start()
    recorder.wait_state(LineState.RECORDING, within_s=20.0)
    killed_at = []
    for spoken_s in (1.7, 2.6):
        time.sleep(spoken_s)  # the call goes on in life's own time
        killed_at.append(recorder.kill())
        recorder.start().wait_state(LineState.RECORDING)
    began = begin_of_line(card)
    assert recorder.stop() == 0
    first, second, third = recorder.calls()
    for call, killed in zip((first, second), killed_at, strict=True):
        assert (call.closing, call.complete) == (None, False)
        held_until = call.opening.started_at + timedelta(seconds=len(call.heard()) / RATE)
        assert killed - held_until < timedelta(seconds=1.5 * crowding())
        assert stands_where_it_was(call, call.heard(), source, began)
    for after, before, killed in zip((second, third), (first, second), killed_at, strict=True):
        assert after.opening.continues == before.call_id
        assert after.opening.started_at - killed < timedelta(seconds=3.0 * crowding())
    assert third.complete
    assert third.closing.cause is EndCause.STOPPED


def test_a_stopped_recorder_closes_its_call_and_the_next_one_goes_on_with_it(box, long_call):
    recorder = box()
    recorder.publish_key()
    recorder.start().wait_state(LineState.RECORDING, within_s=20.0)
    assert recorder.stop() == 0
    recorder.start().wait_state(LineState.RECORDING)
    recorder.stop()
    first, second = recorder.calls()
    assert (first.complete, first.closing.cause) == (True, EndCause.STOPPED)
    assert second.opening.continues == first.call_id


def test_a_restart_takes_little_more_than_loading_what_it_listens_with(box, long_call):
    """In the processor's time, whatever else the machine does: a second here is three on a Pi 5."""
    loading = "import os, numpy, soxr, av; print(sum(os.times()[:2]))"
    loads_s = min(
        float(subprocess.run([sys.executable, "-c", loading], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    )
    recorder = box()
    recorder.publish_key()
    took_s = []
    for _ in range(2):
        recorder.start().wait_for(lambda line, _: line.state in (LineState.IDLE, LineState.RECORDING), within_s=20.0)
        took_s.append(sum(map(cpu_s_of, (recorder.process.pid, *children_of(recorder.process.pid)))))
        recorder.kill()
    assert min(took_s) < 5.0 * loads_s
    assert min(took_s) < 3.0


def test_an_unplugged_card_is_a_fault_within_two_seconds_and_its_gap_is_on_the_sheet(box, long_call):
    source, card = long_call
    recorder = box()
    recorder.publish_key()
    recorder.start().wait_state(LineState.RECORDING, within_s=20.0)
    time.sleep(1.0)
    card.unplug()
    assert recorder.wait_state(LineState.FAULT) < 2.0 * crowding()
    (alarm,) = recorder.status().alarms
    assert alarm.text.startswith("Reception is not being recorded. The sound card “card1”")
    card.plug_in()
    assert recorder.wait_state(LineState.RECORDING) < 4.0 * crowding()
    assert recorder.status().alarms == ()
    time.sleep(1.5)
    began = begin_of_line(card)
    recorder.stop()
    (call,) = recorder.calls()
    ((gap_start, gap_end),) = call.spans("gap")
    assert 0.9 < gap_end - gap_start < 4.5 * crowding()
    heard = call.heard()
    assert stands_where_it_was(call, heard[: round(gap_start * RATE)], source, began)
    after = round((gap_end + 0.2) * RATE)
    first = round((call.opening.started_at - began).total_seconds() * RATE) + after
    lag, likeness = lag_and_likeness(heard[after:], source[first : first + len(heard) - after], most_s=2.0)
    before, _ = lag_and_likeness(heard[: round(gap_start * RATE)], source[first - after :], most_s=2.0)
    assert abs(lag - before) <= 0.02 * RATE  # the two sides of the gap agree, however busy the machine was
    assert likeness > 0.9


def test_what_a_killed_recorder_did_not_hear_is_in_the_gap_ledger(box, long_call):
    recorder = box()
    recorder.publish_key()
    recorder.start().wait_for(lambda line, _: line.state in (LineState.IDLE, LineState.RECORDING), within_s=20.0)
    time.sleep(2.5)  # it gives a sign of life every two seconds
    killed = recorder.kill()
    recorder.start().wait_for(lambda line, _: line.state in (LineState.IDLE, LineState.RECORDING), within_s=20.0)
    heard = datetime.now(UTC)
    recorder.stop()
    chapters = [one.chapter for one in GapStore(recorder.root / "spool", recorder.root / "vault").chapters()]
    (account,) = Ledger(chapters).accounts()
    *_, second = account.gaps  # there may be one before its first frame, where the card was slower than the recorder
    assert second.why == Why(GapCause.STOPPED, "crashed")
    assert second.start <= killed
    assert killed - second.start < timedelta(seconds=3.0 * crowding())
    assert killed < second.end <= heard


def test_calls_before_the_keeper_has_a_key_wait_and_arrive(box, long_call):
    recorder = box()
    recorder.start()
    recorder.wait_for(lambda line, status: line.state is LineState.FAULT and "keeper's key" in status.alarms[0].text)
    recorder.wait_for(lambda line, _: line.call_id is not None, within_s=20.0)
    recorder.publish_key()
    assert recorder.wait_state(LineState.RECORDING) < 1.0 * crowding()
    recorder.stop()
    (call,) = recorder.calls()
    assert call.complete


def test_a_recorder_of_busy_simulated_lines_killed_at_any_moment_leaves_only_what_is_genuine(box):
    lines = "".join(f'[[line]]\nname = "Line {n}"\ntap = "simulated"\n' for n in (1, 2))
    recorder = box(lines, "[simulator]\nspeed = 20.0\nseed = 8\n")
    recorder.publish_key()
    for moment_s in np.random.default_rng(1).uniform(0.0, 0.4, 3):
        recorder.start()
        recorder.wait_for(lambda _, status: any(line.state is LineState.RECORDING for line in status.lines))
        time.sleep(moment_s)
        recorder.kill()
        assert all(call.complete or call.closing is None for call in recorder.calls())
    recorder.start()
    recorder.wait_for(lambda _, status: any(line.state is LineState.RECORDING for line in status.lines))
    recorder.stop()
    calls = recorder.calls()
    assert any(call.complete and call.ogg for call in calls)
    assert any(not call.complete for call in calls)
    assert all(line.simulated for line in recorder.status().lines)


def test_a_sound_file_is_a_line_that_ends(box, tmp_path):

    pair = SimulatedPair(seed=6)
    pair.idle(5.0)
    pair.ring(2.2, caller="01632960846")
    pair.lift()
    pair.talk(8.0)
    pair.hang_up()
    pair.idle(6.0)
    wav = write_wav(tmp_path / "line.wav", at_rate(pair.audio(), RATE))
    recorder = box(f'[[line]]\nname = "Reception"\ntap = "wave"\nwave = "{wav}"\n', "[simulator]\nspeed = 10.0\n")
    recorder.publish_key()
    recorder.start()
    recorder.wait_state(LineState.OFF, within_s=15.0)
    assert recorder.status().lines[0].fault == "line.wav has ended."
    recorder.stop()
    (call,) = recorder.calls()
    assert call.complete
    assert call.closing.duration_s > 10.0


@pytest.mark.parametrize("as_json", [True, False])
def test_the_cards_a_line_can_name_are_listed(sound_cards, as_json):
    sound_cards.add("reception", np.zeros((100, 2)), 44100)
    command = [sys.executable, "-m", "appliance", "recorder", "--list-cards", *(["--json"] if as_json else [])]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if as_json:
        (card,) = json.loads(listed)
        assert (card["name"], card["channels"], card["rate"]) == ("reception", 2, 44100)
    else:
        assert listed.split("\t")[:3] == ["reception", "2 channel(s)", "44100 Hz"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("", "There is no line to record. Add a [[line]] to the configuration."),
        ('[[line]]\nname = "a"\ntap = "simulated"\ncountry = "xx"\n', "There is no tone plan “xx”."),
    ],
)
def test_a_configuration_that_cannot_be_recorded_is_refused_in_words(box, lines, words):
    recorder = box(lines).start()
    assert recorder.process.wait(timeout=20) == 2
    log = (recorder.root / "recorder.log").read_text()
    assert words in log
    assert "Traceback" not in log


def test_lamps_without_gpio_are_said_once_and_the_recorder_goes_on(box):
    lamp = '[[line]]\nname = "a"\ntap = "simulated"\nhook_pin = 4\nlamp = { red = 17, green = 27 }\n'
    recorder = box(lamp)
    recorder.publish_key()
    environment = os.environ.get("GPIOZERO_PIN_FACTORY")
    os.environ["GPIOZERO_PIN_FACTORY"] = "native"
    try:
        recorder.start().wait_state(LineState.IDLE)
    finally:
        os.environ.pop("GPIOZERO_PIN_FACTORY")
        if environment:
            os.environ["GPIOZERO_PIN_FACTORY"] = environment
    assert recorder.stop() == 0
    log = (recorder.root / "recorder.log").read_text()
    assert log.count("there are no lamps") == 1
    assert log.count("the sensor on pin 4 cannot be used") == 1
