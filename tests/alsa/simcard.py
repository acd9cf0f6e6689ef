"""Sound cards without hardware, for tests: the bench's, made to fail."""

import numpy as np

from appliance.bench.soundcards import SoundCards, build

__all__ = ["SimCard", "SimCards", "build"]


class SimCard:
    """One card. What is on its line is ``samples``: int16, shape ``(n,)`` or ``(n, channels)``, at ``rate``."""

    def __init__(self, control, name, samples, rate):
        self._ctl, self.name, self.rate = control, name, rate
        self.samples = np.asarray(samples, "<i2").reshape(len(samples), -1)

    def unplug(self):
        self._flag("unplug").touch()

    def plug_in(self):
        self._flag("unplug").unlink()

    def stall(self):
        self._flag("stall").touch()

    def resume(self):
        self._flag("stall").unlink()

    def _flag(self, fault):
        return self._ctl.with_suffix(f".{fault}")


class SimCards(SoundCards):
    """The machine's cards, as ALSA is told by a configuration file."""

    def add(self, name, samples, rate=48000):
        """Fit a card; PortAudio finds it when it is next started."""
        return SimCard(self.fit(name, samples, rate), name, samples, rate)
