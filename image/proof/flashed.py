"""What of the card that was started is, to the byte, what is flashed; and what the test has changed."""

import filecmp
from collections.abc import Iterator
from pathlib import Path

from image.firmware.release import BUILD, read_release
from image.firmware.tools import in_tools
from image.proof.machine import BENCH, ProofFailed

CHANGED = {
    "kernel.env": "the kernel's command line, which names the test's console and unit",
    "linekeeper.toml": "the settings, as a technician writes them",
    "ubootefi.var": "the variables that U-Boot keeps for itself from its first start on",
}
"""Files of the card's small partition that are not as flashed."""

NOT_THE_BOARDS = (
    "not of the image: the board and its device tree (QEMU's, with the kernel's simulated GPIO chip), "
    "U-Boot's build for it, the sound cards (the kernel's loopback)"
)

_PIECE = 4 << 20

_UNPACK = """
set -e
cd /build/proof
export MTOOLSRC=/dev/null
rm -rf flashed started
mkdir flashed started
mcopy -s -i /build/linekeeper.img@@1M ::'*' flashed
mcopy -s -i card.img@@1M ::'*' started
"""


def compare_with_flashed(image: Path = BUILD / "linekeeper.img", card: Path = BENCH / "card.img") -> Iterator[str]:
    """Compare a card that has run, and is out of the board, with the image.

    Raises:
        ProofFailed: more differs than the test and U-Boot write.
    """
    release = read_release()
    begin, length = (1 + release.firmware_mib) << 20, release.root_mib << 20
    if (differs_at := first_difference(image, card, begin, length)) is not None:
        raise ProofFailed(f"The root that ran differs from what is flashed, {differs_at} bytes into its partition.")
    yield "to the byte as flashed: the whole root with kernel, initramfs and application"
    in_tools(["sh", "-c", _UNPACK], "flashed")
    differ = different_files(BENCH / "flashed", BENCH / "started")
    if surplus := differ - CHANGED.keys():
        raise ProofFailed(f"On the card's small partition {sorted(surplus)} have changed.")
    yield f"and the small partition, but for {'; '.join(CHANGED[name] for name in sorted(differ))}"
    yield NOT_THE_BOARDS


def first_difference(one: Path, other: Path, begin: int, length: int) -> int | None:
    """Return where two files first differ within ``length`` bytes from ``begin``, counted from there; None: nowhere."""
    with one.open("rb") as left, other.open("rb") as right:
        left.seek(begin)
        right.seek(begin)
        for at in range(0, length, _PIECE):
            size = min(_PIECE, length - at)
            here, there = left.read(size), right.read(size)
            if here != there:
                same = (index for index, (a, b) in enumerate(zip(here, there, strict=False)) if a != b)
                return at + next(same, min(len(here), len(there)))
    return None


def different_files(one: Path, other: Path) -> set[str]:
    """Return the paths within two folders of files that are in one only, or differ."""
    here, there = (
        {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()} for top in (one, other)
    )
    return here ^ there | {name for name in here & there if not filecmp.cmp(one / name, other / name, shallow=False)}
