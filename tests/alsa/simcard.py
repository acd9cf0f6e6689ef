"""Sound cards without hardware, for tests: the ALSA plug-in beside this file, built, configured and made to fail."""

import subprocess
from pathlib import Path

import numpy as np

_SOURCE = Path(__file__).with_name("pcm_simline.c")


def build(folder):
    """Compile the plug-in into ``folder``; return the library."""
    library = folder / "libasound_module_pcm_simline.so"
    options = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-DPIC"]
    subprocess.run(["gcc", *options, "-o", library, _SOURCE, "-lasound"], check=True, capture_output=True, text=True)
    return library


class SimCard:
    """One card. What is on its line is ``samples``: int16, shape ``(n,)`` or ``(n, channels)``, at ``rate``."""

    def __init__(self, folder, name, samples, rate):
        self.name, self.rate = name, rate
        self.samples = np.asarray(samples, "<i2").reshape(len(samples), -1)
        self._ctl = folder / name
        self.samples.tofile(self._ctl.with_suffix(".raw"))

    @property
    def config(self):
        channels = self.samples.shape[1]
        return (
            f"pcm.{self.name} {{ type simline rate {self.rate} channels {channels} "
            f'infile "{self._ctl}.raw" ctl "{self._ctl}" }}'
        )

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


class SimCards:
    """The machine's cards, as ALSA is told by a configuration file."""

    def __init__(self, library, folder):
        self._library, self._folder = library, folder
        self._cards = []
        self.config = folder / "asound.conf"

    def add(self, name, samples, rate=48000):
        """Fit a card; PortAudio finds it when it is next started."""
        card = SimCard(self._folder, name, samples, rate)
        self._cards.append(card)
        lines = [f'pcm_type.simline {{ lib "{self._library}" }}', *(card.config for card in self._cards)]
        # Without a default PortAudio 19.6 may abort while it looks for cards.
        lines.append(f"pcm.!default {{ type plug slave.pcm {self._cards[0].name} }}")
        self.config.write_text("\n".join(lines) + "\n")
        return card
