"""One channel of a sound card's blocks becomes frames of a line, each sample where it belongs in time."""

from collections import deque

import numpy as np

from appliance.audio import BLOCK, RATE, Frame, Samples
from appliance.capture.cardwire import CardBlock, CardForm
from appliance.capture.resample import Resampler
from appliance.errors import LineFault

_FULL_SCALE = np.float32(1.0 / 32768.0)

TOGETHER_S = 0.6
"""How much is taken in at once: each going costs a tenth of a millisecond, whatever it holds. A power cut takes no more
for it, because a recording is synced as often (``recorder.tape.SYNC_S``)."""

BOTH = -1
"""In place of a channel: all of the card's together, of a tap that gives either side of a call a channel of its own."""

_SAMPLE = 2  # bytes

_LONGEST_LOSS_S = 20.0
"""A card silent for a second is restarted; only where the whole box stood still does one process lose more. As much is
filled with silence as after any other outage (``recorder.continuity``); a longer jump is a clock that was set."""


class CardLine:
    """Takes the blocks of a card in order; gives one of its channels at 8 kHz.

    Samples that the driver threw away are told by the jump in the card's time of a block it flags (the two agree to
    0.02 ms); as many zeros stand in for them, in frames marked ``lost``. Without the flag a jump is clock skew or a
    wall clock that was set, and is ignored. The driver may have lost them anywhere in the flagged block, so up to
    300 ms before a loss can stand after it.
    """

    def __init__(self, form: CardForm, channel: int) -> None:
        """Listen to ``channel`` (from 0), or to ``BOTH``.

        Raises:
            LineFault: the card has no such channel.
        """
        if channel >= form.channels:
            raise LineFault(f"The sound card has {form.channels} channel(s), so none numbered {channel}, from 0.")
        self._form, self._channel = form, channel
        self._resampler = Resampler(form.rate)
        self._expected_adc_s: float | None = None
        self._newest = (0, 0.0)
        self._waiting: list[bytes] = []
        self._fed = self._taken = 0
        self._position = 0
        self._losses: deque[tuple[int, int]] = deque()

    def push(self, block: CardBlock) -> list[Frame]:
        """Return the frames that ``block`` completes: one of ``TOGETHER_S``, several after a loss, or none."""
        if lost := self._lost_before(block):
            start = self._to_position(self._fed)
            self._losses.append((start, self._to_position(self._fed + lost)))
            self._waiting.append(bytes(lost * self._form.channels * _SAMPLE))
        self._waiting.append(block.pcm)
        self._newest = (self._fed + lost, block.adc_s)
        self._fed += lost + block.frames
        return self._frames(self._resampled()) if self._fed - self._taken >= TOGETHER_S * self._form.rate else []

    def finish(self) -> list[Frame]:
        """Return what has come and was not yet enough; nothing may be pushed after it."""
        return self._frames(np.concatenate((self._resampled(), self._resampler.finish())))

    def time_of(self, position: int) -> float:
        """Return when the sample at ``position``, in or near the newest block, was due by the card's time."""
        fed, adc_s = self._newest
        return adc_s + position / RATE - fed / self._form.rate

    def _lost_before(self, block: CardBlock) -> int:
        expected, rate = self._expected_adc_s, self._form.rate
        self._expected_adc_s = block.adc_s + block.frames / rate
        if expected is None or not block.overflowed:
            return 0
        jump_s = block.adc_s - expected
        return round(jump_s * rate) if 0 < jump_s < _LONGEST_LOSS_S else 0

    def _resampled(self) -> Samples:
        samples = _channel(b"".join(self._waiting), self._form.channels, self._channel)
        self._waiting.clear()
        self._taken = self._fed
        return self._resampler.push(samples)

    def _to_position(self, fed: int) -> int:
        return fed * RATE // self._form.rate

    def _frames(self, ready: Samples) -> list[Frame]:
        """Cut what is ready where a loss begins or ends, and lost stretches into blocks."""
        if not self._losses and len(ready) <= RATE:  # as nearly always
            frame = Frame(self._position, ready)
            self._position = frame.end
            return [frame] if len(ready) else []
        frames = []
        while len(ready):
            lost, until = self._stretch()
            piece, ready = np.split(ready, [min(len(ready), until - self._position)])
            frames.append(Frame(self._position, np.zeros_like(piece) if lost else piece, lost=lost))
            self._position += len(piece)
        return frames

    def _stretch(self) -> tuple[bool, int]:
        """Return whether the next sample is a lost one, and up to which position that holds."""
        while self._losses and self._losses[0][1] <= self._position:
            self._losses.popleft()
        if not self._losses:
            return False, self._position + RATE
        start, end = self._losses[0]
        return (True, min(end, self._position + BLOCK)) if start <= self._position else (False, start)


def _channel(pcm: bytes, channels: int, channel: int) -> Samples:
    every = np.frombuffer(pcm, "<i2").reshape(-1, channels)
    if channel == BOTH:
        samples: Samples = every.sum(axis=1, dtype=np.float32)  # as the two sides add up on a pair of wires
    else:
        samples = every[:, channel].astype(np.float32)
    samples *= _FULL_SCALE
    return samples
