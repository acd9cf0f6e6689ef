"""A call through a voice modem and the whole recorder: sealed with the number that the modem read off the line."""

import gc
import threading
import time

import pytest
from spooled import look

from appliance.capture.simulator.modem import VoiceModem
from appliance.clock import SystemClock
from appliance.codec import read_json
from appliance.config import Config, LineConfig, RecorderConfig, Tap
from appliance.model.calls import Caller, CallerIdentity, Direction, EndCause
from appliance.model.status import LineState, RecorderStatus
from appliance.recorder.service import RecorderService
from appliance.recorder.taps import Taps
from appliance.service import Stopping
from appliance.storage.spool import publish
from appliance.storage.unsealing import PrivateKey
from crowding import crowding
from sounds import lag_and_likeness, speech

pytestmark = pytest.mark.realtime

NUMBER = "01632960846"


def said(folder):
    status = read_json(folder / "live" / "recorder.json", RecorderStatus)
    return status.lines[0].state if status else None


def wait_for(true, within_s):
    until = time.monotonic() + within_s * crowding()
    while not true():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.02)


def test_a_call_through_a_modem_is_sealed_with_its_caller_and_the_modem_may_come_late(tmp_path):
    folder, key = tmp_path / "data", PrivateKey.generate()
    (folder / "intake").mkdir(parents=True)
    publish(folder / "intake", key.seal_to)
    port = tmp_path / "modem"
    line = LineConfig("Reception", Tap.MODEM, modem=str(port))
    config = Config(folder, (line,), RecorderConfig(complexity=0))
    stopping, service = Stopping(), RecorderService(config, SystemClock(), Taps(config))
    thread = threading.Thread(target=service.run, args=(stopping,))
    thread.start()
    modem = None
    try:
        wait_for(lambda: said(folder) is LineState.FAULT, 10)  # it is not plugged in yet
        modem, words = VoiceModem(port), speech(4.0)
        modem.quiet(2.5)
        modem.announce(NUMBER)
        modem.ring(1)
        modem.lift()
        modem.talk(words)
        modem.hang_up()
        modem.quiet(3.0)
        wait_for(lambda: said(folder) is LineState.RINGING, 20)
        wait_for(lambda: said(folder) is LineState.RECORDING, 20)
        wait_for(lambda: any(one.closing for one in look(folder / "spool", key)), 20)
    finally:
        stopping.ask()
        thread.join(timeout=30)
        gc.unfreeze()
        if modem is not None:
            modem.close()
    (kept,) = look(folder / "spool", key)
    closing = kept.closing
    assert closing.direction is Direction.IN
    assert closing.caller == Caller(CallerIdentity.NUMBER, NUMBER)
    assert closing.cause is EndCause.HOOK
    assert closing.rings == 1
    heard = kept.heard()
    lag, likeness = lag_and_likeness(heard[-len(words) :], words)
    assert abs(lag) < 400 * crowding()
    assert likeness > 0.9
