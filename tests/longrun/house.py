"""The three services of one box in one process, on a clock moved by hand; each may be killed, and the power cut."""

import gc
import math
import random
import threading
from datetime import timedelta

from werkzeug.serving import make_server

from appliance.clock import ClockQuality
from appliance.config import BackupConfig, Config, LineConfig, RecorderConfig, Tap, WebConfig
from appliance.files import usable_folder
from appliance.keeper.service import KeeperService, allowed_uids
from appliance.link.client import Link
from appliance.link.server import LinkServer
from appliance.recorder import bulletin, memory
from appliance.recorder.instant import read
from appliance.recorder.service import RecorderService
from appliance.service import Stopping
from appliance.storage.backup import BackupRun
from appliance.storage.journalline import Act
from appliance.web.app import make_app
from longrun.machine import Machine, PowerLost
from longrun.wires import BLOCK_S, Cards
from waiting import free_port

NAMES = ("Reception", "Reception 2", "Back office", "Dispensary")
_BLOCKS_A_LOOK = 5
_BLOCKS_A_ROUND = 10
_COMMIT_S, _WRITE_BACK_S = 5.0, 30.0


class Recorder:
    """The recorder, turn by turn as its threads would take them."""

    def __init__(self, config, clock, wires, hand):
        self._service = RecorderService(config, clock, Cards(wires), hand)
        self._clock, self._hand, self._turns = clock, hand, 0
        self._diary = self._service._diary
        for worker in self._service._workers:
            worker._stopping.wait = lambda _s: False  # the pause before a tap is opened again

    def turn(self):
        self._turns += 1
        for worker in self._service._workers:
            worker.turn()
        if self._turns % _BLOCKS_A_LOOK == 0:
            self._service._look()
        if self._turns % 2 == 0 and self._diary._diary.write(self._diary._notes(), read(self._clock)):
            for line in self._diary._lines:
                line.retell.set()

    def stop(self):
        """It was asked to end."""
        self._service._bulletin.remember(self._service._nows())
        for worker in self._service._workers:
            worker._stopping.set()
            worker._run()
        self._diary._diary.end(self._diary._notes(), read(self._clock))
        self._service._controls.close()
        self.kill()

    def kill(self):
        self._hand.let_go()


class Keeper:
    """The keeper with its socket; its rounds by hand."""

    def __init__(self, config, clock, hand, hardness):
        self._stopping, self._hand = Stopping(), hand
        self.service = KeeperService(config, self._stopping, clock, hand, hardness)
        self._server = LinkServer(config.folders.keeper_socket, self.service.answers.answer, allowed_uids())
        self.service._write_down(Act.STARTED)
        self._server.start()

    def turn(self):
        for rounds in self.service._rounds:
            rounds.do_due()

    @property
    def alarms(self):
        return self.service.desk.alarms.standing()

    def stop(self):
        self._server.close()
        self.service._close()
        self._hand.let_go()

    def kill(self):
        self._server.close()
        self.service.desk.sessions.end_all()
        self.service.desk.tidy()
        self.service._owner.close()
        self._hand.let_go()


class Site:
    """The web application on a real socket of loopback."""

    def __init__(self, config, clock):
        self._link, self._stopping = Link(config.folders.keeper_socket), threading.Event()
        app = make_app(config, self._link, self._stopping, clock)
        self._server = make_server("127.0.0.1", config.web.port, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self):
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._link.close()


class House:
    """The box. ``world_s`` is how long the world has gone on, which no fault of the box's clock touches."""

    def __init__(self, folder, clock, seed, hardness):
        self.folder, self.clock, self._hardness = folder, clock, hardness
        self.usb = usable_folder(folder / "usb")
        lines = tuple(LineConfig(name, Tap.SIMULATED) for name in NAMES)
        self.config = Config(
            folder / "data",
            lines,
            web=WebConfig(port=free_port()),
            recorder=RecorderConfig(complexity=0),
            backup=BackupConfig(str(self.usb)),
        )
        usable_folder(self.config.folders.live)
        usable_folder(self.config.folders.spool)
        self.machine, self._chance = Machine(), random.Random(seed)
        self.began_at, self.world_s = clock.now().at, 0.0
        self.recorder = self.keeper = self.site = None
        self.wires, self._blocks, self._right_at_s = [], 0, None
        self._committed_s = self._written_back_s = 0.0
        self.start_keeper()
        self.site = Site(self.config, clock)

    # --- time -------------------------------------------------------------------------------------------------------

    def pass_block(self):
        """Let a block of the lines' time pass for all that runs."""
        self._blocks += 1
        self._pass(BLOCK_S)
        for wire in self.wires:
            wire.advance()
        if self.recorder is not None:
            self.recorder.turn()
        if self.keeper is not None and self._blocks % _BLOCKS_A_ROUND == 0:
            self.keeper.turn()

    def sleep(self, seconds, at_most_s):
        """Let time pass in which no line is listened to, the keeper doing its rounds at least each ``at_most_s``."""
        while seconds > 0:
            step_s = min(seconds, at_most_s)
            self._pass(step_s)
            self.keeper.turn()
            seconds -= step_s

    def wait(self, seconds):
        """Let time pass for whatever runs."""
        if self.recorder is None:
            self.sleep(seconds, seconds)
            return
        for _ in range(math.ceil(seconds / BLOCK_S)):
            self.pass_block()

    def _pass(self, seconds):
        self.world_s += seconds
        self.clock.advance(seconds)
        if self.world_s - self._committed_s >= _COMMIT_S:
            self._committed_s = self.world_s
            self.machine.commit()
        if self.world_s - self._written_back_s >= _WRITE_BACK_S:
            self._written_back_s = self.world_s
            self.machine.write_back()
        if self._right_at_s is not None and self.world_s >= self._right_at_s:
            self._right_at_s = None
            self.clock.jump(self.true_now(), ClockQuality.SYNCHRONISED)

    def true_now(self):
        return self.began_at + timedelta(seconds=self.world_s)

    # --- the services -----------------------------------------------------------------------------------------------

    def start_recorder(self):
        self.recorder = Recorder(self.config, self.clock, self.wires, self.machine.hand())

    def start_keeper(self):
        self.keeper = Keeper(self.config, self.clock, self.machine.hand(), self._hardness)

    def stop_recorder(self):
        self.recorder.stop()
        self.recorder = None

    def kill_recorder(self):
        self.recorder.kill()
        self.recorder = None

    def kill_keeper(self):
        self.keeper.kill()
        self.keeper = None
        gc.collect()

    def shut_down(self):
        """The box is asked to end, and is switched off."""
        if self.recorder is not None:
            self.stop_recorder()
        self.keeper.stop()
        self.keeper = None

    def cut(self, after_operations):
        """Cut the power after some more operations of the disk, at the latest some seconds from now."""
        self.machine.dies_in = after_operations
        try:
            for _ in range(50):
                self.pass_block()
        except PowerLost:
            pass
        self.machine.off = True
        for one in (self.recorder, self.keeper):
            if one is not None:
                one.kill()
        self.recorder = self.keeper = None
        gc.collect()
        self.machine.cut(self._chance.random())
        for name in (bulletin.FILE_NAME, memory.FILE_NAME):  # written without a sync: there, or empty
            if self._chance.random() < 0.25:
                (self.config.folders.live / name).write_bytes(b"")

    def boot(self, down_s, clock_right_after_s):
        """Switch on again after ``down_s``; with ``clock_right_after_s`` the clock stood still, and is unsure."""
        stood_at = self.clock.now().at
        for _ in range(round(down_s / BLOCK_S)):
            self.world_s += BLOCK_S
            for wire in self.wires:
                wire.advance()
        self.clock.reboot(down_s)
        self._right_at_s = None
        if clock_right_after_s:
            self.clock.jump(stood_at, ClockQuality.UNSURE)
            self._right_at_s = self.world_s + clock_right_after_s
        else:
            self.clock.jump(self.true_now(), ClockQuality.SYNCHRONISED)
        self.start_keeper()
        self.site.stop()
        self.site = Site(self.config, self.clock)

    def back_up(self):
        """The first backup, from the command line."""
        hand = self.machine.hand()
        outcome = BackupRun(self.config.folders.vault, self.usb, self.clock.now().at, hand).run()
        hand.let_go()
        return outcome

    def stop(self):
        self.shut_down()
        self.site.stop()
        gc.collect()
