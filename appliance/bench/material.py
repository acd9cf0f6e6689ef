"""Lines to measure speed on: nobody there, a neighbour heard through the cable, people talking."""

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from appliance.audio import RATE, Samples, positions
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import ODDITIES, Profile

CARD_RATE = 48_000
_LEAD_S = 20.0
_PIECE_S = 8.0


@dataclass(frozen=True, slots=True)
class Material:
    """A line's audio: ``lead`` comes before, to settle in, and is not measured; ``body`` is."""

    lead: Samples
    body: Samples

    @property
    def body_s(self) -> float:
        """Seconds that are measured."""
        return len(self.body) / RATE


def idle(body_s: float, oddity: str = "clean") -> Material:
    """Return an idle line, ``oddity`` as the simulator names it."""
    pair = SimulatedPair(Profile().with_(**ODDITIES[oddity]), seed=1)
    pair.idle(_LEAD_S + body_s)
    return _cut(pair, positions(_LEAD_S))


def talking(body_s: float) -> Material:
    """Return a call that came in, from where it is answered; its end is not in it."""
    pair = SimulatedPair(seed=2)
    pair.idle(_LEAD_S)
    pair.ring(2.0, "01632960000")
    pair.lift()
    lead = pair.position
    while pair.position < lead + positions(body_s):
        pair.talk(_PIECE_S)
    audio = pair.audio()
    return Material(audio[:lead], audio[lead : lead + positions(body_s)])


def as_card(samples: Samples, rate: int = CARD_RATE) -> NDArray[np.int16]:
    """Return line audio as a sound card delivers it: 16 bits at ``rate`` hertz."""
    wide = soxr.resample(samples, RATE, rate)
    pcm: NDArray[np.int16] = np.clip(np.rint(wide * 32767.0), -32768, 32767).astype(np.int16)
    return pcm


def _cut(pair: SimulatedPair, lead: int) -> Material:
    audio = pair.audio()
    return Material(audio[:lead], audio[lead:])
