"""The last two stages: the board's root with the application on it, and the card's image."""

from pathlib import Path

from image.firmware.release import BUILD, IMAGE, ROOT, Release
from image.firmware.stages import Stage
from image.firmware.tools import in_tools


def root_stage(release: Release, system: str, wheels: str) -> Stage:
    """Return the stage that puts the application on the root; the digests are of what it is put together from."""

    def make(path: Path) -> None:
        command = ["/source/image/steps/assemble", "/build/rootfs.tar", f"/build/{path.name}"]
        in_tools(command, "assemble", {**_epoch(release), "PYTHON": release.python, "WHEELS": "/build/wheels"})

    own = (ROOT / "appliance", ROOT / "systemd", ROOT / "docs", IMAGE / "overlay", IMAGE / "boot")
    return Stage("Application", BUILD / "root.tar", (system, wheels, IMAGE / "steps", *own), make)


def card_stage(release: Release, root: str) -> Stage:
    """Return the stage that makes the image from the root whose digest is ``root``."""
    sizes = {"FIRMWARE_MIB": str(release.firmware_mib), "ROOT_MIB": str(release.root_mib)}

    def make(path: Path) -> None:
        command = ["/source/image/steps/disk", "/build/root.tar", f"/build/{path.name}"]
        in_tools(command, "disk", {**_epoch(release), **sizes})

    return Stage("Card", BUILD / "linekeeper.img", (root, repr(sizes), IMAGE / "steps"), make)


def _epoch(release: Release) -> dict[str, str]:
    return {"SOURCE_DATE_EPOCH": str(release.epoch)}
