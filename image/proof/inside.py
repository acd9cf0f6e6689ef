"""What is looked at inside the box, through the test's hands there."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from image.proof.machine import SLOWEST, Machine, ProofFailed
from image.proof.walls import as_service

SERVICES = ("recorder", "keeper", "web", "front")
_PINS = "/sys/devices/platform/gpio-sim*/gpiochip*"
RED, GREEN = 17, 27
CARDS = ("Loopback", "Loopback_1", "Loopback_2", "Loopback_3")
"""As the kernel names four of a kind."""
_LIVE = "/var/lib/linekeeper/live/recorder.json"
# GPIO_V2_GET_LINEINFO of linux/gpio.h: the line's number goes in at byte 64, the holder's name comes out at byte 32.
_HOLDER = f"""
import fcntl, os, struct
line = bytearray(256)
struct.pack_into("<I", line, 64, {RED})
fcntl.ioctl(os.open("/dev/gpiochip0", os.O_RDWR), 0xC100B405, line)
print(line[32:64].rstrip(bytes(1)).decode())"""
_WORD = '"state":"{}"'


@dataclass(frozen=True, slots=True)
class Lit:
    """Which colours of the line's lamp have current, as the pin's chip says."""

    red: bool
    green: bool


class Box:
    """The booted box."""

    def __init__(self, machine: Machine) -> None:
        """Look into ``machine``."""
        self._machine = machine

    def check_started(self) -> Iterator[str]:
        """Prove that everything runs and nothing has failed.

        Raises:
            ProofFailed: it does not.
        """
        self._wait_for_services()
        failed = self._said("systemctl --failed --no-legend --plain")
        if failed:
            raise ProofFailed(f"These units have failed: {failed}")
        yield "no unit has failed"
        listening = self._said("systemctl show --property ActiveEnterTimestampMonotonic --value linekeeper-recorder")
        yield f"the recorder was ready {int(listening) / 1e6:.0f} s after the kernel started"
        yield self.memory()

    def check_root(self) -> Iterator[str]:
        """Prove that the root cannot be written and that the data partition has the rest of the card.

        Raises:
            ProofFailed: it can, or it has not.
        """
        if self._machine.run("touch /etc/written").code == 0:
            raise ProofFailed("The root can be written to.")
        yield f"the root is read-only, {self._said('df -h --output=used / | tail -1')} used"
        size = int(self._said("df -B1 --output=size /var | tail -1"))
        if size < 3e9:
            raise ProofFailed(f"The data partition has {size / 1e9:.1f} GB only.")
        yield f"the data partition was made at the first start: {size / 1e9:.1f} GB"
        doors = self._said("awk -F: '$2 !~ /^[!*]/' /etc/shadow; ls /usr/sbin/sshd 2>/dev/null; true")
        if doors:
            raise ProofFailed(f"Somebody can sign in at the box: {doors}")
        yield "nobody can sign in: every password is locked, and there is no ssh"
        watched = self._said("cat /sys/class/watchdog/watchdog0/state")
        if watched != "active":
            raise ProofFailed(f"The watchdog is {watched}.")
        yield "the board's watchdog is armed"

    def check_firewall(self) -> Iterator[str]:
        """Prove that only the site's ports answer, and that the box can call nobody.

        Raises:
            ProofFailed: another does.
        """
        self._machine.run("python3 -m http.server 9999", leave=True)
        self.until("ss -ltn | grep -q :9999", 30, "a server for the test to be refused")
        # QEMU itself accepts; what counts is whether anything comes back.
        if _answers(self._machine.ports.closed):
            raise ProofFailed("Port 9999 answers, though only 80 and 443 may.")
        if not _answers(self._machine.ports.http):
            raise ProofFailed("Port 80 does not answer.")
        yield "port 80 answers; a server that listens on another port is not reached"
        out = self._machine.run("timeout 5 python3 -c 'import socket; socket.create_connection((\"10.0.2.2\", 22), 3)'")
        if out.code == 0 or "refused" in out.out.lower():
            raise ProofFailed("The box can call others.")
        yield "the box itself can call nobody"

    def memory(self) -> str:
        """Say how much memory the services take, each page that processes share counted once (PSS)."""
        sizes = {name: int(self._said(self._memory(name))) / 1e6 for name in SERVICES}
        used = int(self._said("awk '/^MemTotal|^MemAvailable/ { s = $2 - s } END { print -s * 1024 }' /proc/meminfo"))
        each = ", ".join(f"{name} {size:.0f}" for name, size in sizes.items())
        total = sum(sizes.values())
        return f"memory of the services: {total:.0f} MB ({each}); in use on the whole box: {used / 1e6:.0f} MB"

    def check_sums(self) -> Iterator[str]:
        """Prove that the journal and all that was kept add up, as "linekeeper verify" says.

        Raises:
            ProofFailed: they do not.
        """
        found = as_service(
            self._machine, "keeper", "/opt/linekeeper/bin/linekeeper verify --config /etc/linekeeper.toml"
        )
        if found.code:
            raise ProofFailed(f"What was kept does not add up: {found.out}")
        yield f"what was kept adds up: {'; '.join(found.out.splitlines())}"

    def play(self, name: str, *, card: str = CARDS[0]) -> None:
        """Put one of the test's sounds on the pair of wires at a card."""
        self._machine.said(f"cp /run/proof/{name}.wav /run/part.wav && mv /run/part.wav /run/pair-{card}.wav")

    def sleep(self, seconds: float) -> None:
        """Let so much of the box's own time pass."""
        self._machine.said(f"sleep {seconds}")

    def now(self) -> float:
        """Return what the box's clock says, in seconds since 1970."""
        return float(self._said("date +%s.%N"))

    def wait_for_line(self, state: str, timeout_s: float) -> None:
        """Watch the recorder's own word on the line until it is ``state``.

        Raises:
            ProofFailed: it is not in time.
        """
        self.until(f"grep -q '{_WORD.format(state)}' {_LIVE}", timeout_s, f"the line to be {state}")

    def wait_for_all_lines(self, state: str, timeout_s: float) -> None:
        """Watch the recorder's own word until all lines are ``state``.

        Raises:
            ProofFailed: they are not in time.
        """
        count = f"[ $(grep -o '{_WORD.format(state)}' {_LIVE} | wc -l) = {len(CARDS)} ]"
        self.until(count, timeout_s, f"all lines to be {state}")

    def lamp(self) -> Lit:
        """Look at the line's lamp."""
        red, green = self._said(f"cat {_PINS}/sim_gpio{RED}/value {_PINS}/sim_gpio{GREEN}/value").split()
        return Lit(red == "1", green == "1")

    def driver(self) -> str:
        """Say who drives the lamp's red pin: the library in the recorder's process, and the name the kernel has.

        Raises:
            ProofFailed: it is not lgpio.
        """
        main = self._said("systemctl show --property MainPID --value linekeeper-recorder")
        library = self._said(f"grep -o '[^/]*lgpio[^/]*\\.so' /proc/{main}/maps | sort -u | head -1")
        holder = self._said(f"python3 -c '{_HOLDER}'")
        if not (library and holder):
            raise ProofFailed(f"The pin is held by “{holder}”, and the recorder has “{library}” loaded.")
        return f"{library}; the kernel has it as held by “{holder}”"

    def identity(self) -> str:
        """Return the machine's identity."""
        return self._said("cat /etc/machine-id")

    def until(self, command: str, timeout_s: float, what: str) -> None:
        """Wait until ``command`` succeeds in the box; ``timeout_s`` are seconds of the box's.

        Raises:
            ProofFailed: it does not in time.
        """
        loop = f"end=$(($(cut -d. -f1 /proc/uptime) + {timeout_s:.0f}))\n"
        loop += f"until {command}; do [ $(cut -d. -f1 /proc/uptime) -lt $end ] || exit 1; sleep 1; done"
        if self._machine.run(loop, timeout_s * SLOWEST).code:
            raise ProofFailed(f"Waited {timeout_s:.0f} s for {what}.")

    def _wait_for_services(self) -> None:
        active = " && ".join(f"systemctl is-active --quiet linekeeper-{name}.service" for name in SERVICES)
        self.until(active, 600, "the services to run")
        self.until("systemctl is-system-running | grep -qE 'running|degraded'", 300, "the start to be over")

    def _memory(self, name: str) -> str:
        pids = f"$(cat /sys/fs/cgroup/system.slice/linekeeper-{name}.service/cgroup.procs)"
        each = f"for p in {pids}; do grep ^Pss: /proc/$p/smaps_rollup 2>/dev/null; done"
        return f"{each} | awk '{{ s += $2 }} END {{ print s * 1024 }}'"

    def _said(self, command: str) -> str:
        return self._machine.said(command)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return bool(connection.recv(1))
    return False
