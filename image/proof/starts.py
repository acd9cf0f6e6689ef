"""Which root U-Boot's script starts, tried with the real U-Boot and script, and with roots of two files each.

Their kernels are none, so each start fails and is tried again: a whole series of tries is seen in one run.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator

from image.box.slots import COPIES, PROVEN, SIZE, TRIES, Slots
from image.firmware.release import read_release
from image.firmware.tools import CLEAN, entering, in_tools
from image.proof.machine import BENCH, ProofFailed

STARTS = BENCH / "starts"
PATIENCE_S = 300.0
_INSIDE = "/build/proof/starts"

# The first partition is the image's own; the state of the roots, and what lies in the second root, are the test's.
_CARD = """
set -e
cd /build/proof/starts
export MTOOLSRC=/dev/null
dd if=/build/linekeeper.img of=fat bs=1M skip=1 count="$FIRMWARE_MIB" status=none
for copy in slots-1 slots-2; do mcopy -o -i fat "$copy" ::; done
for root in a b; do
    rm -rf "root-$root" "$root"
    mkdir -p "root-$root/boot"
    echo kernel >"root-$root/boot/vmlinuz"
    echo initrd >"root-$root/boot/initrd.img"
done
[ "$SECOND" = whole ] || rm root-b/boot/vmlinuz
for root in a b; do
    truncate -s 8M "$root"
    mke2fs -q -t ext4 -d "root-$root" "$root"
done
truncate -s "$((FIRMWARE_MIB + 20))M" card
sfdisk -q card <<END
label: gpt
start=1MiB, size=${FIRMWARE_MIB}MiB, type=uefi
size=8MiB, name=root-a
size=8MiB, name=root-b
END
dd if=fat of=card bs=1M seek=1 conv=notrunc status=none
dd if=a of=card bs=1M seek="$((1 + FIRMWARE_MIB))" conv=notrunc status=none
dd if=b of=card bs=1M seek="$((9 + FIRMWARE_MIB))" conv=notrunc status=none
"""


def check_starts() -> Iterator[str]:
    """Prove what is started, in which order and how often.

    Raises:
        ProofFailed: something else is.
    """
    fresh = Slots(("B", "A"), {"A": PROVEN, "B": TRIES})
    seen, left = _watch(fresh, 4, damaged=COPIES[0])
    _expect(seen, ["B", "B", "B", "A"], "a new root that never comes up")
    if left.left != {"A": PROVEN, "B": 0}:
        raise ProofFailed(f"The roots are left as {left}.")
    yield "U-Boot tries a new root three times and then starts the old one, with one copy of the state damaged"
    seen, left = _watch(Slots(("B", "A"), {"A": PROVEN, "B": PROVEN}, afresh=True), 2, second="without a kernel")
    _expect(seen, ["A", "A"], "a root without a kernel")
    asked = ["systemd.factory_reset=1" in words for _, words in seen]
    if asked != [True, False] or left.afresh:
        raise ProofFailed(f"Starting afresh was asked for {asked} in two starts.")
    yield "a root whose kernel cannot be read is passed over; starting afresh is asked for once"
    seen, _ = _watch(Slots(("A", "B"), {"A": 0, "B": 0}), 1)
    _expect(seen, ["A"], "no root that is left")
    yield "where no root is left both are tried again"


def _expect(seen: list[tuple[str, str]], roots: list[str], what: str) -> None:
    if [root for root, _ in seen] != roots:
        raise ProofFailed(f"With {what} U-Boot started {[root for root, _ in seen]} and not {roots}.")


def _watch(slots: Slots, starts: int, damaged: str = "", second: str = "whole") -> tuple[list[tuple[str, str]], Slots]:
    """Let U-Boot start from a card with this state; return the roots and command lines, and the state on the card."""
    shutil.rmtree(STARTS, ignore_errors=True)
    STARTS.mkdir(parents=True)
    for name in COPIES:
        (STARTS / name).write_bytes(bytes(SIZE) if name == damaged else slots.to_bytes())
    in_tools(["sh", "-c", _CARD], "starts", {"SECOND": second, "FIRMWARE_MIB": str(read_release().firmware_mib)})
    board = ("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-m", "512", "-display", "none")
    uboot = ("-bios", "/usr/lib/u-boot/qemu_arm64/u-boot.bin", "-serial", f"file:{_INSIDE}/console")
    card = ("-drive", f"if=none,id=card,file={_INSIDE}/card,format=raw", "-device", "virtio-blk-pci,drive=card")
    process = subprocess.Popen(
        entering([*board, *uboot, *card]),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **CLEAN},
    )
    try:
        seen = _wait_for_starts(starts)
    finally:
        process.kill()
        process.wait()
    in_tools(
        ["mcopy", "-o", "-i", f"{_INSIDE}/card@@1M", f"::{COPIES[0]}", f"{_INSIDE}/after"],
        "starts",
        {"MTOOLSRC": "/dev/null"},
    )
    return seen, Slots.from_bytes((STARTS / "after").read_bytes())


def _wait_for_starts(count: int) -> list[tuple[str, str]]:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        console = (STARTS / "console").read_text(errors="replace") if (STARTS / "console").exists() else ""
        seen = re.findall(r"^Starting root (.): (.*?)\r?$", console, re.MULTILINE)
        if len(seen) >= count:
            return seen[:count]
        time.sleep(1.0)
    raise ProofFailed(f"U-Boot started {len(seen)} roots and not {count}; see {STARTS / 'console'}.")
