"""Voice activity, frame by frame: a hint for phases and for the stretches the player shows, never for a boundary."""

from collections import deque

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
        self._quietest = deque([0.0] * FLOOR_HOPS, FLOOR_HOPS)

    def of(self, features: Features, idle_voice: float, tonal: list[bool]) -> list[bool]:
        """Return one answer a frame. ``idle_voice`` is the idle line's level from 280 Hz to 3.4 kHz, in dBFS.

        ``tonal`` says which frames are tones: the classifier takes nine keyed digits in ten for speech. Frames beside
        them, those that are all low (power ringing) and those with nothing below 1 kHz (data) are none either.
        """
        self._quietest.append(min(features.voice))
        if features.lost or features.loudest < idle_voice + OVER_IDLE_DB:
            return NOBODY
        least = max(idle_voice, min(self._quietest)) + OVER_IDLE_DB
        rows = [
            voice > least and voice > low - LOW_DB and voice > high + HIGH_DB
            for low, voice, high in zip(features.low, features.voice, features.high, strict=True)
        ]
        if True in tonal:
            rows = [row and not tone for row, tone in zip(rows, _beside(tonal), strict=True)]
        return self._spoken(features, rows) if True in rows else NOBODY

    def _spoken(self, features: Features, rows: list[bool]) -> list[bool]:
        """Ask the classifier about ``rows``, two at a time: a syllable lasts longer than that."""
        gain = 10.0 ** ((LIFTED_DBFS - features.loudest) / 20.0) if features.loudest < WEAK_DBFS else 1.0
        samples = features.samples * np.float32(32767.0 * gain)
        pcm = np.minimum(np.maximum(samples, _LEAST, out=samples), _MOST, out=samples).astype("<i2").tobytes()
        spoken: list[bool] = []
        for row in range(0, ROWS, 2):
            asked = row if rows[row] else row + 1
            yes = rows[asked] and self._classifier.is_speech(pcm[2 * asked * STEP : 2 * (asked + 1) * STEP], RATE)
            spoken += (yes and rows[row], yes and rows[row + 1])
        return spoken


_LEAST, _MOST = np.float32(-32768.0), np.float32(32767.0)

NOBODY = [False] * ROWS
"""The answers where nobody speaks; not to be changed."""


def _beside(tonal: list[bool]) -> list[bool]:
    """Say for each frame whether it or one beside it is tonal."""
    return [a or b or c for a, b, c in zip([False, *tonal], tonal, [*tonal[1:], False], strict=False)]
