"""Which root starts: what Linux and U-Boot's script tell each other through two small files on the FAT partition.

Each file is one sector in the form of U-Boot's ``env import -c``: CRC-32 (little endian), then ``NAME=value`` with a
zero byte after each, filled up with zeros. Of the two the first that is whole counts, and they are written one after
the other in place: so a power cut leaves one of them whole.
"""

import binascii
import contextlib
import os
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

FIRMWARE = Path("/boot/firmware")
COPIES = ("slots-1", "slots-2")
SIZE = 512
PROVEN = 9
"""Tries left of a root that is known to work: they are not counted down."""
TRIES = 3
"""Tries of one that was just installed."""

_crc = struct.Struct("<I")


class SlotsUnreadable(Exception):
    """The bytes are not a state, or were cut."""


@dataclass(frozen=True, slots=True)
class Slots:
    """``order``: which root is wanted first. ``left``: how often each may still be tried; none is one that is bad.

    ``afresh``: the next start makes the data partition anew.
    """

    order: tuple[str, ...] = ("A", "B")
    left: dict[str, int] = field(default_factory=lambda: {"A": PROVEN, "B": 0})
    afresh: bool = False

    def with_state(self, slot: str, *, good: bool) -> "Slots":
        """Return the state after a root has shown itself good, or is bad or about to be written."""
        return replace(self, left={**self.left, slot: PROVEN if good else 0})

    def with_primary(self, slot: str) -> "Slots":
        """Return the state in which a root is tried first, and the other when that comes to nothing."""
        left = {**self.left, slot: self.left[slot] or TRIES}
        return replace(self, order=(slot, *(other for other in self.order if other != slot)), left=left)

    def primary(self) -> str:
        """Return the root that starts next."""
        return next((slot for slot in self.order if self.left[slot]), self.order[0])

    def to_bytes(self) -> bytes:
        """Return the file's bytes."""
        words = {"BOOT_ORDER": " ".join(self.order), "BOOT_RESET": str(int(self.afresh))}
        words |= {f"BOOT_{slot}_LEFT": str(left) for slot, left in self.left.items()}
        body = b"".join(f"{name}={value}".encode("ascii") + b"\0" for name, value in sorted(words.items())) + b"\0"
        body = body.ljust(SIZE - _crc.size, b"\0")
        return _crc.pack(binascii.crc32(body)) + body

    @classmethod
    def from_bytes(cls, data: bytes) -> "Slots":
        """Read a file's bytes.

        Raises:
            SlotsUnreadable: they are not whole, or say what cannot be.
        """
        if len(data) != SIZE or _crc.unpack_from(data)[0] != binascii.crc32(data[_crc.size :]):
            raise SlotsUnreadable("a file of slots is damaged")
        try:
            lines = data[_crc.size :].split(b"\0\0", 1)[0].decode("ascii").split("\0")
            words = dict(line.split("=", 1) for line in lines)
            order = tuple(words["BOOT_ORDER"].split())
            left = {slot: int(words[f"BOOT_{slot}_LEFT"]) for slot in ("A", "B")}
        except (ValueError, KeyError) as wrong:
            raise SlotsUnreadable("a file of slots is not understood") from wrong
        if sorted(order) != sorted(left):
            raise SlotsUnreadable("a file of slots names other slots")
        return cls(order, left, words.get("BOOT_RESET") == "1")


def read_slots(folder: Path = FIRMWARE) -> Slots:
    """Read the first copy that is whole.

    Raises:
        SlotsUnreadable: there is none.
    """
    for name in COPIES:
        with contextlib.suppress(OSError, SlotsUnreadable):
            return Slots.from_bytes((folder / name).read_bytes())
    raise SlotsUnreadable(f"{folder} says nothing of the roots")


def write_slots(slots: Slots, folder: Path = FIRMWARE) -> None:
    """Write both copies, each on the card before the next is begun."""
    with _writable(folder):
        for name in COPIES:
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                os.pwrite(handle, slots.to_bytes(), 0)
                os.fsync(handle)
            finally:
                os.close(handle)


def running_slot(command_line: Path = Path("/proc/cmdline")) -> str:
    """Return the root that runs, as U-Boot told the kernel; "" where it told nothing."""
    words = command_line.read_text(encoding="ascii").split()
    return next((word.removeprefix("rauc.slot=") for word in words if word.startswith("rauc.slot=")), "")


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """The partition is read-only but for these moments."""
    if not os.statvfs(folder).f_flag & os.ST_RDONLY:
        yield
        return
    subprocess.run(["/usr/bin/mount", "-o", "remount,rw", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["/usr/bin/mount", "-o", "remount,ro", str(folder)], check=True)
