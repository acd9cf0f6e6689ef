"""Starting afresh: the button is held from power-on, by a finger on the test's own disk that pulls the pin down."""

import contextlib
import time
from collections.abc import Iterator

from image.box.afresh import HOLD_S, PIN
from image.firmware.tools import in_tools
from image.proof.inside import Box
from image.proof.machine import BENCH, SLOWEST, Machine, ProofFailed

_BEGINS_S = 240.0
_HOLD = '{"body":{"records":[{"released_at":null}]}}'
_VAULT = "/var/lib/linekeeper/vault"
_KEPT_IN_VAULT = f"{_VAULT}/of-the-test"
_AUTHORITY = "sha256sum </var/lib/linekeeper/tls/authority.pem"

# The pin's own resistor is switched to "up" when the box looks at the button: so the finger presses again and again.
_FINGER = f"""
import glob, pathlib, time

[pin] = glob.glob("/sys/devices/platform/gpio-sim*/gpiochip*/sim_gpio{PIN}/pull")
while True:
    pathlib.Path(pin).write_text("pull-down")
    time.sleep(0.01)
"""
_TO_DISK = "cd /build/proof && debugfs -w -R 'write finger finger' proof.img"


class AfreshProof:
    """A box with something on it; the button is held twice: while a call is on hold, and after that is over."""

    def __init__(self, machine: Machine) -> None:
        """The machine runs."""
        self._machine, self._box = machine, Box(machine)

    def carry_out(self) -> Iterator[str]:
        """Prove that a hold protects everything, and that without one nothing is left.

        Raises:
            ProofFailed: something else comes of it.
        """
        self._machine.said(f"mkdir -p {_VAULT}/holds && touch {_KEPT_IN_VAULT}")
        self._machine.said(f"echo '{_HOLD}' >{_VAULT}/holds/call.json && sync")
        before = self._marks()
        self._start_with_the_button_held()
        self._wait_for_word("on hold and must not be destroyed")
        if self._marks() != before or self._machine.run(f"ls {_KEPT_IN_VAULT}").code:
            raise ProofFailed("The button destroyed something though a call was on hold.")
        yield "the button held from power-on destroys nothing while a call is on hold, and says so"
        self._machine.said(f"rm {_VAULT}/holds/call.json && systemctl restart --no-block box-afresh")
        self._wait_for_word("DESTROY every recording, key, person and setting")
        self._wait_for_another(before)
        if self._machine.run(f"ls {_KEPT_IN_VAULT}").code == 0:
            raise ProofFailed("The vault of before is still there.")
        yield f"held for {HOLD_S:.0f} s without a hold: the data partition is new, and so are identity and certificate"
        self._wait_for_word("Let go of the button")
        if self._machine.run("grep -q BOOT_RESET=0 /boot/firmware/slots-1").code:
            raise ProofFailed("The box would start afresh once more.")
        yield "a button that is still held then starts nothing anew"

    def _marks(self) -> tuple[str, str]:
        self._machine.said(f"until test -s /var/lib/linekeeper/tls/authority.pem; do sleep 1; done; {_AUTHORITY}")
        return self._box.identity(), self._machine.said(_AUTHORITY)

    def _start_with_the_button_held(self) -> None:
        self._machine.cut_power()
        (BENCH / "finger").write_text(_FINGER, encoding="ascii")
        in_tools(["sh", "-c", _TO_DISK], "finger")
        self._machine.start()
        self._machine.wait_up()

    def _wait_for_word(self, words: str) -> None:
        self._box.until(f"journalctl -b -u box-afresh -o cat | grep -q '{words}'", 300, f"the box to say “{words}”")

    def _wait_for_another(self, before: tuple[str, str]) -> None:
        """Wait for the start that begins afresh."""
        end = time.monotonic() + _BEGINS_S * SLOWEST
        while time.monotonic() < end:
            with contextlib.suppress(ProofFailed, OSError):
                if self._box.identity() != before[0]:
                    break
            time.sleep(2.0)
        now = self._marks()
        if now[0] == before[0] or now[1] == before[1]:
            raise ProofFailed("The box did not begin afresh: its identity or its certificate is that of before.")
