"""Voice activity, frame by frame: a hint for phases and for the stretches the player shows, never for a boundary."""

import numpy as np
import webrtcvad

from appliance.audio import RATE
from appliance.capture.features import ROWS, STEP, Features

MODE = 2
"""How strict the classifier is, 0 to 3."""

WEAK_DBFS = -40.0
LIFTED_DBFS = -25.0
"""Hops weaker than the first are brought up to the second: the classifier is deaf to faint lines."""

OVER_IDLE_DB = 6.0
"""Nothing this near the idle line is voice, nor this near the quietest of the last ``FLOOR_HOPS`` hops, 3 s: the
classifier takes a room's noise for speech once it is brought up."""

FLOOR_HOPS = 15


LOW_DB = 6.0
"""How far voice may stay behind what lies below 280 Hz; in power ringing it is 15 dB and more."""

HIGH_DB = 1.0
"""How far voice must stand above its own part from 1 kHz up; in data bursts the two are the same."""


class VoiceDetector:
    """Says for each frame whether somebody speaks."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._classifier = webrtcvad.Vad(MODE)
        self._quietest = [0.0] * FLOOR_HOPS

    def of(self, features: Features, idle_voice: float, tonal: list[bool]) -> list[bool]:
        """Return one answer a frame. ``idle_voice`` is the idle line's level from 280 Hz to 3.4 kHz, in dBFS.

        ``tonal`` says which frames are tones: the classifier takes nine keyed digits in ten for speech. Frames beside
        them, those that are all low (power ringing) and those with nothing below 1 kHz (data) are none either.
        """
        loudest = max(features.voice)
        self._quietest = [*self._quietest[1:], min(features.voice)]
        if features.lost or loudest < idle_voice + OVER_IDLE_DB:
            return [False] * ROWS
        gain = 32767.0 * (10.0 ** ((LIFTED_DBFS - loudest) / 20.0) if loudest < WEAK_DBFS else 1.0)
        pcm = np.clip(features.samples * gain, -32768.0, 32767.0).astype("<i2").tobytes()
        beside = [a or b or c for a, b, c in zip([False, *tonal], tonal, [*tonal[1:], False], strict=False)]
        least = max(idle_voice, min(self._quietest)) + OVER_IDLE_DB
        return [
            voice > max(least, low - LOW_DB, high + HIGH_DB)
            and not beside[row]
            and self._classifier.is_speech(pcm[2 * row * STEP : 2 * (row + 1) * STEP], RATE)
            for row, (low, voice, high) in enumerate(zip(features.low, features.voice, features.high, strict=True))
        ]
