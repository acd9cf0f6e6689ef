"""A USB voice modem without hardware: the modem's end of ITU-T V.253 on a pseudo-terminal, with a line behind it.

What happens on the line is queued with physical verbs (``ring``, ``announce``, ``lift``, ``talk``, ``hang_up``) and
comes out in its order once the modem listens. It fails as real ones do: no answer, nonsense, unplugged, sound lost,
a command it does not know, still in voice receive from before a crash.
"""

import contextlib
import os
import select
import threading
import time
import tty
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from appliance.audio import BLOCK, Samples, positions, seconds
from appliance.capture.modem.dle import DLE, ETX, shielded
from appliance.capture.modem.forms import Coding, Form

CONEXANT = (
    '0,"SIGNED PCM",8,0,8000,0,0',
    '1,"UNSIGNED PCM",8,0,8000,0,0',
    '129,"IMA ADPCM",4,0,(7200,8000,11025),0,0',
    '131,"u-Law",8,0,8000,0,0',
)
"""What a common chip answers to ``AT+VSM=?``; the words and columns differ by maker."""

LINEAR = ('128,"8-BIT LINEAR",8,0,(7200,8000,11025)(0)(0)', '129,"16-BIT LINEAR",16,0,(7200,8000,11025)(0)(0)')

_STEP_S = 0.002
_IDLE_NOISE = 0.0008


class VoiceModem:
    """The modem at ``port``, a name that stays when it is plugged in again. Runs in a thread until ``close``.

    ``speed`` is how many times faster than life its line goes. ``refuses`` are commands it answers with ERROR.
    """

    def __init__(
        self,
        port: Path,
        forms: Sequence[str] = LINEAR,
        speed: float = 1.0,
        refuses: Sequence[str] = (),
        *,
        in_voice: bool = False,
    ) -> None:
        """Plug it in; ``in_voice`` if it was left in voice receive."""
        self.port, self.commands = port, list[str]()
        self._forms, self._speed, self._refuses = tuple(forms), speed, tuple(refuses)
        self._line: deque[bytes | Samples] = deque()
        self._voice, self._form = in_voice, Form(129, Coding.LINEAR_16)
        self._silent = False
        self._typed = bytearray()
        self._sent_s = self._began_s = 0.0
        self._noise = np.random.default_rng(1)
        self._lock = threading.RLock()
        self._master: int | None = None
        self._slave: int | None = None
        self.plug_in()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="voice modem", daemon=True)
        self._thread.start()

    # --- what happens to it and its line ------------------------------------------------------------------------------

    def plug_in(self) -> None:
        """Make the port be there."""
        with self._lock:
            self._master, self._slave = os.openpty()
            tty.setraw(self._slave)
            os.set_blocking(self._master, False)
            self.port.unlink(missing_ok=True)
            self.port.symlink_to(os.ttyname(self._slave))

    def unplug(self) -> None:
        """Take the port away, in the middle of whatever it does; it comes back at rest."""
        with self._lock:
            for end in (self._master, self._slave):
                if end is not None:
                    os.close(end)
            self._master = self._slave = None
            self.port.unlink(missing_ok=True)
            self._voice = False

    def fall_silent(self) -> None:
        """Answer nothing and give nothing, as a modem that hangs."""
        self._silent = True

    def come_round(self) -> None:
        """Be well again, at rest."""
        self._silent, self._voice = False, False

    def end_sound(self) -> None:
        """End voice receive by itself, as some do when a call is over."""
        self._line.append(bytes([DLE, ETX]) + b"\r\nVCON\r\n")

    def blurt(self, nonsense: bytes) -> None:
        """Send ``nonsense`` now."""
        self._send(nonsense)

    def ring(self, cadences: int = 1) -> None:
        """Be rung: the two bursts and the pause of a UK cadence; each is told as the first burst ends."""
        for _ in range(cadences):
            self.talk(self._hum(0.4))
            self._line.append(bytes([DLE]) + b"R")
            self.talk(self._hum(0.2))
            self.talk(self._hum(0.4))
            self.talk(self._hum(2.0))

    def announce(self, number: str) -> None:
        """Be told a caller's ``number`` (P withheld, O unavailable), and pass it on as a report."""
        words = f"DATE = 1123\r\nTIME = 1633\r\nNMBR = {number}\r\n".encode()
        self._line.append(bytes([DLE]) + b"X" + words + bytes([DLE]) + b".")

    def lift(self) -> None:
        """Have an extension on the line lifted."""
        self._line.append(bytes([DLE]) + b"P")

    def hang_up(self) -> None:
        """Have it laid down."""
        self._line.append(bytes([DLE]) + b"p")

    def talk(self, samples: Samples) -> None:
        """Have ``samples`` on the line, 8 kHz, full scale 1."""
        for at in range(0, len(samples), BLOCK):
            self._line.append(samples[at : at + BLOCK])

    def overrun(self, lost: int) -> None:
        """Lose ``lost`` samples of what is on the line, and say so."""
        self._line.append(bytes([DLE]) + b"o")
        self._line.append(np.full(lost, np.nan, np.float32))

    def quiet(self, duration_s: float) -> None:
        """Let the line lie idle."""
        self.talk(self._hum(duration_s))

    def close(self) -> None:
        """End it."""
        self._closing.set()
        self._thread.join()
        self.unplug()

    # --- what it does -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing.wait(_STEP_S):
            with self._lock, contextlib.suppress(OSError):
                self._take()
                if self._voice and not self._silent:
                    self._sound()

    def _take(self) -> None:
        if self._master is None or not select.select([self._master], [], [], 0)[0]:
            return
        self._typed += os.read(self._master, 4096)
        if self._voice and DLE in self._typed:  # every abort begins with it
            self._voice = False
            self._typed.clear()
            self._send(bytes([DLE, ETX]) + b"\r\nOK\r\n")
            return
        while (end := self._typed.find(b"\r")) >= 0:
            command = self._typed[:end]
            del self._typed[: end + 1]
            at = command.upper().rfind(b"AT")  # what stands before it is no command
            if at >= 0 and not self._silent:
                self._obey(command[at:].decode("ascii", errors="replace"))

    def _obey(self, command: str) -> None:
        self.commands.append(command)
        if any(command.startswith(refused) for refused in self._refuses):
            self._send(b"\r\nERROR\r\n")
        elif command == "AT+VRX":
            self._send(b"\r\nCONNECT\r\n")
            self._voice, self._began_s, self._sent_s = True, time.monotonic(), 0.0
        elif command == "AT+VSM=?":
            self._send("".join(f"\r\n{form}" for form in self._forms).encode("latin-1") + b"\r\n\r\nOK\r\n")
        else:
            if command.startswith("AT+VSM="):
                self._form = self._chosen(int(command.removeprefix("AT+VSM=").split(",")[0]))
            self._send(b"\r\nOK\r\n")

    def _chosen(self, number: int) -> Form:
        name = next(form.upper() for form in self._forms if form.startswith(f"{number},"))
        coding = (
            Coding.MU_LAW if "U-LAW" in name
            else Coding.LINEAR_16 if "16-BIT" in name
            else Coding.SIGNED_8 if '"SIGNED' in name
            else Coding.UNSIGNED_8
        )  # fmt: skip
        return Form(number, coding)

    def _sound(self) -> None:
        """Send what is due of the line."""
        due_s = (time.monotonic() - self._began_s) * self._speed
        while self._sent_s < due_s and self._voice:
            piece = self._line.popleft() if self._line else self._hum(0.1)
            if isinstance(piece, bytes):
                self._send(piece)
                self._voice = piece[:2] != bytes([DLE, ETX])
                continue
            self._sent_s += seconds(len(piece))
            if not np.isnan(piece).any():
                self._send(shielded(coded(piece, self._form.coding)))

    def _send(self, data: bytes) -> None:
        while data and self._master is not None:
            if not select.select([], [self._master], [], 0.5)[1]:
                return  # nobody reads: what a modem's small buffer cannot hold is lost
            data = data[os.write(self._master, data) :]

    def _hum(self, duration_s: float) -> Samples:
        """Return an idle line: a little noise."""
        noise: Samples = self._noise.normal(0.0, _IDLE_NOISE, positions(duration_s)).astype(np.float32)
        return noise


def coded(samples: Samples, coding: Coding) -> bytes:
    """Return ``samples`` as a modem sends them, before shielding; the companded codes by the nearest value."""
    scaled = np.clip(samples, -1.0, 1.0 - 1 / 32768)
    if coding is Coding.LINEAR_16:
        return (scaled * 32768).astype("<i2").tobytes()
    if coding is Coding.UNSIGNED_8:
        return np.clip(np.round(scaled * 128) + 128, 0, 255).astype(np.uint8).tobytes()
    if coding is Coding.SIGNED_8:
        return np.clip(np.round(scaled * 128), -128, 127).astype(np.int8).tobytes()
    table = Form(0, coding).samples(bytes(range(256)))
    order = np.argsort(table, kind="stable")
    at = np.clip(np.searchsorted(table[order], scaled), 1, 255)
    nearer = np.abs(table[order[at - 1]] - scaled) <= np.abs(table[order[at]] - scaled)
    return order[np.where(nearer, at - 1, at)].astype(np.uint8).tobytes()
