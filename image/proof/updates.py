"""``image/test-update``: a bundle of a stranger's, a good one with a power cut in the middle, and an unwell one."""

import contextlib
import json
import shutil
import socket
import sys
import time
from typing import Any

from image.firmware.release import BUILD, IMAGE
from image.firmware.signing import make_signing
from image.firmware.tools import in_tools
from image.proof import calls
from image.proof.afresh import AfreshProof
from image.proof.bench import lay_out
from image.proof.inside import Box
from image.proof.machine import BENCH, SLOWEST, Machine, ProofFailed
from image.proof.starts import check_starts
from image.proof.tally import Tally
from image.proof.trial import hold_trial

_UPDATES = "/var/lib/linekeeper/updates"
GOOD, UNWELL = "9.0.1", "9.0.2"
_MONITOR = "/build/proof/monitor.sock"

# The good one differs from what was flashed in the version it states. The other's services cannot start, and its
# patience with itself is shorter. debugfs changes files of a file system without mounting it.
_BUNDLES = """
set -e
cd /build/proof
change() { # VERSION COMMANDS
    cp --sparse=always /build/root.img next.img
    echo "$1" >release
    printf 'rm usr/share/linekeeper/release\\nwrite release usr/share/linekeeper/release\\n%s' "$2" >changes
    debugfs -w -f changes next.img >/dev/null 2>&1
}
[ -z "$(find disk/good.raucb stick.img -newer /build/root.img 2>/dev/null | sed -n 2p)" ] || exit 0
change "$GOOD" ''
VERSION=$GOOD /source/image/steps/bundle next.img disk/good.raucb
sed 's/health 300/health 90/' health.service >box-health.service
change "$UNWELL" 'rm opt/linekeeper/bin/linekeeper
rm usr/lib/systemd/system/box-health.service
write box-health.service usr/lib/systemd/system/box-health.service
'
mkdir -p stick
VERSION=$UNWELL /source/image/steps/bundle next.img "stick/linekeeper-$UNWELL.raucb"
truncate -s 1M next.img
VERSION=9.9 SIGNING=/build/stranger /source/image/steps/bundle next.img disk/stranger.raucb
rm -f next.img stick.img
truncate -s 1G stick.img
mkfs.fat -F 32 stick.img >/dev/null
mcopy -i stick.img "stick/linekeeper-$UNWELL.raucb" ::
rm -r stick
"""


def main() -> int:
    """Prove updates; 0 when everything holds."""
    stick = ("-drive", "if=none,id=stick,file=/build/proof/stick.img,format=raw,readonly=on", "-device", "qemu-xhci")
    monitor = ("-monitor", f"unix:{_MONITOR},server=on,wait=off")
    return hold_trial("image/test-update", 18453, UpdateProof, (*stick, *monitor))


class UpdateProof:
    """Update the image in QEMU, well and badly; each step says what it proved."""

    def __init__(self, machine: Machine, tally: Tally) -> None:
        """Count on ``tally``."""
        self._machine, self._box = machine, Box(machine)
        self._holds = tally.holds

    def carry_out(self) -> None:
        """Prove everything.

        Raises:
            ProofFailed: something does not hold.
        """
        self._lay_out()
        for words in check_starts():
            self._holds(words)
        self._machine.start()
        self._machine.wait_up()
        flashed = self._version()
        self._holds(f"the box runs {flashed} from root {self._root()}, as flashed")
        self._refuse_a_strangers()
        self._cut_in_the_middle(flashed)
        self._go_on_to_the_good_one()
        self._come_back_from_the_unwell_one()
        for words in AfreshProof(self._machine).carry_out():
            self._holds(words)
        if (self._root(), self._version()) != ("B", GOOD):
            raise ProofFailed(f"Root {self._root()} runs {self._version()} after starting afresh.")
        self._holds(f"{GOOD} still runs")

    def _lay_out(self) -> None:
        disk = BENCH / "disk"
        disk.mkdir(parents=True, exist_ok=True)
        calls.write(calls.nothing(), disk / "nothing.wav")
        if not (BUILD / "stranger").is_dir():
            make_signing("stranger", "a stranger")
        shutil.copyfile(IMAGE / "overlay/usr/lib/systemd/system/box-health.service", BENCH / "health.service")
        in_tools(
            ["sh", "-c", _BUNDLES], "bundles", {"GOOD": GOOD, "UNWELL": UNWELL, "SOURCE_DATE_EPOCH": "1", "LEVEL": "1"}
        )
        lay_out(proof_mib=1024)

    def _refuse_a_strangers(self) -> None:
        self._give("stranger")
        said = self._wait_for("refused", 300)
        if self._root() != "A" or "signed" not in said["text"]:
            raise ProofFailed(f"The stranger's update was refused as “{said['text']}”.")
        self._holds(f"a bundle that somebody else signed: “{said['text']}”")

    def _cut_in_the_middle(self, flashed: str) -> None:
        self._give("good")
        self._wait_for("installing", 300)
        self._box.sleep(10)
        if self._said()["stage"] != "installing":
            raise ProofFailed("The update was installed before the plug was pulled.")
        self._machine.cut_power()
        self._machine.start()
        self._machine.wait_up()
        if (self._root(), self._version()) != ("A", flashed):
            raise ProofFailed(f"After the power cut root {self._root()} started, with {self._version()}.")
        self._holds(f"the plug was pulled while {GOOD} was being installed: {flashed} runs from root A")

    def _go_on_to_the_good_one(self) -> None:
        said = self._wait_for("done", 1500)
        if (self._root(), self._version(), said["version"]) != ("B", GOOD, GOOD):
            raise ProofFailed(f"Root {self._root()} runs {self._version()} after the update.")
        self._holds(f"the update went on by itself; {GOOD} runs from root B, well and kept: “{said['text']}”")
        for words in self._box.check_started():
            self._holds(words)

    def _come_back_from_the_unwell_one(self) -> None:
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(BENCH / "monitor.sock"))
            monitor.sendall(b"device_add usb-storage,drive=stick\n")
            time.sleep(1.0)
        self._wait_for("restarting", 900)
        self._holds(f"{UNWELL} was taken from a USB stick and installed in root A")
        said = self._wait_for("rolled back", 1500)
        if (self._root(), self._version()) != ("B", GOOD):
            raise ProofFailed(f"Root {self._root()} runs {self._version()} after an update that was not well.")
        self._holds(f"its services do not start, so {GOOD} runs again: “{said['text']}”")
        self._box.sleep(20)
        if self._said()["stage"] != "rolled back":
            raise ProofFailed("The stick that is still in brought the same update again.")
        self._holds("the stick is still in, and what was given up is not tried again")

    def _give(self, name: str) -> None:
        """Put an update where the site's half does."""
        given = f"{_UPDATES}/incoming"
        self._machine.said(f"cp /run/proof/{name}.raucb {given}/part && mv {given}/part {given}/update.raucb")

    def _wait_for(self, stage: str, timeout_s: float) -> dict[str, Any]:
        """Wait until the bulletin says ``stage``; the box may start again meanwhile."""
        end = time.monotonic() + timeout_s * SLOWEST
        said: dict[str, Any] = {}
        while time.monotonic() < end:
            with contextlib.suppress(ProofFailed, OSError, ValueError):
                said = self._said()
                if said["stage"] == stage:
                    return said
            time.sleep(3.0)
        raise ProofFailed(f"The bulletin says {said.get('stage')} ({said.get('text')}) and not {stage}.")

    def _said(self) -> dict[str, Any]:
        said = self._machine.said(f"cat {_UPDATES}/status.json", 60)
        return dict(json.loads(said))

    def _version(self) -> str:
        return self._machine.said("cat /usr/share/linekeeper/release")

    def _root(self) -> str:
        return self._machine.said("grep -o 'rauc.slot=.' /proc/cmdline").removeprefix("rauc.slot=")


if __name__ == "__main__":
    sys.exit(main())
