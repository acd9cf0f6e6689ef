"""The voice modems that lines are tapped from: a thread for each port, which never gives up.

The one door to the serial ports. A modem is opened when its first line is, and again whenever it is lost.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import serial

from appliance.audio import Frame
from appliance.capture.modem.dialogue import CallerRead, Dialogue
from appliance.capture.modem.dle import ABORT, Code, Heard, Sound, Told
from appliance.capture.modem.modemline import ModemLine
from appliance.clock import Clock
from appliance.errors import LineFault
from appliance.events import CallerTold, HookEdge, LineSign, RingTold

_LOG = logging.getLogger(__name__)

BIT_RATE = 230_400
"""Of a modem behind a serial chip: 16 bits at 8 kHz want 160 kbit/s. One that is itself on USB takes no notice."""

_WAIT_S = 0.05
_WRITE_S = 1.0
_STOPS = 20  # reads of ``_WAIT_S``
_BACK_OFF_S = (0.2, 0.5, 1.0, 2.0)  # then every two seconds: it may be plugged in at any time
_SETTLED_S = 5.0  # sound for so long: the next trouble is a new one, and is answered at once
_MOST_WAITING = 3000  # frames and signs: a line that has not been read for five minutes has lost its reader


@dataclass(frozen=True, slots=True)
class _Trouble:
    text: str


_Record = Frame | LineSign | _Trouble

_HOOK = {Code.PHONE_UP: True, Code.EXTENSION_UP: True, Code.PHONE_DOWN: False, Code.EXTENSION_DOWN: False}


class Modems:
    """All voice modems."""

    def __init__(self, clock: Clock) -> None:
        """None is open yet."""
        self._clock = clock
        self._modems: dict[str, _Modem] = {}
        self._lock = threading.Lock()

    def tap(self, port: str, source: int = 0) -> "ModemTap":
        """Tap the line of the modem at ``port``; it need not be there yet."""
        with self._lock:
            if port not in self._modems:
                self._modems[port] = _Modem(port, source, self._clock)
            return ModemTap(self._modems[port])

    def close(self) -> None:
        """Let every modem go, at rest and in no call."""
        for modem in self._modems.values():
            modem.close()


class ModemTap:
    """A modem's line. Once it has raised ``LineFault`` it is dead: open another."""

    simulated = False

    def __init__(self, modem: "_Modem") -> None:
        """Listen to ``modem`` from now on."""
        self._modem = modem
        self._queue: queue.Queue[_Record] = queue.Queue(_MOST_WAITING)
        self._signs: list[LineSign] = []
        self._start: int | None = None
        self._trouble = ""
        modem.attach(self._queue)

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame, or None when none came within ``timeout_s``.

        Raises:
            LineFault: the modem is not there, went away, or does not do what it must.
        """
        if self._trouble:
            raise LineFault(self._trouble)
        while (record := self._next(timeout_s)) is not None:
            if isinstance(record, _Trouble):
                self._trouble = record.text
                raise LineFault(record.text)
            if isinstance(record, Frame):
                self._start = record.position if self._start is None else self._start
                return Frame(record.position - self._start, record.samples, record.lost)
            self._signs.append(record)
        return None

    def signs(self) -> Sequence[LineSign]:
        """Return what the modem told of its line since the last call."""
        signs, self._signs = self._signs, []
        return [_moved(sign, self._start or 0) for sign in signs]

    def close(self) -> None:
        """Let the line go; the modem stays open for the next tap."""
        self._modem.detach(self._queue)

    def _next(self, timeout_s: float) -> _Record | None:
        try:
            return self._queue.get(timeout=timeout_s) if timeout_s > 0 else self._queue.get_nowait()
        except queue.Empty:
            return self._modem.trouble


class _Modem:
    """One port: a thread that keeps it talking and hands what it hears to its tap."""

    def __init__(self, port: str, source: int, clock: Clock) -> None:
        self._port, self._source, self._clock = port, source, clock
        self._tap: queue.Queue[_Record] | None = None
        self.trouble: _Trouble | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_going, name=f"modem {port}", daemon=True)
        self._thread.start()

    def attach(self, tap: "queue.Queue[_Record]") -> None:
        """Give ``tap`` all that comes from now on."""
        with self._lock:
            self._tap = tap

    def detach(self, tap: "queue.Queue[_Record]") -> None:
        with self._lock:
            if self._tap is tap:
                self._tap = None

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def _keep_going(self) -> None:
        failures = 0
        while not self._closing.is_set():
            began_s = self._clock.monotonic()
            try:
                self._session()
            except (LineFault, OSError) as wrong:
                # The words of a system error name the port only; what the modem said is in none of them.
                foreseen = isinstance(wrong, LineFault)
                self._lost(str(wrong) if foreseen else f"The modem {self._port} is not there. Is it plugged in?")
            except Exception:  # noqa: BLE001 - the top of the thread: whatever failed, the modem is begun again
                _LOG.exception("the modem %s failed; it is begun again", self._port)
                self._lost("The modem’s reader failed. It is started again.")
            settled = self._clock.monotonic() - began_s > _SETTLED_S
            failures = 0 if settled else failures + 1
            self._closing.wait(_BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)])

    def _session(self) -> None:
        """Open the port and listen until it is lost.

        Raises:
            LineFault, OSError: it is.
        """
        with self._opened() as port:
            dialogue, line = Dialogue(self._source, self._clock.monotonic()), None
            while not self._closing.is_set():
                port.write(dialogue.to_send())
                data = port.read(max(1, port.in_waiting))
                now_s = self._clock.monotonic()
                heard = dialogue.feed(data, now_s) if data else []
                if line is None and dialogue.form is not None:
                    line = ModemLine(dialogue.form)
                    self._flows(knows_callers=dialogue.knows_callers)
                for one in heard:
                    self._hand_on(one, line, now_s)
                dialogue.tick(now_s)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[serial.Serial]:
        port = serial.Serial(self._port, BIT_RATE, timeout=_WAIT_S, write_timeout=_WRITE_S, exclusive=True)
        try:
            yield port
        finally:
            with contextlib.suppress(OSError):
                port.write(ABORT)
                for _ in range(_STOPS):  # it takes no command before it has stopped
                    if not port.read(4096):
                        break
                port.write(b"ATZ\r")
            with contextlib.suppress(OSError):
                port.close()

    def _hand_on(self, one: Heard | CallerRead, line: ModemLine | None, now_s: float) -> None:
        at = line.position if line else 0
        if isinstance(one, Sound):
            for frame in line.push(one.data, now_s) if line else ():
                self._put(frame)
        elif isinstance(one, CallerRead):
            self._put(CallerTold(at, one.caller))
        elif isinstance(one, Told):
            self._told(one.code, at, line)

    def _told(self, code: Code, at: int, line: ModemLine | None) -> None:
        if code is Code.RING:
            self._put(RingTold(at))
        elif code in _HOOK:
            self._put(HookEdge(at, _HOOK[code]))
        elif code is Code.OVERRUN and line is not None:
            _LOG.warning("the modem %s lost sound: the machine did not take it in time", self._port)
            line.overran()

    def _flows(self, *, knows_callers: bool) -> None:
        self.trouble = None
        _LOG.info("the modem %s listens", self._port)
        if not knows_callers:
            _LOG.warning("the modem %s reports no callers’ numbers: they are looked for in the sound", self._port)

    def _lost(self, text: str) -> None:
        if self._closing.is_set():
            return
        if self.trouble is None:
            _LOG.warning("%s", text)
        self.trouble = _Trouble(text)
        self._put(self.trouble)

    def _put(self, record: _Record) -> None:
        with self._lock:
            if self._tap is not None:
                with contextlib.suppress(queue.Full):
                    self._tap.put_nowait(record)


def _moved(sign: LineSign, start: int) -> LineSign:
    """Return a sign in the positions of a tap that began at ``start`` of the modem's."""
    return replace(sign, at=max(0, sign.at - start))
