"""Lays out the test: a card as somebody would flash it and set it up, the board's device tree, the test's own disk."""

import shutil
from pathlib import Path

from image.firmware.release import BUILD
from image.firmware.tools import in_tools
from image.proof.machine import BENCH, INSIDE

CARD_BYTES = 8 * 10**9
GUEST = Path(__file__).parent / "guest"

SETTINGS = """\
folder = "/var/lib/linekeeper"

[web]
listen = "0.0.0.0"
port = 443
name = "recorder.local"

[recorder]
status_lamp = { red = 22, green = 23 }

[[line]]
name = "Reception"
card = "hw:CARD=Loopback,1"
channel = 0
lamp = { red = 17, green = 27 }
"""
"""What the technician writes on the card's small partition: one line, on the kernel's looped-back sound card."""

MORE_LINES = tuple(
    f"""
[[line]]
name = "Line {number}"
card = "hw:CARD=Loopback_{number - 1},1"
channel = 0
"""
    for number in (2, 3, 4)
)
"""Three more, each on a card of its own."""

# The virtual board says that it is a Pi 4, for that is where the pins' library looks; its GPIO chip is the kernel's
# simulated one, and the virtual machine's own is out of the way so that it is the first.
_BOARD = """
set -e
cd /build/proof
qemu-system-aarch64 -M virt,gic-version=2,dumpdtb=board.dtb -cpu cortex-a72 -smp 1 -m 1536 -nographic >/dev/null 2>&1
fdtput -t s board.dtb / model 'Raspberry Pi 4 Model B Rev 1.5'
fdtput -t s board.dtb /gpio-keys status disabled
fdtput -t s board.dtb /pl061@9030000 status disabled
fdtput -c board.dtb /system
fdtput -t x board.dtb /system linux,revision c03115
fdtput -cp board.dtb /gpio-sim/bank0
fdtput -t s board.dtb /gpio-sim compatible gpio-simulator
fdtput -t x board.dtb /gpio-sim/bank0 gpio-controller
fdtput -t x board.dtb /gpio-sim/bank0 '#gpio-cells' 2
fdtput -t x board.dtb /gpio-sim/bank0 ngpios 3a
fdtput -t s board.dtb /gpio-sim/bank0 gpio-sim,label pinctrl-bcm2711

export MTOOLSRC=/dev/null
mcopy -o -i card.img@@1M ::kernel.env .
sed -i -E 's/(console=[^ ]+|quiet|systemd.show_status=no) ?//g' kernel.env
sed -i 's/$/ console=ttyAMA0 systemd.wants=p.service/' kernel.env
mcopy -o -i card.img@@1M kernel.env linekeeper.toml ::
rm -f proof.img
truncate -s "${PROOF_MIB}M" proof.img
mke2fs -q -t ext4 -L PROOF -d disk proof.img
"""


def lay_out(image: Path = BUILD / "linekeeper.img", proof_mib: int = 32) -> None:
    """Make everything in ``BENCH`` anew; what is to be on the test's own disk is put into ``BENCH/disk`` before."""
    shutil.copyfile(GUEST / "proof.service", BENCH / "proof.service")
    for name in ("agent.py", "pair.py"):
        shutil.copyfile(GUEST / name, BENCH / "disk" / name)
    flash(image, BENCH / "card.img")
    (BENCH / "linekeeper.toml").write_text(SETTINGS, encoding="utf-8")
    in_tools(["sh", "-c", _BOARD], "proof", {"PROOF_MIB": str(proof_mib)})


def write_settings(text: str) -> None:
    """Write the settings on the card, which is out of the board."""
    (BENCH / "linekeeper.toml").write_text(text, encoding="utf-8")
    command = ["mcopy", "-o", "-i", f"{INSIDE}/card.img@@1M", f"{INSIDE}/linekeeper.toml", "::"]
    in_tools(command, "proof", {"MTOOLSRC": "/dev/null"})


def flash(image: Path, card: Path) -> None:
    """Write the image to a new card of ``CARD_BYTES``; its empty parts take no room."""
    card.unlink(missing_ok=True)
    with image.open("rb") as source, card.open("wb") as target:
        while piece := source.read(1 << 20):
            if any(piece):
                target.write(piece)
            else:
                target.seek(len(piece), 1)
        target.truncate(CARD_BYTES)
