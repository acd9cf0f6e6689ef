"""Starting afresh: the button on the box, held from power-on, destroys all that was recorded and set.

Not where a call is on hold. It asks for fifteen seconds of holding, and says on the screen what it will destroy.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from image.box.slots import FIRMWARE, read_slots, write_slots

PIN = 26
"""BCM number; the button lies between it and ground."""
HOLD_S = 15.0
_SETTLES_S = 0.3  # a long wire to the button is slow to follow the pin's resistor
_VAULT = Path("/var/lib/linekeeper/vault")
_COMMAND_LINE = Path("/proc/cmdline")
_BEGUN = "systemd.factory_reset=1"
"""What U-Boot's script tells the kernel in the one start that makes the data partition anew."""


def watch(
    pressed: Callable[[], bool],
    tell: Callable[[str], None],
    vault: Path = _VAULT,
    folder: Path = FIRMWARE,
    command_line: Path = _COMMAND_LINE,
) -> bool:
    """Return whether the box is to start afresh: the button was held throughout, and nothing is on hold."""
    if not pressed():
        return False
    if _BEGUN in command_line.read_text(encoding="ascii").split() or not vault.is_dir():
        tell("There is nothing on this box yet. Let go of the button.")
        return False
    if held := calls_on_hold(vault):
        tell(
            f"{held} recordings are on hold and must not be destroyed: nothing is.\n"
            "The practice manager can release them after signing in."
        )
        return False
    tell(
        f"Keep holding for {HOLD_S:.0f} seconds to DESTROY every recording, key, person and setting on this box.\n"
        "This cannot be undone. Let go to keep everything."
    )
    if not _held_throughout(pressed):
        tell("Let go: nothing is destroyed.")
        return False
    write_slots(replace(read_slots(folder), afresh=True), folder)
    return True


def calls_on_hold(vault: Path) -> int:
    """Count the calls on hold. A file of holds that cannot be read counts: when unsure nothing is destroyed."""
    return sum(_stands(path) for path in (vault / "holds").glob("*.json"))


def restart() -> None:
    """Start again; U-Boot's script has systemd-repart make the data partition anew."""
    subprocess.run(["/usr/bin/systemctl", "reboot"], check=True)


def button() -> Callable[[], bool]:
    """Return what tells whether the button is pressed; on a machine without pins it never is."""
    try:
        import lgpio  # noqa: PLC0415  # of the application's own libraries, and only here

        chip = lgpio.gpiochip_open(0)
        lgpio.gpio_claim_input(chip, PIN, lgpio.SET_PULL_UP)
        time.sleep(_SETTLES_S)
    except Exception as missing:  # noqa: BLE001  # lgpio's own errors have no common root
        sys.stderr.write(f"No button: {missing}\n")
        return lambda: False
    return lambda: lgpio.gpio_read(chip, PIN) == 0


def _stands(path: Path) -> bool:
    try:
        records = json.loads(path.read_text(encoding="utf-8"))["body"]["records"]
        return any(record.get("released_at") is None for record in records)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return True


def _held_throughout(pressed: Callable[[], bool]) -> bool:
    end = time.monotonic() + HOLD_S
    while time.monotonic() < end:
        if not pressed():
            return False
        time.sleep(0.2)
    return True
