"""The waveform the player draws: the loudest magnitude of each tenth of a second."""

import numpy as np

from appliance.audio import RATE, Samples

PEAKS_PER_S = 10
"""Stretches a second."""

_STRETCH = RATE // PEAKS_PER_S
_TOGETHER = 4 * RATE


class Peaks:
    """Collects the peaks of one recording, each 0 to 255 (full scale), as its samples go by."""

    def __init__(self) -> None:
        """Nothing has been heard yet."""
        self._done = bytearray()
        self._rest: Samples = np.empty(0, np.float32)
        self._waiting: list[Samples] = []
        self._waits = 0

    def write(self, samples: Samples) -> None:
        """Take the samples that follow; they are looked at some seconds at a time, which costs a tenth."""
        self._waiting.append(samples)
        self._waits += len(samples)
        if self._waits >= _TOGETHER:
            self._look()

    def _look(self) -> None:
        heard = np.concatenate((self._rest, *self._waiting))
        whole = len(heard) - len(heard) % _STRETCH
        self._done += _loudest(heard[:whole])
        self._rest = heard[whole:]
        self._waiting.clear()
        self._waits = 0

    def up_to(self, samples: int) -> bytes:
        """Return the peaks of the first ``samples`` samples; a last stretch that is begun counts."""
        self._look()
        rest = _loudest(np.pad(self._rest, (0, _STRETCH - len(self._rest)))) if len(self._rest) else b""
        return (bytes(self._done) + rest)[: -(-samples // _STRETCH)]


def _loudest(samples: Samples) -> bytes:
    loudest = np.abs(samples).reshape(-1, _STRETCH).max(axis=1)
    return bytes(np.minimum(np.rint(loudest * 255), 255).astype(np.uint8))
