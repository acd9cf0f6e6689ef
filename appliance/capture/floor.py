"""The idle floor: how loud a line is with the receiver down, learnt slowly, the measure of everything else."""

from statistics import median

from appliance.capture.features import Features

LEARNING_HOPS = 5
"""Hops of steady quiet, 1 s, before a floor that nobody remembered is believed."""

PACE = 0.05
"""How much of a hop's difference the floor takes over: a time constant of 4 s."""

NEAR_DB = 1.5
"""A hop this near the floor is the floor drifting; further away something is happening."""

BARE_DB = 3.5
"""Only hops whose frames differ by less are learnt from: noise alone makes 1.5 dB, crosstalk more."""

RISEN_DB = 0.5
RISEN_HOPS = 300
"""As many hops, a minute, of nothing but noise above the floor are another floor: a level control was moved."""


def quiet_level(features: Features) -> float:
    """Return the level of the hop's quietest frames, 1 to 3.4 kHz, in dBFS."""
    return features.quiet


class IdleFloor:
    """Learns the floor of one line while it is idle: levels in dBFS, None until known.

    ``level`` is that of the quiet part of a hop, 1 to 3.4 kHz, ``ringing`` below 700 Hz, ``voice`` from 280 Hz up.
    """

    def __init__(self, level: float | None = None, ringing: float | None = None) -> None:
        """Begin with what was learnt before a restart, if anything."""
        self.level = level
        self.ringing = ringing
        self.voice: float | None = None
        self._recent: list[float] = []
        self._risen = 0
        self._guesses: list[float] = []

    def lift(self, features: Features) -> float:
        """Return how far the hop's quiet part stands above the idle floor, in dB; 0 while none is known."""
        return 0.0 if self.level is None else features.quiet - self.level

    def learn(self, features: Features, *, settled: bool = True) -> None:
        """Take in a hop of a line that is idle, as far as one knows; not ``settled`` while a call may be beginning."""
        if features.lost:
            return
        if features.lively > BARE_DB:
            self._guess(features)
            return
        level = features.quiet
        self._recent = [*self._recent[1 - 2 * LEARNING_HOPS :], level]
        steady = self._recent[-LEARNING_HOPS:]
        if self.level is None:
            if len(steady) == LEARNING_HOPS and max(steady) - min(steady) < 2 * NEAR_DB:
                self.level = median(steady)
        elif self._has_risen(level - self.level):
            self.level = median(self._recent)
        elif settled and abs(level - self.level) < NEAR_DB:
            self.level += PACE * (level - self.level)
            self._learn_bands(features)
        elif max(self._recent) < self.level - NEAR_DB / 2 and len(self._recent) == 2 * LEARNING_HOPS:
            self.level = median(self._recent)

    def _guess(self, features: Features) -> None:
        """Where nothing but crosstalk has been heard yet, take the quietest of it till better is known."""
        if self.level is None:
            self._guesses.append(features.quiet)
            if len(self._guesses) > 2 * LEARNING_HOPS:
                self.level = min(self._guesses)

    def _has_risen(self, lift: float) -> bool:
        """Say whether the line has stood at another, higher, bare floor for so long that this is its idle one now."""
        if lift < RISEN_DB:
            self._risen = 0
        else:
            self._risen += 1
        return self._risen >= RISEN_HOPS

    def _learn_bands(self, features: Features) -> None:
        ringing, voice = features.ringing[-1], features.voice[-1]
        if self.ringing is None or self.voice is None:
            self.ringing, self.voice = ringing, voice
        else:
            self.ringing += PACE * (ringing - self.ringing)
            self.voice += PACE * (voice - self.voice)
