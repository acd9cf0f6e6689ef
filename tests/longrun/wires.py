"""Four pairs of wires through one stretch of a day, what truly happened on them, and the sound cards at their ends."""

import numpy as np

from appliance.audio import BLOCK, RATE, Frame
from appliance.capture.simulator.calls import CallKind, steps
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.traffic import USUAL, draw_kind
from appliance.errors import LineFault

BLOCK_S = BLOCK / RATE
_QUIET_S = 12.0
"""After its last call a line is heard for so long: the end of a call may be decided late."""

KINDS = USUAL | {CallKind.VERY_SHORT: 1, CallKind.LEFT_OFF: 0.5, CallKind.GLITCHES: 1, CallKind.WAITING_TOLD: 2}


class Wire:
    """One pair. ``advance`` lets a block of time pass; ``block`` is what was on it then, heard or not.

    ``trouble`` is what is wrong with its card: unplugged, silent, overrun or dead.
    """

    def __init__(self, profile, seed, talk_s, longest_s, pause_s):
        self.pair, self.trouble = SimulatedPair(profile, seed), ""
        self._rng = np.random.default_rng(seed)
        self._talk_s, self._longest_s, self._pause_s = talk_s, longest_s, pause_s
        self._steps, self._last_call, self._rest_s = self._traffic(), False, 0.0
        self._waiting = np.zeros(0, np.float32)
        self.block, self.number = self._waiting, 0

    def advance(self):
        while len(self._waiting) < BLOCK:
            next(self._steps)(self.pair)
            self._waiting = np.concatenate((self._waiting, self.pair.take()))
        self.block, self._waiting = self._waiting[:BLOCK], self._waiting[BLOCK:]
        self.number += 1

    def close_soon(self):
        """Nobody begins another call."""
        self._last_call = True

    @property
    def over(self):
        return self._rest_s >= _QUIET_S

    def _traffic(self):
        yield lambda pair: pair.idle(float(self._rng.uniform(3.0, 6.0)))
        yield from self._pause(float(self._rng.exponential(self._pause_s / 2)))
        while not self._last_call:
            talk_s = float(np.clip(self._rng.lognormal(np.log(self._talk_s), 0.7), 4.0, self._longest_s))
            yield from steps(draw_kind(self._rng, KINDS), self._rng, self.pair.profile.country, talk_s)
            yield from self._pause(4.0 + float(self._rng.exponential(self._pause_s)))
        while True:
            self._rest_s += 1.0
            yield lambda pair: pair.idle(1.0)

    def _pause(self, s):
        while s > 0 and not self._last_call:
            piece = min(s, 4.0)
            yield lambda pair, piece=piece: pair.idle(piece)
            s -= piece


class Card:
    """A tap of a wire: hears each block once, from when it was opened on."""

    simulated = True

    def __init__(self, wire):
        self._wire, self._seen, self._position = wire, wire.number - 1, 0

    def read(self, timeout_s):
        trouble, wire = self._wire.trouble, self._wire
        if trouble == "unplugged":
            raise LineFault("The simulated sound card was unplugged. Plug it in again.")
        if trouble == "silent" or wire.number == self._seen:
            return None
        self._seen = wire.number
        nothing = np.zeros(BLOCK, np.float32)
        frame = Frame(self._position, nothing if trouble else wire.block, lost=trouble == "overrun")
        self._position = frame.end
        return frame

    def close(self):
        pass


class Cards:
    """The taps of all lines, as the recorder asks for them."""

    def __init__(self, wires):
        self._wires = wires

    def open(self, number, _line):
        wire = self._wires[number - 1]
        if wire.trouble == "unplugged":
            raise LineFault("The simulated sound card is not there. Plug it in.")
        return Card(wire)

    def pace(self, _line):
        return 1.0

    def close(self):
        pass
