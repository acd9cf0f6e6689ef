"""What is played to callers: a message, shipped or the practice's own, and the beep. 48 kHz, signed 16 bits."""

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from appliance.errors import AudioUnreadable
from appliance.model.calls import MarkKind

RATE = 48_000
"""What practically every sound card plays."""

SHIPPED = Path(__file__).with_name("message.opus")
"""Spoken by a machine from ``message.txt``; a practice will want its own voice."""

LONGEST_S = 60.0
"""A longer message is cut: callers would hang up."""

BEEP_HZ, BEEP_S = 1400.0, 0.2
"""The tone that says "recorded" where one is usual: 1,400 Hz for a fifth of a second (47 CFR 64.501 (2016))."""

_BEEP_LEVEL = 0.2  # of full scale: heard, and not in the way of what is said
_RAMP_S = 0.005


@dataclass(frozen=True, slots=True)
class Sound:
    """Something to play: mono ``pcm``, and what the recording calls it."""

    kind: MarkKind
    pcm: bytes

    @property
    def length_s(self) -> float:
        """How long it lasts."""
        return len(self.pcm) / (2 * RATE)


def message(path: Path = SHIPPED) -> Sound:
    """Return a message from a sound file of any usual form.

    Raises:
        AudioUnreadable: it is missing, or is no sound file.
    """
    try:
        with av.open(str(path)) as container:
            to_mono = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            pieces = [out for frame in container.decode(audio=0) for out in to_mono.resample(frame)]
            pieces += to_mono.resample(None)
    except (av.FFmpegError, OSError, IndexError) as wrong:
        raise AudioUnreadable(f"The announcement {path.name} is missing or is no sound file.") from wrong
    pcm = b"".join(piece.to_ndarray().astype("<i2").tobytes() for piece in pieces)
    if not pcm:
        raise AudioUnreadable(f"The announcement {path.name} holds no sound.")
    return Sound(MarkKind.ANNOUNCEMENT, pcm[: int(LONGEST_S * RATE) * 2])


def beep() -> Sound:
    """Return the beep, soft at both ends."""
    time_s = np.arange(round(BEEP_S * RATE)) / RATE
    soft = np.clip(np.minimum(time_s, BEEP_S - time_s) / _RAMP_S, 0.0, 1.0)
    samples = _BEEP_LEVEL * soft * np.sin(2 * np.pi * BEEP_HZ * time_s)
    return Sound(MarkKind.BEEP, (samples * 32767).astype("<i2").tobytes())


def shipped_words() -> str:
    """Return what the shipped message says."""
    return SHIPPED.with_suffix(".txt").read_text(encoding="utf-8").strip()
