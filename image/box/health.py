"""After each start: is this root well? One that is being tried stays only if it is; otherwise the box goes back."""

import contextlib
import http.client
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from image.box.bulletin import Stage, publish, read_bulletin, running_version
from image.box.lines import read_lines, wait_until_quiet
from image.box.slots import PROVEN, Slots, SlotsUnreadable, read_slots, running_slot, write_slots

_QUIET_S = 10.0
_SERVICES = ("recorder", "keeper", "web", "front")
_NAME = "recorder.local"


def look(patience_s: float) -> int:
    """Check this start within ``patience_s`` and act on it; 0 when the root is well, or is known to work."""
    running = running_slot()
    slots = _slots(running)
    proven = slots.left.get(running) == PROVEN
    wrong = _in_the_end(patience_s, [] if proven else read_bulletin().well)
    if proven:
        _tell_of_going_back()
        if wrong:
            sys.stderr.write(f"This root is known to work, but now {wrong}.\n")
        return 0
    if not wrong:
        write_slots(_settled(slots, running))
        publish(Stage.DONE, running_version(), "The update is installed and works.")
        return 0
    sys.stderr.write(f"The update is given up: {wrong}.\n")
    wait_until_quiet(_QUIET_S)
    write_slots(slots.with_state(running, good=False))
    subprocess.run(["/usr/bin/systemctl", "reboot"], check=True)
    return 1


def _slots(running: str) -> Slots:
    """Where both copies are lost, the root that runs is the one that is known to work, and the only one."""
    try:
        return read_slots()
    except SlotsUnreadable:
        others = tuple(slot for slot in ("A", "B") if slot != running)
        begun = Slots((running, *others), {running: PROVEN, **dict.fromkeys(others, 0)})
        write_slots(begun)
        return begun


def _settled(slots: Slots, running: str) -> Slots:
    """The root that was tried is good, and comes first from now on."""
    return replace(slots.with_state(running, good=True), order=slots.with_primary(running).order)


def _tell_of_going_back() -> None:
    """After an update that did not start, or was not well, the older root finds what was to come."""
    said = read_bulletin()
    if said.stage in (Stage.INSTALLED, Stage.RESTARTING) and said.offered != running_version():
        publish(Stage.ROLLED_BACK, said.offered, "The update did not work on this box. The version before runs again.")


def _in_the_end(patience_s: float, heard_before: list[str]) -> str:
    end = time.monotonic() + patience_s
    while (wrong := what_is_wrong(heard_before)) and time.monotonic() < end:
        time.sleep(5.0)
    return wrong


def what_is_wrong(
    heard_before: list[str],
    is_active: Callable[[str], bool] | None = None,
    page: Callable[[], int] | None = None,
) -> str:
    """Say what keeps this root from being well; "" when it is: all services run, the lines are heard, a page comes.

    A page needs nginx, the certificate, the site, the link and the keeper.
    """
    for name in _SERVICES:
        if not (is_active or _is_active)(f"linekeeper-{name}.service"):
            return f"the {name} does not run"
    lines = read_lines()
    if lines is None:
        return "the recorder says nothing of its lines"
    if lost := set(heard_before) - set(lines.heard):
        return f"{len(lost)} of the lines that were heard before are not"
    status = (page or _page)()
    return "" if 200 <= status < 500 else f"the sign-in page does not come ({status})"


def _is_active(unit: str) -> bool:
    return subprocess.run(["/usr/bin/systemctl", "is-active", "--quiet", unit], check=False).returncode == 0


def _page() -> int:
    """Ask for the sign-in page as a browser would; the certificate is the box's own, made by itself."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", 443, timeout=60.0, context=trust)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/sign-in", headers={"Host": _NAME})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
