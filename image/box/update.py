"""An update from the file that was given to the restart: checked, installed beside the root that runs, tried once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from image.box.bulletin import UPDATES, Stage, publish, running_version
from image.box.bundle import Bundle, BundleRefused, is_newer, read_bundle
from image.box.lines import read_lines, wait_until_quiet
from image.box.slots import PROVEN, read_slots, running_slot

GIVEN = Path("incoming/update.raucb")
"""Where the site's half puts an update: first under another name, then renamed."""
TAKEN = Path("taken.raucb")
"""The same file once it is root's alone: what is checked is what is installed."""
QUIET_S = 60.0
"""For so long no line has been busy when the box starts again."""


def update(folder: Path = UPDATES) -> None:
    """Install the update that is there, and start again with it. A refusal is published."""
    taken = take(folder)
    if taken is None:
        return
    offered = ""
    try:
        publish(Stage.CHECKING, "", "The update is being checked.", folder=folder)
        bundle = acceptable(read_bundle(taken))
        offered = bundle.version
        _install(bundle, folder)
    except BundleRefused as refused:
        publish(Stage.REFUSED, offered, str(refused), folder=folder)
        return
    finally:
        taken.unlink(missing_ok=True)
    _restart(offered, folder)


def take(folder: Path) -> Path | None:
    """Make the given file root's alone; None where there is none.

    One that was taken before a power cut is still there.
    """
    given, taken = folder / GIVEN, folder / TAKEN
    if given.is_symlink() or (given.exists() and not given.is_file()):
        given.unlink()
    if given.is_file():
        # A copy: whoever gave it may still have it open, and could change it after it was checked.
        part = folder / "taken.part"
        shutil.copyfile(given, part, follow_symlinks=False)
        os.chmod(part, 0o600)  # noqa: PTH101
        part.rename(taken)
        given.unlink()
    return taken if taken.is_file() else None


def acceptable(bundle: Bundle) -> Bundle:
    """Return the bundle if it may be installed now.

    Raises:
        BundleRefused: it is not newer, or the root that runs is itself being tried.
    """
    running = running_version()
    if not is_newer(bundle.version, running):
        raise BundleRefused(f"This is version {bundle.version}, and {running} runs already. Nothing was changed.")
    if read_slots().left.get(running_slot()) != PROVEN:
        raise BundleRefused("The last update is still being tried. Give the file again in ten minutes.")
    return bundle


def _install(bundle: Bundle, folder: Path) -> None:
    publish(Stage.WAITING, bundle.version, "The update is installed once no call is under way.", folder=folder)
    wait_until_quiet(10.0)
    publish(Stage.INSTALLING, bundle.version, "The update is being installed. Calls are recorded.", folder=folder)
    done = subprocess.run(["/usr/bin/rauc", "install", str(bundle.path)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)  # for the log; RAUC has left the root that runs as it was
        raise BundleRefused("The update could not be installed. The box goes on with the version it has.")


def _restart(version: str, folder: Path) -> None:
    publish(
        Stage.INSTALLED, version, "The box starts again when no call has been under way for a minute.", folder=folder
    )
    wait_until_quiet(QUIET_S)
    lines = read_lines()
    well = lines.heard if lines else []
    text = "The box starts again with the update, and goes back to the version before if it is not well."
    publish(Stage.RESTARTING, version, text, well, folder)
    subprocess.run(["/usr/bin/systemctl", "reboot"], check=True)
