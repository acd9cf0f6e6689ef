"""The whole service in one process, its lamps read from the pins: red means that sealed bytes reach the disk."""

import gc
import threading
import time

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory

from appliance.clock import SystemClock
from appliance.config import Config, LampPins, LineConfig, RecorderConfig, SimulatorConfig, Tap
from appliance.model.status import LineState
from appliance.recorder.service import RecorderService
from appliance.recorder.taps import Taps
from appliance.service import Stopping
from appliance.storage.spool import publish
from appliance.storage.unsealing import PrivateKey
from waiting import eventually

RED, GREEN, BOX_RED, BOX_GREEN = 17, 27, 5, 6
DARK, RED_LIT, GREEN_LIT, AMBER = (False, False), (True, False), (False, True), (True, True)


class Lit:
    """A recorder's service with lamps; what they showed is noted as it changed."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "intake").mkdir(parents=True)
        line = LineConfig("Reception", Tap.SIMULATED, lamp=LampPins(RED, GREEN))
        box = RecorderConfig(complexity=0, status_lamp=LampPins(BOX_RED, BOX_GREEN))
        config = Config(folder, (line,), box, SimulatorConfig(speed=15.0, seed=8))
        self.factory = gpiozero.Device.pin_factory
        self.stopping = Stopping()
        self.service = RecorderService(config, SystemClock(), Taps(config))
        self.thread = threading.Thread(target=self.service.run, args=(self.stopping,))

    def pins(self, *numbers):
        return tuple(bool(self.factory.pin(number).state) for number in numbers)

    def colours(self, s):
        """Watch the line's lamp for ``s`` seconds."""
        seen, until = set(), time.monotonic() + s
        while time.monotonic() < until:
            seen.add(self.pins(RED, GREEN))
            time.sleep(0.005)
        return seen

    def wait_for(self, true):
        eventually(true, f"it came to pass; first it was {self.service._nows()}")

    def state(self):
        return self.service._book.states(self.service._nows(), SystemClock().monotonic())[0]


@pytest.fixture
def lit(monkeypatch, tmp_path):
    monkeypatch.setattr(gpiozero.Device, "pin_factory", MockFactory())
    lit = Lit(tmp_path / "data")
    lit.thread.start()
    yield lit
    lit.stopping.ask()
    lit.thread.join(timeout=20)
    gc.unfreeze()
    assert lit.pins(RED, GREEN, BOX_RED, BOX_GREEN) == (False,) * 4
    lit.factory.reset()


def test_the_lamp_is_red_only_while_sealed_bytes_reach_the_disk(lit):
    lit.wait_for(lambda: lit.state() is LineState.FAULT)  # the keeper has given no key yet
    lit.wait_for(lambda: lit.service._nows()[0].view.call_id is not None)
    seen = set()
    lit.wait_for(lambda: seen.add(lit.pins(RED, GREEN)) or seen >= {AMBER, DARK})
    assert lit.colours(1.0) | seen == {AMBER, DARK}
    assert lit.pins(BOX_RED, BOX_GREEN) == AMBER
    publish(lit.folder / "intake", PrivateKey.generate().seal_to)
    lit.wait_for(lambda: lit.pins(RED, GREEN) == RED_LIT)
    assert list((lit.folder / "spool").glob("*.audio"))
    lit.wait_for(lambda: lit.state() is LineState.IDLE)
    lit.wait_for(lambda: lit.pins(RED, GREEN) == GREEN_LIT)
