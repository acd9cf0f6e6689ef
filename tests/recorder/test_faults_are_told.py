"""Every fault reaches the lamp, the page and the log within two seconds, and goes by itself once it is mended.

The recorder's service on a real PortAudio's card, its lamp read from mock pins; the keeper looks on as its rounds do.
"""

import gc
import os
import subprocess
import threading
import time

import gpiozero
import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory

from appliance.audio import RATE
from appliance.clock import SystemClock
from appliance.config import Config, LampPins, LineConfig, RecorderConfig
from appliance.recorder.service import RecorderService
from appliance.recorder.taps import Taps
from appliance.service import Stopping
from appliance.web import live
from crowding import crowding
from sounds import at_rate, speech
from vaultbox import Box

pytestmark = pytest.mark.realtime

RED, GREEN = 17, 27
BOX_RED, BOX_GREEN = 23, 24
DARK, GREEN_LIT, RED_LIT, AMBER = (False, False), (False, True), (True, False), (True, True)
TOLD_S, MENDED_S = 2.0, 4.0


class Told:
    """A recorder with one line on a card, and what lamp, page and log say of it."""

    def __init__(self, folder, caplog, clock=None):
        clock = clock or SystemClock()
        self.keeper = Box(folder, clock)
        root = self.keeper.config.folder
        line = LineConfig("Reception", card="card1", lamp=LampPins(RED, GREEN))
        config = Config(root, (line,), RecorderConfig(complexity=0, status_lamp=LampPins(BOX_RED, BOX_GREEN)))
        self.factory, self.caplog, self.stopping = gpiozero.Device.pin_factory, caplog, Stopping()
        caplog.set_level("INFO")
        self.service = RecorderService(config, clock, Taps(config))
        self.thread = threading.Thread(target=self.service.run, args=(self.stopping,))

    def lamp(self):
        return self._lit(RED, GREEN)

    def box_lamp(self):
        return self._lit(BOX_RED, BOX_GREEN)

    def _lit(self, *pins):
        return tuple(bool(self.factory.pin(number).state) for number in pins)

    def page(self):
        """What the event stream would send to a page now."""
        return live.described(self.keeper.desk.live.now(0, 0.0))

    def logged(self, words):
        """An alarm that a busy machine gave at the start and that comes back is the same one, logged back then."""
        records = [*self.caplog.get_records("setup"), *self.caplog.get_records("call")]
        return any(words in record.getMessage() for record in records)

    def end(self):
        self.stopping.ask()
        self.thread.join(timeout=20)
        gc.unfreeze()
        self.keeper.close()
        self.factory.reset()

    def within(self, s, **signs):
        """Wait until each sign has shown; return how long the slowest took, which may not be longer than ``s``."""
        started, waiting, took_s = time.monotonic(), dict(signs), 0.0
        while waiting and time.monotonic() - started < 5 * s * crowding():
            self.keeper.chores.look()
            self.keeper.chores.look_at_clock()
            for name in [name for name, shows in waiting.items() if shows()]:
                del waiting[name]
                took_s = time.monotonic() - started
            time.sleep(0.02)
        assert not waiting, (sorted(waiting), self.page(), self.lamp())
        assert took_s < s * crowding()
        return took_s


@pytest.fixture
def told(monkeypatch, tmp_path, caplog, sound_cards):
    """A recorder that is recording a call on a card; returns it and the card."""
    monkeypatch.setattr(gpiozero.Device, "pin_factory", MockFactory())
    card = sound_cards.add("card1", at_rate(np.tile(speech(20.0), 4), 16000), 16000)
    told = Told(tmp_path, caplog)
    told.thread.start()
    told.within(20.0, heard=lambda: told.page().lines and told.lamp() in (GREEN_LIT, RED_LIT))
    yield told, card
    told.end()


@pytest.mark.parametrize(("fail", "mend"), [("unplug", "plug_in"), ("stall", "resume")])
def test_a_card_that_is_lost_is_told_in_two_seconds_and_forgotten_when_it_is_back(told, fail, mend):
    told, card = told
    getattr(card, fail)()
    told.within(
        TOLD_S,
        lamp=lambda: told.lamp() == AMBER,
        page=lambda: any("Reception is not being recorded" in text for text in told.page().problems),
        log=lambda: told.logged("alarm: line (1)"),
    )
    getattr(card, mend)()
    told.within(
        MENDED_S,
        lamp=lambda: told.lamp() in (GREEN_LIT, RED_LIT),
        page=lambda: not told.page().problems,
        log=lambda: told.logged("alarm ended: line (1)"),
    )


@pytest.fixture
def small_disk(told):
    """The spool on a disk of its own, which can be filled and made read-only."""
    told, _ = told
    spool = told.keeper.folders.spool
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(spool)], check=False).returncode:
        pytest.skip("this machine mounts nothing")
    yield told, spool
    told.stopping.ask()
    told.thread.join(timeout=20)
    subprocess.run(["umount", "-l", str(spool)], check=True)


def fill(spool):
    (spool / "filler").write_bytes(bytes(3_900_000))


def empty(spool):
    (spool / "filler").unlink()


def protect(spool):
    subprocess.run(["mount", "-o", "remount,ro", str(spool)], check=True)


def free(spool):
    subprocess.run(["mount", "-o", "remount,rw", str(spool)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize(("fail", "mend"), [(fill, empty), (protect, free)])
def test_a_full_or_read_only_disk_is_told_and_what_was_said_meanwhile_arrives(small_disk, fail, mend):
    told, spool = small_disk
    fail(spool)
    told.within(
        TOLD_S + 1.0,  # it is looked at once a second
        lamp=lambda: told.lamp() == AMBER,
        page=lambda: any("cannot be written" in text for text in told.page().problems),
        log=lambda: told.logged("alarm: sealing"),
    )
    mend(spool)
    told.within(
        6.0,  # the next try may be five seconds away
        lamp=lambda: told.lamp() in (GREEN_LIT, RED_LIT),
        page=lambda: not told.page().problems,
        log=lambda: told.logged("alarm ended: sealing"),
    )


DEAD_S = 10.0


@pytest.mark.parametrize("value", [0.0, 0.2])
def test_a_card_that_delivers_zeros_or_a_constant_is_told_and_forgotten_when_it_hears(
    monkeypatch, tmp_path, caplog, sound_cards, value
):
    monkeypatch.setattr(gpiozero.Device, "pin_factory", MockFactory())
    sound = speech(60.0)
    sound[8 * RATE : 26 * RATE] = value
    sound_cards.add("card1", at_rate(sound, 16000), 16000)
    told = Told(tmp_path, caplog)
    told.thread.start()
    try:
        told.within(20.0, heard=lambda: told.lamp() in (GREEN_LIT, RED_LIT))
        told.within(
            8.0 + DEAD_S + TOLD_S,
            lamp=lambda: told.lamp() == AMBER,
            page=lambda: any("nothing but silence" in text for text in told.page().problems),
            log=lambda: told.logged("alarm: line (1)"),
        )
        told.within(
            8.0 + MENDED_S,
            lamp=lambda: told.lamp() in (GREEN_LIT, RED_LIT),
            page=lambda: not told.page().problems,
            log=lambda: told.logged("alarm ended: line (1)"),
        )
    finally:
        told.end()


def test_a_clock_that_nobody_vouches_for_is_told_and_forgotten_when_it_is_set(
    monkeypatch, tmp_path, caplog, sound_cards
):
    monkeypatch.setattr(gpiozero.Device, "pin_factory", MockFactory())
    sound_cards.add("card1", at_rate(np.tile(speech(20.0), 4), 16000), 16000)
    synchronised = tmp_path / "synchronized"
    synchronised.touch()
    told = Told(tmp_path, caplog, SystemClock(synchronised, rtc=tmp_path / "none"))
    told.thread.start()
    try:
        told.within(20.0, heard=lambda: told.lamp() in (GREEN_LIT, RED_LIT), sure=lambda: told.box_lamp() == DARK)
        synchronised.unlink()
        told.within(
            TOLD_S,
            lamp=lambda: told.box_lamp() == AMBER,
            page=lambda: any("does not know the time" in text for text in told.page().problems),
            log=lambda: told.logged("alarm: clock"),
        )
        told.within(8.0, recorded_all_the_same=lambda: told.lamp() == RED_LIT)
        synchronised.touch()
        told.within(
            MENDED_S,
            lamp=lambda: told.box_lamp() == DARK,
            page=lambda: not told.page().problems,
            log=lambda: told.logged("alarm ended: clock"),
        )
    finally:
        told.end()
