"""One channel of a card or a file, at its own rate, becomes line audio at 8 kHz."""

import numpy as np
import soxr

from appliance.audio import RATE, Samples


class Resampler:
    """A stream to 8 kHz, band-limited below 4 kHz and aligned to the first sample: its filter's delay is taken out.

    A card opened at 8 kHz through ALSA may fold 5 kHz onto 3 kHz at full level, so cards are opened at their own rate
    and brought down here (soxr "MQ": 0.13 ms of work for a second of 48 kHz).
    """

    def __init__(self, rate: int) -> None:
        """Take samples at ``rate`` Hz."""
        self._stream = None if rate == RATE else soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="MQ")

    def push(self, samples: Samples) -> Samples:
        """Return what is ready; the filter keeps up to 0.12 s back until more comes."""
        return self._run(samples, last=False)

    def finish(self) -> Samples:
        """Return what the filter still holds; nothing may be pushed after it."""
        return self._run(np.empty(0, np.float32), last=True)

    def _run(self, samples: Samples, *, last: bool) -> Samples:
        if self._stream is None:
            return samples
        ready: Samples = self._stream.resample_chunk(np.ascontiguousarray(samples), last=last)
        return ready
