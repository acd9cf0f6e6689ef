"""The talk with a voice modem, from whatever state it is in to sound that flows; no port, no clock, no thread.

Bytes go in with the time, bytes come out, and what was heard. A modem may be silent, slow, talk nonsense, not know a
command, or still be in voice receive from before a crash: each wait has an end, and each end is tried again.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

from appliance.capture.modem.callertext import CallerText, is_caller_text
from appliance.capture.modem.dle import ABORT, Code, Heard, Report, Told, Unshield
from appliance.capture.modem.forms import Form, offered
from appliance.errors import LineFault
from appliance.model.calls import Caller

REPLY_S, TRIES = 2.0, 3
"""For one answer, and how often it is asked for."""

QUIET_S, WAKE_S = 0.25, 2.0
"""A modem that is told to stop has stopped when it is quiet so long; it is waited for so long."""

SILENT_S = 1.0
"""In voice receive bytes come all the time: after this long the modem has hung itself up or is gone."""

_LONGEST_LINE = 512
_DONE, _FAILED = frozenset({"OK", "VCON"}), frozenset({"ERROR", "NO CARRIER", "NO DIALTONE", "BUSY"})


@dataclass(frozen=True, slots=True)
class CallerRead:
    """Caller display, as the modem read it off the line."""

    caller: Caller


class _State(Enum):
    WAKING = auto()
    ASKING = auto()
    VOICE = auto()


@dataclass(frozen=True, slots=True)
class _Step:
    """A command. An ``optional`` one may be refused."""

    command: str
    optional: bool = False


_BEFORE = (
    _Step("ATZ"),
    _Step("ATE0Q0V1"),
    _Step("AT+FCLASS=8"),
    _Step("AT+VCID=1", optional=True),  # a modem forgets it at each reset
    _Step("AT+VIT=0", optional=True),  # its inactivity timer would end a long call
    _Step("AT+VSD=128,0", optional=True),  # nor is it to judge what is silence
    _Step("AT+VSM=?"),
)
_START = "AT+VRX"


class Dialogue:
    """One modem. ``feed`` what it sends, call ``tick`` now and then, send what ``to_send`` gives."""

    def __init__(self, source: int, now_s: float) -> None:
        """Bring it to listen to ``source``, the number of an analogue source (``AT+VLS``); 0 leaves it on-hook."""
        self._source = source
        self._out = bytearray()
        self._text = bytearray()
        self._answer: list[str] = []
        self._caller, self._unshield = CallerText(), Unshield()
        self._steps: deque[_Step] = deque()
        self._form: Form | None = None
        self.knows_callers = True
        """False once the modem has refused to report callers' numbers."""
        self._wake(now_s)

    @property
    def form(self) -> Form | None:
        """The form of the sound, once it flows."""
        return self._form if self._state is _State.VOICE else None

    def to_send(self) -> bytes:
        """Return what is to be sent now, once."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def feed(self, data: bytes, now_s: float) -> list[Heard | CallerRead]:
        """Take what the modem sent; return what it says, in order.

        Raises:
            LineFault: it refused what it must be able to do.
        """
        self._heard_s = now_s
        if self._state is _State.WAKING:
            return []  # the rest of what it was doing; an answer to nobody
        heard: list[Heard | CallerRead] = []
        if self._state is _State.ASKING:
            data = self._lines(data, heard, now_s)
        if self._state is _State.VOICE and data:
            heard += self._voice(data, now_s)
        return heard

    def tick(self, now_s: float) -> None:
        """Mind the time.

        Raises:
            LineFault: the modem does not answer, or gives no more sound.
        """
        if self._state is _State.WAKING:
            quiet = now_s - self._heard_s >= QUIET_S
            if quiet or now_s >= self._until_s:
                self._ask_first(now_s)
        elif self._state is _State.ASKING:
            if now_s >= self._until_s:
                self._ask_again(now_s)
        elif now_s - self._heard_s >= SILENT_S:
            raise LineFault("The modem has stopped giving sound. It is started again.")

    def _wake(self, now_s: float) -> None:
        """Stop whatever it does: after a crash it may still be in voice receive, where it hears no command."""
        self._state, self._heard_s, self._until_s = _State.WAKING, now_s, now_s + WAKE_S
        self._tries = 0
        self._out += ABORT + b"\r"

    def _ask_first(self, now_s: float) -> None:
        self._state, self._steps = _State.ASKING, deque(_BEFORE)
        self._text.clear()
        self._ask(now_s)

    def _ask(self, now_s: float) -> None:
        self._answer, self._until_s = [], now_s + REPLY_S
        self._out += self._steps[0].command.encode() + b"\r"

    def _ask_again(self, now_s: float) -> None:
        self._tries += 1
        if self._tries < TRIES:
            self._text.clear()
            self._out += ABORT
            self._ask(now_s)
        elif self._steps[0].optional:
            self._go_on(now_s, refused=True)
        else:
            raise LineFault("The modem does not answer. Unplug it and plug it in again.")

    def _lines(self, data: bytes, heard: list[Heard | CallerRead], now_s: float) -> bytes:
        """Take answers, line by line; return what lies behind the one that starts the sound."""
        self._text += data
        while (end := _end_of_line(self._text)) is not None:
            line = self._text[:end].decode("ascii", errors="replace").strip()
            del self._text[: end + 1]
            self._line(line, heard, now_s)
            if self._state is _State.VOICE:
                rest = bytes(self._text).removeprefix(b"\n")
                self._text.clear()
                return rest
        if len(self._text) > _LONGEST_LINE:
            self._text.clear()  # not an answer
        return b""

    def _line(self, line: str, heard: list[Heard | CallerRead], now_s: float) -> None:
        if line == "RING":
            heard.append(Told(Code.RING))
        elif is_caller_text(line):
            caller = self._caller.line(line)
            heard += [CallerRead(caller)] if caller else []
        elif line == "CONNECT" and self._steps and self._steps[0].command == _START:
            self._state, self._unshield, self._heard_s = _State.VOICE, Unshield(), now_s
        elif line in _DONE:
            if self._steps[0].command != _START:  # else it is the end of the sound before: CONNECT is still to come
                self._go_on(now_s)
        elif line in _FAILED:
            self._refused(now_s)
        elif line:
            self._answer.append(line)

    def _refused(self, now_s: float) -> None:
        if not self._steps[0].optional:
            raise LineFault(
                f"The modem refuses “{self._steps[0].command}”: it is no voice modem, or not for this. Use another."
            )
        self._go_on(now_s, refused=True)

    def _go_on(self, now_s: float, *, refused: bool = False) -> None:
        step = self._steps.popleft()
        self._tries = 0
        if step.command == "AT+VCID=1":
            self.knows_callers = not refused
        if step.command == "AT+VSM=?":
            self._choose()
        self._ask(now_s)

    def _choose(self) -> None:
        """Take the best form of those offered, and plan the rest of the way."""
        forms = offered(self._answer)
        if not forms:
            raise LineFault("The modem offers no sound of 8 kHz that can be read. Use another modem.")
        self._form = forms[0]
        for command in (f"AT+VSM={self._form.number},8000", f"AT+VLS={self._source}", _START):
            self._steps.append(_Step(command))

    def _voice(self, data: bytes, now_s: float) -> list[Heard | CallerRead]:
        heard: list[Heard | CallerRead] = []
        for one in self._unshield.feed(data):
            if isinstance(one, Report):
                caller = self._caller.report(one.text)
                heard += [CallerRead(caller)] if caller else []
            elif one == Told(Code.END):
                self._begin_again(now_s)
                break
            else:
                heard.append(one)
        return heard

    def _begin_again(self, now_s: float) -> None:
        """Start the sound anew: the modem ended it by itself, as some do when a call is over."""
        self._state, self._steps, self._tries = _State.ASKING, deque([_Step(_START)]), 0
        self._text.clear()
        self._ask(now_s)


def _end_of_line(text: bytearray) -> int | None:
    ends = [at for at in (text.find(b"\r"), text.find(b"\n")) if at >= 0]
    return min(ends) if ends else None
