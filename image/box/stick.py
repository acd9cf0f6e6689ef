"""A USB stick with an update on it: the newest that is newer than what runs is taken."""

import shutil
import subprocess
from pathlib import Path

from image.box.bulletin import UPDATES, Stage, given_up, publish, running_version
from image.box.bundle import Bundle, BundleRefused, is_newer, read_bundle
from image.box.update import TAKEN

MOUNTED = Path("/run/linekeeper-stick")


def look_at(device: str, folder: Path = UPDATES) -> None:
    """Look at one partition of a stick, read-only.

    Raises:
        CalledProcessError: it cannot be mounted.
    """
    MOUNTED.mkdir(exist_ok=True)
    options = "ro,nosuid,nodev,noexec"
    subprocess.run(["/usr/bin/mount", "-o", options, f"/dev/{Path(device).name}", str(MOUNTED)], check=True)
    try:
        found = newest(MOUNTED, given_up(folder))
        if found is not None:
            bring(found, folder)
    finally:
        subprocess.run(["/usr/bin/umount", str(MOUNTED)], check=True)


def newest(stick: Path, without: frozenset[str] = frozenset()) -> Bundle | None:
    """Return the newest update there that is signed for this box and newer than what runs.

    ``without`` are versions that are passed over: a stick that stays in must not bring the same one again and again.
    """
    running, best = running_version(), None
    for path in sorted(stick.glob("linekeeper-*.raucb")):
        try:
            bundle = read_bundle(path)
        except BundleRefused as refused:
            publish(Stage.REFUSED, "", f"{path.name}: {refused}")
            continue
        if bundle.version not in without and is_newer(bundle.version, best.version if best else running):
            best = bundle
    return best


def bring(bundle: Bundle, folder: Path) -> None:
    """Copy the update to the box's own card, where it is checked once more."""
    part = folder / "stick.part"
    try:
        shutil.copyfile(bundle.path, part)
    except OSError:
        part.unlink(missing_ok=True)
        publish(
            Stage.REFUSED, bundle.version, "There is no room for the update on the box, or the stick cannot be read."
        )
        return
    part.rename(folder / TAKEN)
