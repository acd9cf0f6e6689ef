"""``image/build``: every stage in its order, and what came of it."""

import argparse
import hashlib
import os
import sys
import time
from pathlib import Path

from image.firmware.card import bundle_stage, card_stage, filesystem_stage, root_stage
from image.firmware.parts import write_parts
from image.firmware.release import BUILD, find_mirrors, read_release
from image.firmware.rootfs import rootfs_stage
from image.firmware.signing import can_sign, prepare_signing
from image.firmware.stages import carry_out, say
from image.firmware.tools import LOG, let_arm64_run, tools_stage, workshop_stage
from image.firmware.wheels import wheels_stage


def main() -> int:
    """Build the image; say where it lies, its size and its digest."""
    parser = argparse.ArgumentParser(prog="image/build", description="Build the card's image.")
    parser.add_argument("--cold", action="store_true", help="make every stage anew, even what is kept")
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="whose updates the box takes (a release's own)"
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help="the certificate's key, to sign the update with")
    args = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("image/build makes whole Debian systems and has to be root: run it in a container or virtual machine.")
    os.umask(0o022)
    LOG.mkdir(parents=True, exist_ok=True)
    if args.cold:
        for stamp in BUILD.glob("*.made-from"):
            stamp.unlink()
    started = time.monotonic()
    image, update = build(args.certificate, args.key)
    say(f"Built in {time.monotonic() - started:.0f} s")
    describe(image, update)
    return 0


def build(certificate: Path | None = None, key: Path | None = None) -> tuple[Path, Path | None]:
    """Carry out all stages; return the paths of the image and, where it could be signed, of the update."""
    release, mirrors = read_release(), find_mirrors()
    carry_out(tools_stage(release, mirrors))
    let_arm64_run()
    prepare_signing(certificate, key)
    system = carry_out(rootfs_stage(release, mirrors))
    workshop = carry_out(workshop_stage(release, mirrors))
    wheels = carry_out(wheels_stage(release, workshop))
    root = root_stage(release, system, wheels, workshop)
    whole = carry_out(root)
    write_parts(root.output, BUILD / "wheels", BUILD / "linekeeper.cdx.json", release)
    filesystem = carry_out(filesystem_stage(release, whole))
    card, bundle = card_stage(release, filesystem), bundle_stage(release, filesystem)
    carry_out(card)
    if not can_sign():
        say("Update: not made, for the certificate's key is not here")
        return card.output, None
    carry_out(bundle)
    return card.output, bundle.output


def describe(image: Path, update: Path | None) -> None:
    """Print what a release note needs."""
    with image.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = image.stat()
    print(f"image   {image}")
    print(f"sha256  {digest}")
    print(f"size    {size.st_size / 1e6:.0f} MB, of which {size.st_blocks * 512 / 1e6:.0f} MB are not empty")
    print(f"root    {(BUILD / 'root.img').stat().st_size / 1e6:.0f} MB")
    if update is not None:
        print(f"update  {update}, {update.stat().st_size / 1e6:.0f} MB")
    print(f"parts   {BUILD / 'linekeeper.cdx.json'}")


if __name__ == "__main__":
    sys.exit(main())
