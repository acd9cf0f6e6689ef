"""The keeper's rounds: what it does again and again by itself. One that fails does not stop the others."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from appliance.clock import Clock
from appliance.keeper.alarms import Alarms
from appliance.service import Stopping

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Round:
    """One thing to do every ``every_s`` seconds, first after ``first_s``. ``trouble`` is told to staff if it fails."""

    name: str
    every_s: float
    act: Callable[[], None]
    trouble: str
    first_s: float = 0.0


class Rounds:
    """Does its rounds one after the other, in a thread of its own or by hand."""

    def __init__(self, name: str, rounds: list[Round], alarms: Alarms, clock: Clock) -> None:
        """Plan ``rounds`` from now on."""
        self._rounds, self._alarms, self._clock = rounds, alarms, clock
        now_s = clock.monotonic()
        self._due_s = {one.name: now_s + one.first_s for one in rounds}
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._stopping = Stopping()

    def start(self) -> None:
        """Go on in a thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End after the round under way."""
        self._stopping.ask()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    @property
    def alive(self) -> bool:
        """Whether the thread still runs."""
        return self._thread.is_alive()

    def do_due(self) -> None:
        """Do every round whose time has come."""
        for one in self._rounds:
            if self._clock.monotonic() >= self._due_s[one.name] and not self._stopping.asked():
                self._do(one)
                self._due_s[one.name] = self._clock.monotonic() + one.every_s

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY_S):
            self.do_due()

    def _do(self, one: Round) -> None:
        try:
            one.act()
        except Exception:
            log.exception("the round “%s” failed and is tried again", one.name)
            self._alarms.raise_(f"round-{one.name}", one.trouble)
        else:
            self._alarms.clear(f"round-{one.name}")
