"""The appliance's processes together: recorder, keeper, web, and nginx as the site's front door."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import tomli_w

from appliance.config import Config, to_toml_values
from appliance.files import alone, replace_quickly, usable_folder
from appliance.service import Stopping
from appliance.supervisor.child import Child, Program, python_program

LOOK_EVERY_S = 0.1
"""How often the processes are looked at: a killed one is noticed at once."""


class House:
    """Starts the processes in their order, keeps them running, and ends them in the order that loses nothing."""

    def __init__(self, config: Config, front: Callable[[], Program]) -> None:
        """Take the configuration every process will read; ``front`` makes the front door once the site can have one."""
        folders = config.folders
        for folder in (
            folders.root,
            folders.intake,
            folders.spool,
            folders.live,
            folders.run,
            folders.tls,
            folders.post,
        ):
            usable_folder(folder)
        busy = f"Linekeeper already runs on {folders.root}. Stop it, or choose another folder with --data."
        self._lock = alone(folders.root, busy)
        self._logs = usable_folder(folders.root / "log")
        own = _written(config, folders.run / "linekeeper.toml")
        arguments = ("--config", str(own))
        names = ["keeper", "recorder", "web"]
        if config.alarms.mail_to or config.alarms.webhook:
            names.append("post")
        self._children = [self._child(python_program(sys.executable, name, arguments)) for name in names]
        self._front = front

    def start(self) -> None:
        """Start everything; the recorder needs none of the others to begin listening."""
        for child in self._children:
            child.start()

    def open_front_door(self) -> None:
        """Start nginx."""
        child = self._child(self._front())
        child.start()
        self._children.append(child)

    def look(self) -> list[str]:
        """Start again what has ended; return what happened, in words."""
        return [words for child in self._children if (words := child.look())]

    def pids(self) -> dict[str, int]:
        """Return the process id of each program that runs now."""
        return {child.program.name: child.pid for child in self._children if child.pid is not None}

    def stop(self, say: Callable[[str], None]) -> None:
        """End everything: the site first, then the recorder (it closes a call properly), the keeper last."""
        order = {"nginx": 0, "web": 1, "post": 1, "recorder": 2, "keeper": 3}
        for child in sorted(self._children, key=lambda one: order[one.program.name]):
            child.ask_to_stop()
            if not child.wait_stopped():
                say(f"{child.program.name} did not end by itself and was killed")
        self._lock.close()

    def _child(self, program: Program) -> Child:
        return Child(program, self._logs / f"{program.name}.log", time.monotonic)


def watch(house: House, stopping: Stopping, tick: Callable[[], None], say: Callable[[str], None]) -> None:
    """Keep the house running until asked to stop; ``tick`` is called between looks."""
    while not stopping.wait(LOOK_EVERY_S):
        for words in house.look():
            say(words)
        tick()


def _written(config: Config, path: Path) -> Path:
    """Write the settings in force, for the processes to read."""
    replace_quickly(path, tomli_w.dumps(to_toml_values(config)).encode())
    return path
