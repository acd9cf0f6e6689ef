"""What the computer says of itself: temperature, supply, memory, uptime, as read from /sys and /proc.

A Raspberry Pi tells a supply that is too weak in two places: the firmware's ``get_throttled`` (bit 0 now, bit 16
since it was switched on) and the ``rpi_volt`` sensor's ``in0_lcrit_alarm``. Others say nothing.
"""

import contextlib
import os
from pathlib import Path

from appliance.model.health import Board

_UNDER_VOLTAGE, _UNDER_VOLTAGE_SEEN = 1 << 0, 1 << 16


class BoardReader:
    """Reads below ``root``, the whole machine's unless a test says otherwise."""

    def __init__(self, root: Path = Path("/")) -> None:
        """Read nothing yet."""
        self._root = root

    def read(self) -> Board:
        """Return what there is to know now."""
        memory = self._memory()
        now, seen = self._under_voltage()
        return Board(
            temperature_c=self._temperature_c(),
            under_voltage=now,
            under_voltage_seen=seen,
            memory_bytes=memory.get("MemTotal"),
            memory_free_bytes=memory.get("MemAvailable"),
            uptime_s=_number(self._first_word("proc/uptime")),
            load=self._load(),
        )

    def _temperature_c(self) -> float | None:
        """Return the hottest zone, in degrees: which of them is the processor differs by board."""
        found = (_number(_text(path)) for path in self._root.glob("sys/class/thermal/thermal_zone*/temp"))
        degrees = [thousandths / 1000.0 for thousandths in found if thousandths is not None]
        return max(degrees, default=None)

    def _under_voltage(self) -> tuple[bool | None, bool | None]:
        for path in sorted(self._root.glob("sys/devices/platform/soc/*/get_throttled")):
            with contextlib.suppress(ValueError):
                bits = int(_text(path), 16)
                return bool(bits & _UNDER_VOLTAGE), bool(bits & (_UNDER_VOLTAGE | _UNDER_VOLTAGE_SEEN))
        for name in sorted(self._root.glob("sys/class/hwmon/hwmon*/name")):
            if _text(name) == "rpi_volt":
                alarm = _text(name.with_name("in0_lcrit_alarm"))
                return (alarm == "1", None) if alarm else (None, None)
        return None, None

    def _memory(self) -> dict[str, int]:
        """Return /proc/meminfo in bytes."""
        found = {}
        for line in _text(self._root / "proc/meminfo").splitlines():
            name, _, rest = line.partition(":")
            kilobytes = _number(rest.split()[0] if rest.split() else "")
            if kilobytes is not None:
                found[name] = int(kilobytes) << 10
        return found

    def _load(self) -> float | None:
        load = _number(self._first_word("proc/loadavg"))
        return None if load is None else round(load / (os.cpu_count() or 1), 2)

    def _first_word(self, path: str) -> str:
        words = _text(self._root / path).split()
        return words[0] if words else ""


def _text(path: Path) -> str:
    """Return a file's text, empty where it is missing or cannot be read."""
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
