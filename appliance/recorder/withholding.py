"""What is withheld from a line's recordings because somebody wants it so: a pause for a card payment, an objection.

The line is listened to all the time, so the call's end is found; what is recorded of the stretch is silence, and the
recording and the gap ledger say from when to when and why. A pause ends by itself, and both end with the call: nothing
is ever withheld from the next one.
"""

import contextlib
import logging
import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from appliance.audio import Frame
from appliance.model.calls import CallFacts, Mark, MarkKind
from appliance.model.gaps import GapCause, Why
from appliance.model.wishes import WishKind
from appliance.recorder.masking import Unmasked

_LOG = logging.getLogger(__name__)

REMIND_S = 60.0
"""A pause that is longer is told to staff as an alarm: a card payment takes less, and a pause is easily forgotten."""

BUTTON, PAGE, RESTART = "button", "page", "restart"
"""What a wish came by: a push button, the site, or the recorder's own memory of one after a restart."""

_MOST_STRETCHES = 500  # of one recording, which ends after hours; each takes somebody to press a button


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish for one line, made at ``at_s`` of the monotonic clock ``by`` something."""

    kind: WishKind
    at_s: float
    by: str


@dataclass(frozen=True, slots=True)
class WithheldNow:
    """How it stands: why, since when and, for a pause, until when, by the monotonic clock."""

    why: Why
    since_s: float
    until_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Positions from ``start`` up to ``end``; None while it lasts."""

    start: int
    end: int | None
    cause: GapCause


class Withholding:
    """One line's. Outlives its recorders; owned by the line's thread, but ``now`` and ``why`` may be asked from any."""

    def __init__(self, pause_s: float) -> None:
        """Nothing is withheld; a pause will last ``pause_s`` at most."""
        self._pause_s = pause_s
        self._stretches: deque[_Stretch] = deque(maxlen=_MOST_STRETCHES)
        self._asked: queue.SimpleQueue[Asked] = queue.SimpleQueue()
        self.now: WithheldNow | None = None

    def ask(self, asked: Asked) -> None:
        """Take a wish, from any thread; it is heeded at the next ``turn``."""
        self._asked.put(asked)

    def turn(self, position_at: Callable[[float], int], now_s: float, *, in_call: bool) -> None:
        """Heed what was asked, and end what is over. ``position_at`` says where the line was at a time."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._heed(self._asked.get_nowait(), position_at, in_call=in_call)
        until_s = self.now.until_s if self.now else None
        if not in_call:
            self._end(position_at(now_s))
        elif until_s is not None and now_s >= until_s:
            self._end(position_at(until_s))

    def why(self) -> Why | None:
        """Return why the line is not recorded at this moment; None while it is."""
        now = self.now
        return now.why if now else None

    def go_on(self, cause: GapCause, now_s: float, left_s: float | None) -> None:
        """Withhold from the line's beginning, as before a restart; ``left_s`` is what is left of a pause."""
        if cause is GapCause.OBJECTED:
            self.object(0, now_s, RESTART)
        elif cause is GapCause.PAUSED and left_s is not None and left_s > 0:
            until_s = now_s + min(left_s, self._pause_s)
            self._begin(0, WithheldNow(Why(cause, RESTART), now_s, until_s))

    def pause(self, at: int, now_s: float, by: str) -> None:
        """Withhold from position ``at`` for a while; ``by`` says what was used to ask. An objection stays one."""
        if self.now is None:
            self._begin(at, WithheldNow(Why(GapCause.PAUSED, by), now_s, now_s + self._pause_s))

    def object(self, at: int, now_s: float, by: str) -> None:
        """Withhold from position ``at`` to the end of the call."""
        if self.now is not None and self.now.why.cause is GapCause.OBJECTED:
            return
        self._end(at)
        self._begin(at, WithheldNow(Why(GapCause.OBJECTED, by), now_s))

    def resume(self, at: int) -> None:
        """End a pause at position ``at``. An objection is not to be undone: the caller has been told that it holds."""
        if self.now is not None and self.now.why.cause is GapCause.PAUSED:
            self._end(at)

    def call_over(self, at: int) -> None:
        """The call ended at position ``at``: what comes after it is recorded."""
        self._end(at)

    def over(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Yield ``frames`` with silence where something is withheld, cut where that begins or ends."""
        for frame in frames:
            yield from self._cut(frame)

    def without(self, facts: CallFacts) -> CallFacts:
        """Return a call's facts without what was keyed or spoken while withheld: keyed digits are card numbers."""
        marks = tuple(
            mark
            for mark in facts.marks
            if mark.kind is not MarkKind.KEYED_DIGIT or not self._holds(mark.start, mark.end)
        )
        return replace(facts, marks=marks, speech=tuple(span for span in facts.speech if not self._holds(*span)))

    def _begin(self, at: int, now: WithheldNow) -> None:
        self._stretches.append(_Stretch(at, None, now.why.cause))
        self.now = now

    def _end(self, at: int) -> None:
        if self.now is None:
            return
        last = self._stretches.pop()
        if at > last.start:
            self._stretches.append(replace(last, end=at))
        self.now = None

    def _heed(self, asked: Asked, position_at: Callable[[float], int], *, in_call: bool) -> None:
        if not in_call:
            _LOG.info("“%s” was asked by the %s, and there is no call: it is left out", asked.kind, asked.by)
            return
        at = position_at(asked.at_s)
        turns_back = asked.by == BUTTON and self.now is not None  # the same button goes on again
        if asked.kind is WishKind.OBJECT:
            self.object(at, asked.at_s, asked.by)
        elif asked.kind is WishKind.RESUME or turns_back:
            self.resume(at)
        else:
            self.pause(at, asked.at_s, asked.by)

    def _holds(self, start: int, end: int) -> bool:
        return any(one.start < end and (one.end is None or start < one.end) for one in self._stretches)

    def _cut(self, frame: Frame) -> Iterator[Frame]:
        position = frame.position
        for stretch in self._stretches:
            start = max(position, min(stretch.start, frame.end))
            end = max(start, frame.end if stretch.end is None else min(stretch.end, frame.end))
            if start < end:
                yield from _piece(frame, position, start)
                silence = np.zeros(end - start, np.float32)
                yield Frame(start, silence, frame.lost, withheld=str(stretch.cause))
                position = end
        yield from _piece(frame, position, frame.end)


class WithheldMask(Unmasked):
    """A mask that keeps to a line's withholding, over the mask it has besides."""

    def __init__(
        self, inner: Unmasked, withholding: Withholding, played: Callable[[], tuple[Mark, ...]] = tuple
    ) -> None:
        """Let ``inner`` say what else may be recorded; ``played`` are the marks of what was played to the line."""
        self._inner, self._withholding, self._played = inner, withholding, played

    def hear(self, frame: Frame) -> None:
        """Take the next frame of the line."""
        self._inner.hear(frame)

    def ripe(self, end: int) -> int:
        """Return up to where the line may be recorded, when it has been heard up to ``end``."""
        return self._inner.ripe(end)

    def told(self, facts: CallFacts) -> CallFacts:
        """Return what may be kept of a call's facts."""
        facts = self._withholding.without(self._inner.told(facts))
        played = tuple(mark for mark in self._played() if mark.end > facts.start and mark not in facts.marks)
        return replace(facts, marks=(*facts.marks, *played)) if played else facts

    def over(self, frames: Iterable[Frame], facts: CallFacts) -> Iterable[Frame]:
        """Return what may be recorded of ``frames``, of the call that ``facts`` are of."""
        return self._withholding.over(self._inner.over(frames, facts))

    def settle(self) -> None:
        """Nothing more will come."""
        self._inner.settle()

    def call_over(self, at: int) -> None:
        """The call ended at position ``at``."""
        self._withholding.call_over(at)


def _piece(frame: Frame, start: int, end: int) -> Iterator[Frame]:
    if start < end:
        samples = frame.samples[start - frame.position : end - frame.position]
        yield Frame(start, samples, frame.lost, frame.withheld)
