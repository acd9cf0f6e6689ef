"""All that is heard in one hop, each feature once, the costly ones only where the cheap ones give reason to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appliance.capture.clicks import Click, ClickDetector
from appliance.capture.detector.announcements import Announced, AnnouncementCatcher
from appliance.capture.detector.memory import LineMemory
from appliance.capture.dtmf import Digit, DtmfDecoder
from appliance.capture.features import FeatureExtractor, Features, Hop
from appliance.capture.floor import IdleFloor
from appliance.capture.ring import RingDetector
from appliance.capture.runs import Span
from appliance.capture.tonality import Sounding, ToneTracker, tonal_frames
from appliance.capture.voice import VoiceDetector

UNKNOWN_IDLE_DBFS = -60.0
"""Taken for the idle line from 280 Hz up until it has been heard."""

STILL_DB = 3.0
"""What stays this near the idle line holds neither tones nor keys."""

DATA_DB = 8.0
DATA_LOW_DB = 0.6
"""Sound this far above idle, with this little of it below 1 kHz, is data (0.1 dB): noise has 1.1, voice 3 and more."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One hop from ``at`` to ``end``.

    ``lift`` is the floor in dB above the idle floor, None where it cannot be told (lost, not learnt).
    """

    at: int
    end: int
    features: Features
    lift: float | None
    clicks: list[Click]
    rings: list[Span]
    ringing_since: int | None
    tones: list[Sounding]
    tone: Sounding | None
    digits: list[Digit]
    keying: bool
    voiced: list[bool]
    announced: list[Announced]

    @property
    def is_data(self) -> bool:
        """True for a hop with a loud sound that has nothing from 280 Hz to 1 kHz: a data burst, not an open line."""
        features = self.features
        if (self.lift or 0.0) + features.lively <= DATA_DB:
            return False
        loudest = max(features.high)
        return features.voice[features.high.index(loudest)] - loudest < DATA_LOW_DB


class Senses:
    """The features of one line, fed hop by hop. ``receiver_down`` is told to them: it opens and shuts stages."""

    def __init__(self, memory: LineMemory) -> None:
        """Begin with what was learnt before a restart."""
        self.floor = IdleFloor(memory.idle_floor_dbfs, memory.idle_ringing_dbfs)
        self.receiver_down = True
        self._features = FeatureExtractor()
        self._clicks = ClickDetector()
        self._ring = RingDetector()
        self._tones = ToneTracker()
        self._dtmf = DtmfDecoder()
        self._voice = VoiceDetector()
        self._announcements = AnnouncementCatcher()

    @property
    def idle_voice(self) -> float:
        """The idle line's level from 280 Hz to 3.4 kHz, in dBFS."""
        return UNKNOWN_IDLE_DBFS if self.floor.voice is None else self.floor.voice

    def each(self, hops: Sequence[Hop]) -> Iterator[Evidence]:
        """Yield what there is to hear in each of ``hops``, which follow each other.

        Each waits until the one before has been dealt with: the floor may have been learnt of it.
        """
        idle_voice = self.idle_voice
        features = self._features.of(hops, idle_voice + STILL_DB)
        for hop, tonal in zip(features, tonal_frames(features, idle_voice), strict=True):
            yield self._of(hop, self._tones.of(hop, tonal), idle_voice)

    def _of(self, features: Features, tones: list[Sounding], idle_voice: float) -> Evidence:
        floor, digits = self.floor, self._dtmf.of(features)
        return Evidence(
            at=features.at,
            end=features.end,
            features=features,
            lift=None if features.lost or floor.level is None else floor.lift(features),
            clicks=self._clicks.of(features),
            rings=self._ring.of(features, floor.ringing, self._tones.rows),
            ringing_since=self._ring.sounding_since,
            tones=tones,
            tone=self._tones.sounding,
            digits=digits,
            keying=self._dtmf.keying or bool(digits),
            voiced=self._voice.of(features, idle_voice, self._tones.rows),
            announced=self._announcements.of(features, idle_voice, digits) if self.receiver_down else [],
        )

    def announced_by(self, end: int) -> list[Announced]:
        """Return what had been announced when the receiver was lifted, heard up to ``end``.

        Talk followed it, not quiet.
        """
        return self._announcements.cut(end)
