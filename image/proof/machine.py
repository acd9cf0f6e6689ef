"""A virtual board with the card in it: QEMU, a second disk for the test, and the test's hands inside."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from image.firmware.release import BUILD
from image.firmware.tools import CLEAN, entering

BENCH = BUILD / "proof"
"""Where everything of a test lies."""
INSIDE = "/build/proof"
"""The same, in the tools root."""
_UNIT = "opt/io.systemd.credentials/systemd.extra-unit.p.service"  # QEMU takes 55 characters at most

PATIENCE_S = 600.0
"""For one command in the box: its seconds are longer than this machine's, the more so the busier that one is."""


SLOWEST = 12
"""So many of this machine's seconds one of the box's may last."""


class ProofFailed(Exception):
    """The image is not as it should be; the text says what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command in the box said, and its exit code."""

    code: int
    out: str


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of this machine that lead to the box's."""

    https: int
    http: int
    closed: int


class Machine:
    """The board. ``start`` is plugging it in, ``cut_power`` is pulling the plug."""

    def __init__(self, ports: Ports, more: Sequence[str] = (), memory_mib: int = 1536) -> None:
        """Nothing runs yet. ``more`` are further words for QEMU."""
        self.ports, self._more, self._memory_mib = ports, more, memory_mib
        self._process: subprocess.Popen[bytes] | None = None
        self._hands: socket.socket | None = None
        self._said, self._asked = b"", 0
        self.started_at = 0.0
        self.processor_s = 0.0

    def start(self) -> None:
        """Plug it in."""
        for name in ("hands.sock", "console.log"):
            (BENCH / name).unlink(missing_ok=True)
        self.started_at = time.monotonic()
        self._process = subprocess.Popen(
            entering(self._command()),
            stdin=subprocess.DEVNULL,
            stdout=(BENCH / "qemu.log").open("ab"),
            stderr=subprocess.STDOUT,
            env={**os.environ, **CLEAN},
        )

    def cut_power(self) -> None:
        """Pull the plug: the machine is killed, what it had not written is lost."""
        if self._hands is not None:
            self._hands.close()
            self._hands = None
        if self._process is not None:
            self.processor_s += _processor_s(self._process.pid)
            self._process.kill()
            self._process.wait()
            self._process = None

    def run(self, command: str, timeout_s: float = PATIENCE_S, *, leave: bool = False) -> Answer:
        """Run a shell command in the box as root; ``leave`` it running there and do not wait.

        Raises:
            ProofFailed: the box does not answer in time.
        """
        hands = self._reach(timeout_s)
        hands.settimeout(timeout_s)
        self._asked += 1
        hands.sendall(json.dumps({"id": self._asked, "run": command, "leave": leave}).encode() + b"\n")
        try:
            # What a box that was started again meanwhile, or was slow, still had to say is passed over.
            while (answer := self._next_line(hands)).get("id") != self._asked:
                pass
        except TimeoutError as wrong:
            self._let_go()
            raise ProofFailed(f"The box did not end “{command[:60]}” within {timeout_s:.0f} s.") from wrong
        return Answer(answer["code"], answer["out"])

    def said(self, command: str, timeout_s: float = PATIENCE_S) -> str:
        """Run a shell command and return what it says.

        Raises:
            ProofFailed: it failed.
        """
        answer = self.run(command, timeout_s)
        if answer.code:
            raise ProofFailed(f"“{command[:80]}” failed in the box ({answer.code}): {answer.out[-500:]}")
        return answer.out.strip()

    def wait_up(self, timeout_s: float = 4 * PATIENCE_S) -> float:
        """Wait until the test's hands answer; return how long that took.

        Raises:
            ProofFailed: they do not.
        """
        end = self.started_at + timeout_s
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                raise ProofFailed(f"The virtual machine ended by itself; see {BENCH / 'qemu.log'}.")
            try:
                self.run("true", 20.0)
            except (ProofFailed, OSError):
                self._let_go()
                time.sleep(1.0)
            else:
                return time.monotonic() - self.started_at
        raise ProofFailed(f"The box was not up after {timeout_s:.0f} s; see {BENCH / 'console.log'}.")

    def _next_line(self, hands: socket.socket) -> dict[str, Any]:
        while b"\n" not in self._said:
            if not (piece := hands.recv(65536)):
                raise TimeoutError
            self._said += piece
        line, self._said = self._said.split(b"\n", 1)
        try:
            return dict(json.loads(line))
        except ValueError:
            return {}  # half of an answer, from before a start

    def _reach(self, timeout_s: float) -> socket.socket:
        if self._hands is None:
            self._hands, self._said = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), b""
            self._hands.settimeout(timeout_s)
            self._hands.connect(str(BENCH / "hands.sock"))
        return self._hands

    def _let_go(self) -> None:
        if self._hands is not None:
            self._hands.close()
        self._hands = None

    def _command(self) -> list[str]:
        forwards = "".join(
            f",hostfwd=tcp:127.0.0.1:{here}-:{there}"
            for here, there in ((self.ports.https, 443), (self.ports.http, 80), (self.ports.closed, 9999))
        )
        return [
            *("qemu-system-aarch64", "-M", "virt,gic-version=2", "-cpu", "cortex-a72"),
            *("-m", str(self._memory_mib)),
            # One processor, and its time is counted in instructions, a nanosecond each: on a busy machine all is slow,
            # for the box too, but no sound is lost and no watchdog bites that would not on a quiet one.
            *(
                "-accel",
                "tcg,thread=single,tb-size=512",
                "-smp",
                "1",
                "-icount",
                "shift=0,sleep=on",
                "-rtc",
                "clock=vm",
            ),
            # U-Boot as on a board, but built for this one: it reads the card's script and starts the root that is due.
            *("-dtb", f"{INSIDE}/board.dtb", "-bios", "/usr/lib/u-boot/qemu_arm64/u-boot.bin"),
            *(
                "-drive",
                f"if=none,id=card,file={INSIDE}/card.img,format=raw,discard=unmap,detect-zeroes=unmap",
            ),
            *("-device", "virtio-blk-pci,drive=card"),
            *("-drive", f"if=none,id=proof,file={INSIDE}/proof.img,format=raw,readonly=on"),
            *("-device", "virtio-blk-pci,drive=proof"),
            *("-netdev", f"user,id=lan{forwards}", "-device", "virtio-net-pci,netdev=lan"),
            *("-device", "virtio-rng-pci", "-device", "i6300esb"),
            *(
                "-device",
                "virtio-serial-pci",
                "-chardev",
                f"socket,id=hands,path={INSIDE}/hands.sock,server=on,wait=off",
            ),
            *("-device", "virtserialport,chardev=hands,name=proof"),
            *("-fw_cfg", f"name={_UNIT},file={INSIDE}/proof.service"),
            *("-display", "none", "-serial", f"file:{INSIDE}/console.log", "-monitor", "none"),
            *self._more,
        ]


def _processor_s(pid: int) -> float:
    """Return how long a process and those it started had the processor."""
    try:
        spent = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    ticks = int(spent[11]) + int(spent[12])
    return ticks / os.sysconf("SC_CLK_TCK") + sum(_processor_s(int(child)) for child in children)
