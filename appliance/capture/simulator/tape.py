"""The sound of a line as it grows: floors under everything, sounds laid over them, the card's own faults on top."""

from enum import Enum
from functools import cache

import numpy as np

from appliance.audio import RATE, Samples
from appliance.capture.simulator import speech, waves
from appliance.capture.simulator.profile import Profile

_TILE = 1 << 17
"""Samples of noise that are repeated: 16 s, longer than anything measures."""

_LENGTH = 1 << 19
"""Samples there is room for before any must be finished: a minute."""

_ROOM_SWELL_DB = np.float32(2.0)

_NOISES: dict[str, tuple[int, float, float, float]] = {
    "card": (1, 5.0, 4000.0, 0.0),
    "line": (2, 50.0, 3600.0, 0.0),
    "room": (3, 80.0, 3600.0, -3.0),
    "comfort": (4, 200.0, 3400.0, -2.0),
}
"""Each noise's own seed, that they add up in power; its band in Hz; its tilt in dB an octave."""


class Floor(Enum):
    """What lies under a stretch: nobody there, a loop without a microphone, an open microphone, a dead pair."""

    IDLE = "idle"
    MUTED = "muted"
    OPEN = "open"
    BROKEN = "broken"


@cache
def _noise(name: str) -> Samples:
    seed, low_hz, high_hz, tilt_db = _NOISES[name]
    rng = np.random.default_rng(seed)
    noise = waves.coloured_noise(rng, _TILE, low_hz, high_hz, tilt_db)
    if name == "room":  # people move about in a room, and a room's noise swells and fades with them
        noise *= np.power(10, _ROOM_SWELL_DB / 20 * waves.coloured_noise(rng, _TILE, 0.1, 1.5, 0.0))
    return waves.at_level(noise, 0.0)


@cache
def _hum(hz: float) -> Samples:
    harmonics = (hz, 2 * hz, 3 * hz, 5 * hz, 7 * hz)
    return waves.at_level(waves.sines(harmonics, RATE, (1.0, 0.3, 0.5, 0.25, 0.1)), 0.0)


class Tape:
    """A line's audio from its first sample on. ``position`` is where the next stretch begins."""

    def __init__(self, profile: Profile, rng: np.random.Generator) -> None:
        """Start with nothing; ``rng`` shifts the noises so that no two lines sound alike."""
        self.position = 0
        self._profile = profile
        self._shift = int(rng.integers(_TILE))
        self._base = 0
        self._mix = np.zeros(_LENGTH, np.float32)
        self._card = np.zeros(_LENGTH, np.float32)
        self._done: list[Samples] = []

    def run(self, n: int, floor: Floor) -> None:
        """Let ``n`` samples pass with nothing but the floor."""
        at, profile = self.position, self._profile
        if at - self._base > _LENGTH // 2:
            self._finish()
        self._reach(at + n)
        self._lay(self._card, _noise("card"), profile.idle_dbfs, n)
        self._lay(self._mix, _hum(profile.hum_hz), profile.hum_dbfs, n)
        if floor in (Floor.MUTED, Floor.OPEN):
            self._lay(self._mix, _noise("line"), profile.line_dbfs, n)
        if floor is Floor.OPEN:
            self._lay(self._mix, _noise("room"), profile.room_dbfs, n)
        if profile.comfort_dbfs is not None and floor is Floor.OPEN:
            self._lay(self._mix, _noise("comfort"), profile.comfort_dbfs, n)
        if profile.crosstalk_dbfs is not None:
            self._lay(self._mix, speech.neighbour(), profile.crosstalk_dbfs, n)
        self.position = at + n

    def add(self, at: int, samples: Samples) -> None:
        """Lay a sound over the line, from the beginning of the last stretch on; it may reach into what comes next."""
        self._reach(at + len(samples))
        start = at - self._base
        self._mix[start : start + len(samples)] += samples

    def silence(self, start: int, end: int) -> None:
        """Cut every sound but the card's own from ``start`` on, as when a line's voltage goes."""
        self._mix[start - self._base : end - self._base] = 0

    def take(self) -> Samples:
        """Return all that has passed since the last time, as the card delivers it."""
        self._finish()
        done, self._done = self._done, []
        return np.concatenate(done)

    def _finish(self) -> None:
        """Turn what has passed into what the card delivers; nothing can be laid over it any more."""
        n = self.position - self._base
        heard = self._mix[:n] * np.float32(waves.amplitude(self._profile.gain_db))
        heard += self._card[:n]
        heard += np.float32(self._profile.dc)
        np.clip(heard, -1.0, 32767 / 32768, out=heard)
        self._done.append(heard)
        left, self._card = self._mix[n:], np.zeros(_LENGTH, np.float32)
        self._mix = np.zeros(_LENGTH, np.float32)
        self._base = self.position
        self._reach(self._base + len(left))
        self._mix[: len(left)] = left

    def _reach(self, end: int) -> None:
        short = end - self._base - len(self._mix)
        if short > 0:
            more = np.zeros(short, np.float32)
            self._mix = np.concatenate((self._mix, more))
            self._card = np.concatenate((self._card, more))

    def _lay(self, track: Samples, tile: Samples, dbfs: float, n: int) -> None:
        gain, done = np.float32(waves.amplitude(dbfs)), 0
        while done < n:
            at = self.position + done
            offset = (at + self._shift) % len(tile)
            piece = tile[offset : offset + n - done]
            start = at - self._base
            track[start : start + len(piece)] += gain * piece
            done += len(piece)
