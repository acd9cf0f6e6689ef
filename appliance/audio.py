"""Line audio: 8 kHz float32 samples and the sample position they stand at.

All time on a line is a sample position, an integer count of 8 kHz samples since the tap was opened. Seconds are for
people and for files.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 8000
"""Samples a second of all line audio inside the appliance (the telephone band, ITU-T G.711)."""

BLOCK = 800
"""Samples in the block a tap delivers: 100 ms. A sound card delivers longer ones."""

SILENCE_DBFS = -120.0
"""What an all-zero block measures: a floor instead of minus infinity."""

Samples = NDArray[np.float32]
"""Shape ``(n,)``, full scale +-1.0."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A run of consecutive samples of one line.

    ``position`` is the sample position of ``samples[0]``. ``lost`` is True where the samples are zeros standing in for
    audio the card did not deliver: they keep the recording aligned in time and are written to the gap ledger.
    ``withheld`` is the gap ledger's cause where they stand in for audio that somebody wanted not to be recorded.
    """

    position: int
    samples: Samples
    lost: bool = False
    withheld: str = ""

    @property
    def end(self) -> int:
        """The position just after the last sample."""
        return self.position + len(self.samples)


def seconds(samples: int) -> float:
    """Samples to seconds."""
    return samples / RATE


def positions(duration_s: float) -> int:
    """Seconds to samples, to the nearest one."""
    return round(duration_s * RATE)


def level_dbfs(samples: Samples) -> float:
    """The RMS level of ``samples`` in dB below a full-scale square wave; ``SILENCE_DBFS`` at least."""
    if not len(samples):
        return SILENCE_DBFS
    mean_square = float(np.dot(samples, samples)) / len(samples)
    return max(SILENCE_DBFS, 10.0 * float(np.log10(mean_square + 1e-12)))
