"""The kinds of call a practice has, each as the verbs that make it."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial

import numpy as np

from appliance.capture.simulator.numbers import reserved_number, some_digits
from appliance.capture.simulator.pair import SimulatedPair

Step = Callable[[SimulatedPair], None]
"""One verb, ready to be performed on a pair."""

_Pair = SimulatedPair
_PIECE_S = 8.0
"""The longest stretch of talk made at a time: a live line is never kept waiting for more."""


class CallKind(StrEnum):
    """What may happen on a line."""

    ANSWERED = "answered"
    WITHHELD = "withheld"
    MISSED = "missed"
    MISSED_WITHHELD = "missed_withheld"
    ON_HOLD = "on_hold"
    TRANSFERRED = "transferred"
    CALLER_CLEARS = "caller_clears"
    CALL_WAITING = "call_waiting"
    DIALLED = "dialled"
    DIALLED_MENU = "dialled_menu"
    DIALLED_CLEARED = "dialled_cleared"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNOBTAINABLE = "unobtainable"
    ABANDONED = "abandoned"
    VERY_SHORT = "very_short"
    LONG_SILENCE = "long_silence"
    LONG_HOLD = "long_hold"
    MUTED = "muted"
    FAX = "fax"
    MODEM = "modem"
    LEFT_OFF = "left_off"
    GLITCHES = "glitches"


def steps(kind: CallKind, rng: np.random.Generator, country: str, talk_s: float) -> Iterator[Step]:
    """The verbs of one call of ``kind`` with about ``talk_s`` of talk, from an idle line to an idle line."""
    yield from _CALLS[kind](_Draw(rng, country), talk_s)


class _Draw:
    """What a call leaves to chance."""

    def __init__(self, rng: np.random.Generator, country: str) -> None:
        self._rng, self._country = rng, country

    def between(self, least: float, most: float) -> float:
        """Draw a number of seconds or times."""
        return float(self._rng.uniform(least, most))

    def number(self) -> str:
        """Draw a telephone number."""
        return reserved_number(self._rng, self._country)

    def digits(self, least: int, most: int) -> str:
        """Draw digits to key."""
        return some_digits(self._rng, least, most)

    def tone(self) -> str:
        """Draw what the exchange sends once the far end is gone."""
        return str(self._rng.choice(["unobtainable", "busy", "dial", "congestion"]))


Calls = Callable[[_Draw, float], Iterator[Step]]


def _talk(s: float) -> Iterator[Step]:
    pieces = max(1, round(s / _PIECE_S))
    for _ in range(pieces):
        yield partial(_Pair.talk, s=s / pieces)


def _incoming(draw: _Draw, *, withheld: bool = False) -> Iterator[Step]:
    caller = None if withheld else draw.number()
    yield partial(_Pair.ring, times=draw.between(1.3, 5.0), caller=caller, withheld=withheld)
    yield _Pair.lift


def _outgoing(draw: _Draw) -> Iterator[Step]:
    yield _Pair.lift
    yield partial(_Pair.dial, number=draw.number())


def _connected(draw: _Draw) -> Iterator[Step]:
    yield from _outgoing(draw)
    yield partial(_Pair.ringback, times=draw.between(1.0, 4.0))
    yield _Pair.answer


def _answered(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    yield from _talk(talk_s)
    yield _Pair.hang_up


def _withheld(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw, withheld=True)
    yield from _talk(talk_s)
    yield _Pair.hang_up


def _missed(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.ring, times=draw.between(1.6, 7.0), caller=draw.number())
    yield partial(_Pair.idle, s=4.0)


def _missed_withheld(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.ring, times=draw.between(1.6, 7.0), withheld=True)
    yield partial(_Pair.idle, s=4.0)


def _on_hold(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    yield from _talk(talk_s / 2)
    yield partial(_Pair.hold, s=draw.between(8, 30), music=draw.between(0, 1) < 0.6)
    yield from _talk(talk_s / 2)
    yield _Pair.hang_up


def _transferred(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    yield from _talk(talk_s / 2)
    yield partial(_Pair.transfer, digits=draw.digits(3, 4), consult_s=draw.between(4, 10))
    yield from _talk(talk_s / 2)
    yield _Pair.hang_up


def _caller_clears(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    yield from _talk(talk_s)
    yield partial(_Pair.remote_clear, tone=draw.tone(), s=draw.between(1.5, 9))
    yield _Pair.hang_up


def _call_waiting(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    yield from _talk(talk_s / 2)
    yield partial(_Pair.call_waiting, s=draw.between(6, 10))
    yield from _talk(talk_s / 2)
    yield _Pair.hang_up


def _dialled(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _connected(draw)
    yield from _talk(talk_s)
    yield _Pair.hang_up


def _dialled_menu(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _connected(draw)
    yield from _talk(talk_s / 2)
    yield partial(_Pair.key, digits=draw.digits(1, 16))
    yield from _talk(talk_s / 2)
    yield _Pair.hang_up


def _dialled_cleared(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _connected(draw)
    yield from _talk(talk_s)
    yield partial(_Pair.remote_clear, tone=draw.tone(), s=draw.between(2, 9))
    yield _Pair.hang_up


def _busy(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield from _outgoing(draw)
    yield partial(_Pair.busy, s=draw.between(3, 8))
    yield _Pair.hang_up


def _no_answer(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield from _outgoing(draw)
    yield partial(_Pair.ringback, times=draw.between(2.0, 7.0))
    yield _Pair.hang_up


def _unobtainable(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield from _outgoing(draw)
    yield partial(_Pair.number_unobtainable, s=draw.between(3, 6))
    yield _Pair.hang_up


def _abandoned(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield _Pair.lift
    yield partial(_Pair.dial_tone, s=draw.between(1.5, 5))
    yield _Pair.hang_up


def _very_short(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    yield partial(_Pair.talk, s=2.2)
    yield _Pair.hang_up


def _long_silence(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    yield from _talk(talk_s / 2)
    yield partial(_Pair.silence, s=120.0)
    yield from _talk(talk_s / 2)
    yield _Pair.hang_up


def _long_hold(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    yield from _talk(talk_s / 2)
    yield partial(_Pair.hold, s=600.0, music=draw.between(0, 1) < 0.5)
    yield from _talk(talk_s / 2)
    yield _Pair.hang_up


def _muted(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    yield from _talk(talk_s / 2)
    yield partial(_Pair.mute, s=draw.between(8, 20))
    yield from _talk(talk_s / 2)
    yield _Pair.hang_up


def _fax(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    yield partial(_Pair.fax, s=talk_s)
    yield _Pair.hang_up


def _modem(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _connected(draw)
    yield partial(_Pair.modem, s=talk_s)
    yield _Pair.hang_up


def _left_off(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    yield from _talk(talk_s)
    yield partial(_Pair.remote_clear, tone="unobtainable", s=15.0)
    yield partial(_Pair.receiver_left_off, s=draw.between(40, 90))
    yield _Pair.hang_up


def _glitches(draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield from _incoming(draw)
    for _ in range(3):
        yield from _talk(talk_s / 3)
        yield partial(_Pair.glitch, ms=draw.between(20, 50))
    yield from _talk(3.0)
    yield _Pair.hang_up


_CALLS: dict[CallKind, Calls] = {
    CallKind.ANSWERED: _answered,
    CallKind.WITHHELD: _withheld,
    CallKind.MISSED: _missed,
    CallKind.MISSED_WITHHELD: _missed_withheld,
    CallKind.ON_HOLD: _on_hold,
    CallKind.TRANSFERRED: _transferred,
    CallKind.CALLER_CLEARS: _caller_clears,
    CallKind.CALL_WAITING: _call_waiting,
    CallKind.DIALLED: _dialled,
    CallKind.DIALLED_MENU: _dialled_menu,
    CallKind.DIALLED_CLEARED: _dialled_cleared,
    CallKind.BUSY: _busy,
    CallKind.NO_ANSWER: _no_answer,
    CallKind.UNOBTAINABLE: _unobtainable,
    CallKind.ABANDONED: _abandoned,
    CallKind.VERY_SHORT: _very_short,
    CallKind.LONG_SILENCE: _long_silence,
    CallKind.LONG_HOLD: _long_hold,
    CallKind.MUTED: _muted,
    CallKind.FAX: _fax,
    CallKind.MODEM: _modem,
    CallKind.LEFT_OFF: _left_off,
    CallKind.GLITCHES: _glitches,
}
