"""What may be recorded of a line and when: at once; or a moment later, with what was keyed in the call left out.

Keyed digits may be a card number. Where the practice masks them, the recording is silent while a key sounds, and the
mark keeps its place, not the digit. Nothing that was sealed can be taken back: such a line is recorded ``LAG`` behind.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from appliance.audio import Frame, Samples, positions
from appliance.capture.detector.hops import Hopper
from appliance.capture.dtmf import WINDOW, DtmfDecoder
from appliance.capture.features import HOP, FeatureExtractor
from appliance.model.calls import CallFacts, Direction, Mark, MarkKind

LAG = positions(0.45)
"""That a key is down is known 0.34 s after it went down at the latest (measured): a hop that is not yet full, and what
a window must hold of the tone. The rest is margin. A power cut takes this much more of a call."""

EDGE = positions(0.05)
"""Silenced before and after a key, whose ends are good to 10 ms: a tone dies away, and an encoder smears it."""

LONGEST_KEY = positions(20.0)
"""What is held back while a key is down; less than the pre-roll has. Nobody keys a number so slowly."""

_REMEMBERED = positions(60.0)  # longer than the pre-roll: what is recorded again from there is silenced again

_Stretch = tuple[int, int]


class Unmasked:
    """Everything is recorded as it was heard, at once."""

    def hear(self, frame: Frame) -> None:
        """Take the next frame of the line."""

    def ripe(self, end: int) -> int:
        """Return up to where the line may be recorded, when it has been heard up to ``end``."""
        return end

    def told(self, facts: CallFacts) -> CallFacts:
        """Return what may be kept of a call's facts."""
        return facts

    def over(self, frames: Iterable[Frame], _facts: CallFacts) -> Iterable[Frame]:
        """Return what may be recorded of ``frames``, of the call that ``facts`` are of."""
        return frames

    def settle(self) -> None:
        """Nothing more will come: a key that is still down counts as let go."""

    def call_over(self, at: int) -> None:
        """The call ended at position ``at``."""


class KeyMask(Unmasked):
    """Silences what is keyed once a call is answered; the number that is dialled before stays.

    It listens for keys itself: what may yet turn out to be one must be held back, and marks come late.
    """

    def __init__(self) -> None:
        """Begin with no key down and no call."""
        self._hopper, self._features, self._dtmf = Hopper(), FeatureExtractor(), DtmfDecoder()
        self._down: int | None = None
        self._keys: list[_Stretch] = []
        self._heard = 0
        self._call: int | None = None
        self._answered = 0

    def hear(self, frame: Frame) -> None:
        """Take the next frame of the line."""
        self._heard = frame.end
        for hop in self._hopper.hops(frame):
            let_go = self._dtmf.of(*self._features.of([hop]))
            if let_go:
                recent = [key for key in self._keys if key[1] > hop.at - _REMEMBERED]
                self._keys = [*recent, *((key.start, key.end) for key in let_go)]
            if not self._dtmf.keying:
                self._down = None
            elif self._down is None or let_go:
                self._down = hop.at - WINDOW

    def ripe(self, end: int) -> int:
        """Return up to where the line may be recorded: not into a key that is down."""
        undecided = end - LAG if self._down is None else min(end - LAG, self._down - EDGE)
        return max(0, undecided, end - LONGEST_KEY)

    def told(self, facts: CallFacts) -> CallFacts:
        """Return the facts with the keyed digits' places and no digits."""
        if facts.off_hook != self._call and facts.answered:
            own = facts.direction is not Direction.OUT and facts.dialled is None
            # An answer is known a second after it was given; what of that is not yet recorded can still be masked.
            known = (facts.off_hook or facts.start) if own else self._heard - LAG
            self._call, self._answered = facts.off_hook, known
        return replace(facts, marks=tuple(map(_without_digit, facts.marks)))

    def over(self, frames: Iterable[Frame], facts: CallFacts) -> Iterator[Frame]:
        """Yield ``frames``, silent where a key sounded."""
        keyed = [(mark.start, mark.end) for mark in facts.marks if mark.kind is MarkKind.KEYED_DIGIT]
        if facts.answered:
            keyed += [key for key in self._keys if key[1] > self._answered]
        for frame in frames:
            here = [key for key in keyed if key[0] - EDGE < frame.end and key[1] + EDGE > frame.position]
            yield replace(frame, samples=_silenced(frame, here)) if here else frame

    def settle(self) -> None:
        """Let the line be silent until the hop is over: a key that is down is let go."""
        self.hear(Frame(self._heard, np.zeros(2 * HOP, np.float32)))


def _without_digit(mark: Mark) -> Mark:
    return replace(mark, detail="") if mark.kind is MarkKind.KEYED_DIGIT else mark


def _silenced(frame: Frame, keyed: Iterable[_Stretch]) -> Samples:
    samples = frame.samples.copy()
    for start, end in keyed:
        samples[max(0, start - EDGE - frame.position) : max(0, end + EDGE - frame.position)] = 0.0
    return samples
