"""The box's journal when something does not hold: asked of the box, or read from its card when it answers no more.

It names nobody (docs/threat-model.md), so a test's log may show it.
"""

import contextlib

from image.firmware.tools import in_tools
from image.proof.machine import BENCH, Machine, ProofFailed

JOURNAL = BENCH / "journal.txt"
_CONSOLE_LINES = 15

_LOOK = """
systemctl list-jobs --no-legend --no-pager
systemctl --failed --no-legend --plain --no-pager
journalctl -b -p 4 -n 30 -o short-monotonic --no-pager"""

# The data partition, made whole as at the next start, is read without mounting it.
_FROM_CARD = """
set -e
cd /build/proof
start=$(sfdisk -d card.img | sed -n 's/.*start= *\\([0-9]*\\),.*name="data".*/\\1/p')
rm -rf journal data.img
mkdir journal
dd if=card.img of=data.img bs=1M iflag=skip_bytes skip=$((start * 512)) conv=sparse status=none
e2fsck -fy data.img || [ $? -lt 4 ]
debugfs -R 'rdump log/journal journal' data.img
rm data.img
journalctl -D journal/journal -o short-monotonic --no-pager >journal.txt
journalctl -D journal/journal -p 4 -n 30 -o short-monotonic --no-pager >warnings.txt
"""


def keep_journal(machine: Machine) -> str:
    """Keep the whole journal in ``JOURNAL``; return its last warnings, and the console's last lines."""
    try:
        warnings = machine.run(_LOOK, 120).out
        JOURNAL.write_text(machine.run("journalctl -o short-monotonic --no-pager").out, encoding="utf-8")
    except (ProofFailed, OSError):
        warnings = _from_card(machine)
    return f"{warnings}\n{_console()}\nThe box's whole journal: {JOURNAL}"


def _from_card(machine: Machine) -> str:
    machine.cut_power()
    try:
        in_tools(["sh", "-c", _FROM_CARD], "journal")
        return (BENCH / "warnings.txt").read_text(encoding="utf-8")
    except (SystemExit, OSError):
        return "There is no journal on the card."


def _console() -> str:
    with contextlib.suppress(OSError):
        lines = (BENCH / "console.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(["The console's last lines:", *lines[-_CONSOLE_LINES:]])
    return "The console said nothing."
