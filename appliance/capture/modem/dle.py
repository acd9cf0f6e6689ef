"""DLE shielding (ITU-T V.253): sound and events share one stream of bytes, told apart by the byte DLE.

DLE DLE is one byte of sound that happens to be DLE, DLE SUB is two of them; DLE and any other character is an event.
A report of more than one character stands between DLE X and DLE full stop.
"""

from dataclasses import dataclass
from enum import StrEnum

DLE, ETX, SUB, ESC = 0x10, 0x03, 0x1A, 0x1B
_REPORT, _REPORT_END = ord("X"), ord(".")

ABORT = bytes([DLE, ord("!"), DLE, ESC, DLE, ETX])
"""Ends voice receive, however old the modem: at once, in order, and as modems before V.253 have it."""

LONGEST_REPORT = 1024
"""Bytes: caller display has at most some hundred. What is longer is a stream gone wrong."""


class Code(StrEnum):
    """The events that matter to a recorder; a modem reports many others, and each model its own."""

    RING = "R"
    PHONE_DOWN = "h"
    PHONE_UP = "H"
    EXTENSION_DOWN = "p"
    EXTENSION_UP = "P"
    LOOP_BROKEN = "l"
    LOOP_REVERSED = "L"
    OVERRUN = "o"
    END = "\x03"


@dataclass(frozen=True, slots=True)
class Sound:
    """Bytes of sound, unshielded."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """An event."""

    code: Code


@dataclass(frozen=True, slots=True)
class Report:
    """The text of a longer report: caller display."""

    text: str


Heard = Sound | Told | Report

_CODES = {ord(code): code for code in Code}


def shielded(data: bytes) -> bytes:
    """Return sound as it is sent: every DLE doubled."""
    return data.replace(b"\x10", b"\x10\x10")


class Unshield:
    """Takes the stream in pieces of any size, gives what it says in order. Nothing it may be fed makes it fail."""

    def __init__(self) -> None:
        """Begin in the middle of sound."""
        self._after_dle = False
        self._sound, self._heard = bytearray(), list[Heard]()
        self._report: bytearray | None = None

    def feed(self, data: bytes) -> list[Heard]:
        """Return what ``data`` completes."""
        at = 0
        while at < len(data):
            if self._after_dle:
                self._after_dle = False
                self._code(data[at])
                at += 1
                continue
            until = data.find(DLE, at)
            self._after_dle = until >= 0
            self._plain(data[at : until if until >= 0 else len(data)])
            at = until + 1 if until >= 0 else len(data)
        self._end_of_sound()
        heard, self._heard = self._heard, []
        return heard

    def _code(self, code: int) -> None:
        if code in (DLE, SUB):
            self._plain(bytes([DLE]) * (1 if code == DLE else 2))
        elif self._report is not None:
            if code == _REPORT_END:
                self._end_of_report()
        elif code == _REPORT:
            self._end_of_sound()
            self._report = bytearray()
        elif code in _CODES:
            self._end_of_sound()
            self._heard.append(Told(_CODES[code]))

    def _plain(self, data: bytes) -> None:
        if self._report is None:
            self._sound += data
            return
        self._report += data
        if len(self._report) > LONGEST_REPORT:  # it was none: from here on it is sound again
            self._report = None

    def _end_of_sound(self) -> None:
        if self._sound:
            self._heard.append(Sound(bytes(self._sound)))
            self._sound.clear()

    def _end_of_report(self) -> None:
        if self._report is not None:
            self._heard.append(Report(self._report.decode("ascii", errors="replace")))
        self._report = None
