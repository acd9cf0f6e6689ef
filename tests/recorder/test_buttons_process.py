"""The whole service, pressed on its pins and asked by the keeper's note: lamp, status, recording and ledger agree."""

import gc
import threading
import time

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from spooled import look

from appliance.clock import SystemClock
from appliance.codec import read_json, to_json
from appliance.config import Config, LampPins, LineConfig, RecorderConfig, SimulatorConfig, Tap
from appliance.files import replace_quickly
from appliance.model.status import LineState, RecorderStatus
from appliance.model.wishes import FILE_NAME, KeeperWord, Wish, WishKind
from appliance.recorder.service import RecorderService
from appliance.recorder.taps import Taps
from appliance.service import Stopping
from appliance.storage.spool import publish
from appliance.storage.unsealing import PrivateKey
from crowding import crowding

pytestmark = pytest.mark.realtime

RED, GREEN, PAUSE = 17, 27, 12


class Desk:
    """A recorder with a lamp and a pause button, and a key to open what it records."""

    def __init__(self, folder):
        self.folder, self.key, self.clock = folder, PrivateKey.generate(), SystemClock()
        (folder / "intake").mkdir(parents=True)
        publish(folder / "intake", self.key.seal_to)
        line = LineConfig("Reception", Tap.SIMULATED, lamp=LampPins(RED, GREEN), pause_pin=PAUSE)
        config = Config(folder, (line,), RecorderConfig(complexity=0), SimulatorConfig(speed=8.0, seed=8))
        self.factory = gpiozero.Device.pin_factory
        self.stopping = Stopping()
        self.service = RecorderService(config, self.clock, Taps(config))
        self.thread = threading.Thread(target=self.service.run, args=(self.stopping,))

    def press(self):
        pin = self.factory.pin(PAUSE)
        pin.drive_low()
        time.sleep(0.1)
        pin.drive_high()

    def page_asks(self, kind):
        now_s = self.clock.monotonic()
        wish = Wish(round(now_s * 1000), kind, 1, self.clock.boot_id(), now_s, "manager")
        replace_quickly(self.folder / "intake" / FILE_NAME, to_json(KeeperWord((wish,))))

    def said(self):
        status = read_json(self.folder / "live" / "recorder.json", RecorderStatus)
        return status.lines[0] if status else None

    def wait_for(self, true, within_s=30.0):
        until = time.monotonic() + within_s * crowding()
        while not true():
            assert time.monotonic() < until, f"it did not come to pass: {self.said()}"
            time.sleep(0.01)

    def colours(self, s):
        seen, until = set(), time.monotonic() + s
        while time.monotonic() < until:
            seen.add(tuple(bool(self.factory.pin(number).state) for number in (RED, GREEN)))
            time.sleep(0.005)
        return seen


@pytest.fixture
def desk(monkeypatch, tmp_path):
    monkeypatch.setattr(gpiozero.Device, "pin_factory", MockFactory())
    desk = Desk(tmp_path / "data")
    desk.thread.start()
    yield desk
    desk.stopping.ask()
    desk.thread.join(timeout=30)
    gc.unfreeze()
    desk.factory.reset()


def state(desk, wanted):
    return lambda: (said := desk.said()) is not None and said.state is wanted


def test_a_press_is_seen_on_lamp_page_recording_and_ledger_and_the_page_ends_it(desk):
    desk.wait_for(state(desk, LineState.RECORDING))
    desk.press()
    desk.wait_for(state(desk, LineState.PAUSED), within_s=2.0)
    said = desk.said()
    assert (said.by, said.until is not None) == ("button", True)
    assert (True, False) not in desk.colours(1.0)  # red is for what is being recorded
    desk.page_asks(WishKind.RESUME)
    desk.wait_for(lambda: not state(desk, LineState.PAUSED)(), within_s=2.0)
    desk.page_asks(WishKind.OBJECT)
    desk.stopping.ask()
    desk.thread.join(timeout=30)
    kept = next(one for one in look(desk.folder / "spool", desk.key) if one.closing and one.spans("gap"))
    causes = [span.detail for span in kept.closing.spans if span.kind == "gap"]
    assert causes[0] == "paused"
    assert set(causes) <= {"paused", "objected"}
    paused = next(span for span in kept.closing.spans if span.detail == "paused")
    inside = kept.heard()[round((paused.start_s + 0.1) * 8000) : round((paused.end_s - 0.1) * 8000)]
    assert len(inside)
    assert abs(inside).max() < 0.01
    ledger = b"".join(path.read_bytes() for path in (desk.folder / "spool").glob("*.listening"))
    assert b'"cause":"paused"' in ledger
