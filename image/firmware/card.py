"""The last stages: the board's root with the application on it, its file system, the card's image, and the update."""

from pathlib import Path

from image.firmware.release import BUILD, IMAGE, ROOT, Release
from image.firmware.stages import Stage
from image.firmware.tools import in_tools

SIGNING = BUILD / "signing"


def root_stage(release: Release, system: str, wheels: str, workshop: str) -> Stage:
    """Return the stage that puts the application on the root; the digests are of what it is put together from."""

    def make(path: Path) -> None:
        env = {**_epoch(release), "PYTHON": release.python, "WHEELS": "/build/wheels", "VERSION": release.version}
        in_tools(["/source/image/steps/assemble", "/build/rootfs.tar", f"/build/{path.name}"], "assemble", env)

    own = (ROOT / "appliance", ROOT / "systemd", ROOT / "docs", IMAGE / "overlay", IMAGE / "boot", IMAGE / "box")
    steps = (IMAGE / "steps" / "assemble", IMAGE / "steps" / "install")
    made_from = (system, wheels, workshop, release.version, SIGNING / "certificate.pem", *steps)
    return Stage("Application", BUILD / "root.tar", (*made_from, *own), make)


def filesystem_stage(release: Release, root: str) -> Stage:
    """Return the stage that makes the root's file system from the archive whose digest is ``root``."""

    def make(path: Path) -> None:
        env = {**_epoch(release), "ROOT_MIB": str(release.root_mib)}
        in_tools(["/source/image/steps/filesystem", "/build/root.tar", f"/build/{path.name}"], "filesystem", env)

    return Stage("File system", BUILD / "root.img", (root, IMAGE / "steps" / "filesystem"), make)


def card_stage(release: Release, filesystem: str) -> Stage:
    """Return the stage that makes the card's image from the file system whose digest is given."""
    sizes = {"FIRMWARE_MIB": str(release.firmware_mib), "ROOT_MIB": str(release.root_mib)}

    def make(path: Path) -> None:
        command = ["/source/image/steps/disk", "/build/root.tar", "/build/root.img", f"/build/{path.name}"]
        in_tools(command, "disk", {**_epoch(release), **sizes})

    return Stage("Card", BUILD / "linekeeper.img", (filesystem, repr(sizes), IMAGE / "steps" / "disk"), make)


def bundle_stage(release: Release, filesystem: str) -> Stage:
    """Return the stage that makes the update from the file system whose digest is given."""

    def make(path: Path) -> None:
        env = {**_epoch(release), "VERSION": release.version}
        in_tools(["/source/image/steps/bundle", "/build/root.img", f"/build/{path.name}"], "bundle", env)

    output = BUILD / f"linekeeper-{release.version}.raucb"
    return Stage("Update", output, (filesystem, SIGNING / "certificate.pem", IMAGE / "steps" / "bundle"), make)


def _epoch(release: Release) -> dict[str, str]:
    return {"SOURCE_DATE_EPOCH": str(release.epoch)}
