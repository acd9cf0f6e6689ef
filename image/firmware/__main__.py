"""``image/build``: every stage in its order, and what came of it."""

import argparse
import hashlib
import os
import sys
import time
from pathlib import Path

from image.firmware.card import card_stage, root_stage
from image.firmware.parts import write_parts
from image.firmware.release import BUILD, find_mirrors, read_release
from image.firmware.rootfs import rootfs_stage
from image.firmware.stages import carry_out, say
from image.firmware.tools import LOG, let_arm64_run, tools_stage, workshop_stage
from image.firmware.wheels import wheels_stage


def main() -> int:
    """Build the image; say where it lies, its size and its digest."""
    parser = argparse.ArgumentParser(prog="image/build", description="Build the card's image.")
    parser.add_argument("--cold", action="store_true", help="make every stage anew, even what is kept")
    cold = parser.parse_args().cold
    if os.geteuid() != 0:
        sys.exit("image/build makes whole Debian systems and has to be root: run it in a container or virtual machine.")
    os.umask(0o022)
    LOG.mkdir(parents=True, exist_ok=True)
    if cold:
        for stamp in BUILD.glob("*.made-from"):
            stamp.unlink()
    started = time.monotonic()
    image = build()
    say(f"Built in {time.monotonic() - started:.0f} s")
    describe(image)
    return 0


def build() -> Path:
    """Carry out all stages; return the image's path."""
    release, mirrors = read_release(), find_mirrors()
    carry_out(tools_stage(release, mirrors))
    let_arm64_run()
    system = carry_out(rootfs_stage(release, mirrors))
    workshop = carry_out(workshop_stage(release, mirrors))
    wheels = carry_out(wheels_stage(release, workshop))
    root = root_stage(release, system, wheels)
    whole = carry_out(root)
    write_parts(root.output, BUILD / "wheels", BUILD / "linekeeper.cdx.json", release)
    card = card_stage(release, whole)
    carry_out(card)
    return card.output


def describe(image: Path) -> None:
    """Print what a release note needs."""
    with image.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = image.stat()
    print(f"image   {image}")
    print(f"sha256  {digest}")
    print(f"size    {size.st_size / 1e6:.0f} MB, of which {size.st_blocks * 512 / 1e6:.0f} MB are not empty")
    print(f"parts   {BUILD / 'linekeeper.cdx.json'}")


if __name__ == "__main__":
    sys.exit(main())
