"""Seeded faults of sound cards, and how each is done to a card and undone again."""

import contextlib
import heapq
import itertools
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

LASTS_S = {"unplug": (0.2, 3.0), "stall": (0.2, 3.0), "overrun": (0.3, 0.9), "crash": (0.0, 0.0), "respawn": (1.5, 4.0)}
"""Each kind and how long it may last: the card goes away; it is there and never ready; its process is kept from the
processor; its process is killed; its process is killed and cannot be begun again."""

QUIET_S = (3.0, 7.0)
"""Between two faults of one card: it is heard again in between, or not quite."""


@dataclass
class Storm:
    """``count`` faults over the cards of a box, drawn from ``seed``. ``done`` counts them by kind."""

    box: object
    count: int
    seed: int
    done: Counter = field(default_factory=Counter)

    def rage(self):
        """Do all of it, in life's own time."""
        chance, number = np.random.default_rng(self.seed), itertools.count()
        due = [
            (time.monotonic() + chance.uniform(*QUIET_S), next(number), line, None)
            for line in range(len(self.box.cards))
        ]
        heapq.heapify(due)
        begun = 0
        while due:
            at, _, line, undo = heapq.heappop(due)
            time.sleep(max(0.0, at - time.monotonic()))
            if undo is not None:
                undo()
                heapq.heappush(due, (time.monotonic() + chance.uniform(*QUIET_S), next(number), line, None))
            elif begun < self.count:
                begun += 1
                kind = str(chance.choice(list(LASTS_S)))
                self.done[kind] += 1
                lasts_s = chance.uniform(*LASTS_S[kind])
                heapq.heappush(due, (time.monotonic() + lasts_s, next(number), line, self._begin(kind, line)))

    def _begin(self, kind, line):
        """Do it; return what undoes it."""
        card = self.box.cards[line]
        if kind == "stall":
            card.stall()
            return card.resume
        if kind in ("unplug", "respawn"):
            card.unplug()
            if kind == "respawn":
                self._signal(card, signal.SIGKILL)
            return card.plug_in
        stop, cont = (signal.SIGSTOP, signal.SIGCONT) if kind == "overrun" else (signal.SIGKILL, signal.SIGCONT)
        child = self._signal(card, stop)
        return lambda: _send(child, cont)

    def _signal(self, card, number):
        child = self.box.children().get(card.name)
        _send(child, number)
        return child


def _send(pid, number):
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
