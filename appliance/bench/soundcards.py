"""Sound cards without hardware: an ALSA plug-in that plays a line at the pace of a real one, and waits for nobody."""

import subprocess
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LIBRARY = "libasound_module_pcm_simline.so"
_OPTIONS = ("-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-DPIC")


def build(folder: Path) -> Path:
    """Compile the plug-in into ``folder``; return the library.

    Raises:
        OSError: there is no compiler.
        subprocess.CalledProcessError: libasound2-dev is not installed.
    """
    library = folder / _LIBRARY
    with resources.as_file(resources.files("appliance.bench") / "pcm_simline.c") as source:
        command = ["gcc", *_OPTIONS, "-o", str(library), str(source), "-lasound"]
        subprocess.run(command, check=True, capture_output=True, text=True)
    return library


class SoundCards:
    """The machine's cards, as ALSA is told by the file ``config`` (``ALSA_CONFIG_PATH``)."""

    def __init__(self, library: Path, folder: Path) -> None:
        """Fit none yet; keep what is on their lines in ``folder``."""
        self._library, self._folder = library, folder
        self._cards: dict[str, str] = {}
        self.config = folder / "asound.conf"

    @property
    def names(self) -> Sequence[str]:
        """The cards that are fitted."""
        return tuple(self._cards)

    def fit(self, name: str, samples: NDArray[Any], rate: int) -> Path:
        """Fit a card with ``samples`` on its line: 16 bits, shape ``(n,)`` or ``(n, channels)``, at ``rate`` hertz.

        PortAudio finds it when it is next started. Returns the path, without an ending, of the files that command it.
        """
        control = self._folder / name
        frames = np.asarray(samples, "<i2").reshape(len(samples), -1)
        frames.tofile(control.with_suffix(".raw"))
        self._cards[name] = (
            f"pcm.{name} {{ type simline rate {rate} channels {frames.shape[1]} "
            f'infile "{control}.raw" ctl "{control}" }}'
        )
        lines = [f'pcm_type.simline {{ lib "{self._library}" }}', *self._cards.values()]
        # Without a default PortAudio 19.6 may abort while it looks for cards.
        lines.append(f"pcm.!default {{ type plug slave.pcm {self.names[0]} }}")
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return control
