"""A modem's bytes of sound become frames of a line, and what it tells is put where it belongs among them."""

import numpy as np

from appliance.audio import BLOCK, Frame, Samples, positions, seconds
from appliance.capture.modem.forms import Form

SETTLES = positions(0.25)
"""Sound that is held back after an overrun: bytes come in bursts, and the soonest of them tells the time."""

LEAST_LOST = positions(0.02)
"""A modem says that it lost some, not how much: less than this is within what bytes are late anyway."""

_MOST_LOST = positions(5.0)
_WINDOW_S = 20.0  # long beside a busy machine's stalls, short beside a modem's clock: 100 ppm are 2 ms in it
_NEVER_S = float("inf")


class ModemLine:
    """Cuts sound into blocks. ``position`` is where the next sample stands.

    After an overrun the clock says how much is missing. Bytes come late and never early, so the soonest of late before
    it and the soonest after it tell when position 0 was; the difference becomes zeros in frames marked ``lost``.
    """

    def __init__(self, form: Form) -> None:
        """Begin at position 0."""
        self._form = form
        self._odd = b""
        self._waiting: Samples = np.empty(0, np.float32)
        self._framed = 0
        self._held: Samples | None = None
        self._held_origin_s = _NEVER_S
        self._window_s = -_NEVER_S
        self._origins_s = (_NEVER_S, _NEVER_S)

    @property
    def position(self) -> int:
        """Where the next sample will stand."""
        return self._framed + len(self._waiting) + (0 if self._held is None else len(self._held))

    def overran(self) -> None:
        """The modem lost something before what comes next."""
        if self._held is None and self.position:
            self._held, self._held_origin_s = np.empty(0, np.float32), _NEVER_S

    def push(self, data: bytes, now_s: float) -> list[Frame]:
        """Take sound that came at ``now_s``; return the frames that are whole."""
        data = self._odd + data
        whole = len(data) - len(data) % self._form.bytes_per_sample
        self._odd = data[whole:]
        samples = self._form.samples(data[:whole])
        if self._held is None:
            self._waiting = np.concatenate((self._waiting, samples))
            self._note(now_s)
            return self._blocks()
        self._held = np.concatenate((self._held, samples))
        self._held_origin_s = min(self._held_origin_s, now_s - seconds(self.position))
        return self._filled(self._held) if len(self._held) >= SETTLES else []

    def _filled(self, held: Samples) -> list[Frame]:
        """Return what was held back, with as much silence before it as was lost."""
        missing = positions(self._held_origin_s - min(self._origins_s))
        self._held, frames = None, []
        if LEAST_LOST <= missing <= _MOST_LOST:
            frames = self._blocks(all_of_it=True)
            while missing > 0:
                frame = Frame(self._framed, np.zeros(min(BLOCK, missing), np.float32), lost=True)
                self._framed, missing = frame.end, missing - len(frame.samples)
                frames.append(frame)
        self._waiting = np.concatenate((self._waiting, held))
        return frames + self._blocks()

    def _note(self, now_s: float) -> None:
        """Keep the earliest that position 0 can have been, of the last window and of this one."""
        origin_s = now_s - seconds(self.position)
        before, since = self._origins_s
        if now_s - self._window_s > _WINDOW_S:
            before, since, self._window_s = since, origin_s, now_s
        self._origins_s = before, min(since, origin_s)

    def _blocks(self, *, all_of_it: bool = False) -> list[Frame]:
        frames = []
        while len(self._waiting) >= BLOCK or (all_of_it and len(self._waiting)):
            piece, self._waiting = self._waiting[:BLOCK], self._waiting[BLOCK:]
            frames.append(Frame(self._framed, piece))
            self._framed += len(piece)
        return frames
