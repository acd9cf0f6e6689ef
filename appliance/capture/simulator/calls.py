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
    ANNOUNCED = "announced"
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
    WAITING_TOLD = "waiting_told"
    LIFTED_TOO_LATE = "lifted_too_late"


def steps(kind: CallKind, rng: np.random.Generator, country: str, talk_s: float) -> Iterator[Step]:
    """The verbs of one call of ``kind`` with about ``talk_s`` of talk, from an idle line to an idle line."""
    draw = _Draw(rng, country)
    for part in _CALLS[kind]:
        yield from part(draw, talk_s)


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


Part = Callable[[_Draw, float], Iterator[Step]]
"""A stretch of a call. It draws what is left to chance; the number is about how long people talk in the whole call."""


def _incoming(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.ring, times=draw.between(0.4, 5.0), caller=draw.number())
    yield _Pair.lift


def _incoming_withheld(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.ring, times=draw.between(0.4, 5.0), withheld=True)
    yield _Pair.lift


def _unanswered(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.ring, times=draw.between(0.8, 7.0), caller=draw.number())
    yield partial(_Pair.idle, s=4.0)


def _unanswered_withheld(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.ring, times=draw.between(0.8, 7.0), withheld=True)
    yield partial(_Pair.idle, s=4.0)


def _given_up(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.ring, times=draw.between(1.0, 5.0), caller=draw.number())
    yield partial(_Pair.idle, s=draw.between(0.5, 2.8))


def _caller_waits(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.caller_waits, caller=draw.number())


def _lift(_draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield _Pair.lift


def _dial(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.dial, number=draw.number())


def _ringback(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.ringback, times=draw.between(1.0, 5.0))


def _answer(_draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield _Pair.answer


def _talk(_draw: _Draw, talk_s: float) -> Iterator[Step]:
    pieces = max(1, round(talk_s / _PIECE_S))
    for _ in range(pieces):
        yield partial(_Pair.talk, s=talk_s / pieces)


def _half(draw: _Draw, talk_s: float) -> Iterator[Step]:
    return _talk(draw, talk_s / 2)


def _few_words(_draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.talk, s=2.2)


def _announce(_draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield _Pair.announce


def _hold(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.hold, s=draw.between(8, 30), music=draw.between(0, 1) < 0.6)


def _long_hold(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.hold, s=600.0, music=draw.between(0, 1) < 0.5)


def _silence(_draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.silence, s=120.0)


def _mute(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.mute, s=draw.between(8, 20))


def _transfer(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.transfer, digits=draw.digits(3, 4), consult_s=draw.between(4, 10))


def _call_waiting(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.call_waiting, s=draw.between(6, 10))


def _key(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.key, digits=draw.digits(1, 16))


def _glitch(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.glitch, ms=draw.between(20, 50))


def _fax(_draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.fax, s=talk_s)


def _modem(_draw: _Draw, talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.modem, s=talk_s)


def _busy(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.busy, s=draw.between(3, 8))


def _unobtainable(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.number_unobtainable, s=draw.between(3, 6))


def _dial_tone(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.dial_tone, s=draw.between(1.5, 5))


def _remote_clear(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.remote_clear, tone=draw.tone(), s=draw.between(1.5, 9))


def _left_off(draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield partial(_Pair.remote_clear, tone="unobtainable", s=15.0)
    yield partial(_Pair.receiver_left_off, s=draw.between(40, 200))


def _hang_up(_draw: _Draw, _talk_s: float) -> Iterator[Step]:
    yield _Pair.hang_up


_CALLS: dict[CallKind, tuple[Part, ...]] = {
    CallKind.ANSWERED: (_incoming, _talk, _hang_up),
    CallKind.ANNOUNCED: (_incoming, _announce, _talk, _hang_up),
    CallKind.WITHHELD: (_incoming_withheld, _talk, _hang_up),
    CallKind.MISSED: (_unanswered,),
    CallKind.MISSED_WITHHELD: (_unanswered_withheld,),
    CallKind.ON_HOLD: (_incoming, _half, _hold, _half, _hang_up),
    CallKind.TRANSFERRED: (_incoming, _half, _transfer, _half, _hang_up),
    CallKind.CALLER_CLEARS: (_incoming, _talk, _remote_clear, _hang_up),
    CallKind.CALL_WAITING: (_incoming, _half, _call_waiting, _half, _hang_up),
    CallKind.MUTED: (_incoming, _half, _mute, _half, _hang_up),
    CallKind.DIALLED: (_lift, _dial, _ringback, _answer, _talk, _hang_up),
    CallKind.DIALLED_MENU: (_lift, _dial, _ringback, _answer, _half, _key, _half, _hang_up),
    CallKind.DIALLED_CLEARED: (_lift, _dial, _ringback, _answer, _talk, _remote_clear, _hang_up),
    CallKind.BUSY: (_lift, _dial, _busy, _hang_up),
    CallKind.NO_ANSWER: (_lift, _dial, _ringback, _hang_up),
    CallKind.UNOBTAINABLE: (_lift, _dial, _unobtainable, _hang_up),
    CallKind.ABANDONED: (_lift, _dial_tone, _hang_up),
    CallKind.VERY_SHORT: (_incoming, _few_words, _hang_up),
    CallKind.LONG_SILENCE: (_incoming, _half, _silence, _half, _hang_up),
    CallKind.LONG_HOLD: (_incoming, _half, _long_hold, _half, _hang_up),
    CallKind.FAX: (_incoming, _fax, _hang_up),
    CallKind.MODEM: (_lift, _dial, _ringback, _answer, _modem, _hang_up),
    CallKind.LEFT_OFF: (_incoming, _talk, _left_off, _hang_up),
    CallKind.WAITING_TOLD: (_incoming, _half, _caller_waits, _half, _hang_up),
    CallKind.LIFTED_TOO_LATE: (_given_up, _lift, _dial, _ringback, _answer, _talk, _hang_up),
    CallKind.GLITCHES: (_incoming, _half, _glitch, _half, _glitch, _few_words, _hang_up),
}
