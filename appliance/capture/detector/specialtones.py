"""What the network says when a call cannot be: special information tones, and the howler for a receiver left off."""

from collections import deque

from appliance.audio import positions
from appliance.capture.detector.senses import Evidence
from appliance.capture.tonality import Sounding
from appliance.model.calls import Mark, MarkKind

SIT, HOWLER = "sit", "howler"
"""What their marks say."""

SIT_HZ = (950.0, 1400.0, 1800.0)
SIT_OFF_HZ = 50.0
"""Three tones one after another (ITU-T E.180); American ones are up to 36 Hz off."""

SIT_LENGTH = (positions(0.2), positions(0.5))
"""330 ms each; 276 and 380 ms in America."""

SIT_PAUSE = positions(0.15)
"""Between two of them 30 ms at most."""

HOWLER_OVER_DB = 25.0
"""The howler is made to be heard across a room: this far above the idle line it begins."""

HOWLER_LOW_DB = 3.0
"""It lies around and above 1 kHz (SIN 351; GR-506: 1400 to 2600 Hz); of a voice there is far more below."""

HOWLER_HOPS = 15
"""Hops, 3 s, of which ``HOWLER_PART`` must be like this."""

HOWLER_PART = 0.8
LATELY_HOPS = 3


class SpecialTones:
    """Listens for them in one call.

    ``refused`` is True once special information tones came: what speaks next is a machine. ``howling`` is where a
    howler began that has been going on for long enough to be one.
    """

    def __init__(self) -> None:
        """Nothing has been heard."""
        self.refused = False
        self.howling: int | None = None
        self._sequence: list[Sounding] = []
        self._shrill: deque[tuple[int, bool]] = deque(maxlen=HOWLER_HOPS)

    @property
    def is_shrill(self) -> bool:
        """True while what is heard may be a howler."""
        return any(yes for _, yes in list(self._shrill)[-LATELY_HOPS:])

    def hear(self, evidence: Evidence, *, forsaken: bool) -> list[Mark]:
        """Take a hop; return the marks it completes. ``forsaken`` says that a howler may come: nobody is there."""
        marks = [mark for tone in evidence.tones for mark in self._next(tone)]
        return marks + (self._howled(evidence) if forsaken else [])

    def _next(self, tone: Sounding) -> list[Mark]:
        due = len(self._sequence)
        follows = due == 0 or tone.start - self._sequence[-1].end < SIT_PAUSE
        if not (follows and _is_sit(tone, due)):
            self._sequence = [tone] if _is_sit(tone, 0) else []
            return []
        self._sequence.append(tone)
        if len(self._sequence) < len(SIT_HZ):
            return []
        first, self._sequence, self.refused = self._sequence[0], [], True
        return [Mark(MarkKind.TONE, first.start, tone.end, SIT)]

    def _howled(self, evidence: Evidence) -> list[Mark]:
        self._shrill.append((evidence.at, _is_shrill(evidence)))
        shrill = [at for at, yes in self._shrill if yes]
        if self.howling is not None or len(shrill) < HOWLER_PART * HOWLER_HOPS:
            return []
        self.howling = shrill[0]
        return [Mark(MarkKind.TONE, self.howling, evidence.end, HOWLER)]


def _is_sit(tone: Sounding, number: int) -> bool:
    right = abs(tone.middle_hz - SIT_HZ[number]) < SIT_OFF_HZ and tone.spread_hz < SIT_OFF_HZ
    return right and SIT_LENGTH[0] < tone.length < SIT_LENGTH[1]


def _is_shrill(evidence: Evidence) -> bool:
    features = evidence.features
    loudest = max(features.high)
    row = features.high.index(loudest)
    over = (evidence.lift or 0.0) + loudest - min(features.high)
    return over > HOWLER_OVER_DB and features.voice[row] - loudest < HOWLER_LOW_DB
