"""All that is heard in one hop, each feature once, the costly ones only where the cheap ones give reason to."""

from dataclasses import dataclass

import numpy as np

from appliance.audio import Samples, positions
from appliance.capture.callerid import decoded, keyed
from appliance.capture.clicks import Click, ClickDetector
from appliance.capture.detector.hops import Hop
from appliance.capture.detector.memory import LineMemory
from appliance.capture.dtmf import Digit, DtmfDecoder
from appliance.capture.features import HOP, STEP, FeatureExtractor, Features
from appliance.capture.floor import IdleFloor
from appliance.capture.ring import RingDetector
from appliance.capture.runs import Span
from appliance.capture.tonality import Sounding, ToneTracker
from appliance.capture.voice import VoiceDetector
from appliance.model.calls import Caller

UNKNOWN_IDLE_DBFS = -60.0
"""Taken for the idle line from 280 Hz up until it has been heard."""

BURST_DB = 10.0
"""A sound this far above the idle line may be a data burst."""

DATA_DB = 8.0
DATA_LOW_DB = 0.6
"""Sound this far above idle, with this little of it below 1 kHz, is data (0.1 dB): noise has 1.1, voice 3 and more."""

MAY_BE_DATA_DB = 1.5
"""The same for what is looked at as a message: with hum and noise beside it data may lose a little."""

LONGEST_BURST = positions(3.0)
KEYED_PAUSE = positions(0.6)
"""Keyed caller display has pauses of at most 70 ms to 100 ms; after this it is complete or none."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A caller announced with the receiver down, between ``start`` and ``end``."""

    caller: Caller
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """One hop. ``lift`` is the floor in dB above the idle floor, None where it cannot be told (lost, not learnt)."""

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
        loudest = max(features.high)
        row = features.high.index(loudest)
        return (self.lift or 0.0) + loudest - min(features.high) > DATA_DB and features.voice[
            row
        ] - loudest < DATA_LOW_DB

    @property
    def at(self) -> int:
        """The position of the hop's first sample."""
        return self.features.at

    @property
    def end(self) -> int:
        """The position just after the hop."""
        return self.features.end


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
        self._announcements = _AnnouncementCatcher()

    @property
    def idle_voice(self) -> float:
        """The idle line's level from 280 Hz to 3.4 kHz, in dBFS."""
        return UNKNOWN_IDLE_DBFS if self.floor.voice is None else self.floor.voice

    def of(self, hop: Hop) -> Evidence:
        """Return what there is to hear in ``hop``."""
        features = self._features.of(hop.at, hop.samples, lost=hop.lost)
        floor, idle_voice = self.floor, self.idle_voice
        digits = self._dtmf.of(features)
        tones = self._tones.of(features, idle_voice, floor.spectrum)
        return Evidence(
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

    def announced_by(self, at: int) -> list[Announced]:
        """Return what had just been announced when the receiver was lifted, by ``at``: talk follows it, not quiet."""
        return self._announcements.cut(at)


class _AnnouncementCatcher:
    """Collects what sounds on an idle line until it is quiet again, then looks whether it named a caller."""

    def __init__(self) -> None:
        self._burst: list[Samples] = []
        self._promising = False
        self._start = self._sounds_from = 0
        self._before = np.zeros(HOP, np.float32)
        self._keyed: list[Digit] = []

    def of(self, features: Features, idle_voice: float, digits: list[Digit]) -> list[Announced]:
        """Return the announcements that this hop completes."""
        found = self._data(features, idle_voice + BURST_DB)
        self._keyed += digits
        if self._keyed and features.end - self._keyed[-1].end > KEYED_PAUSE:
            caller = keyed("".join(digit.key for digit in self._keyed))
            if caller:
                found.append(Announced(caller, self._keyed[0].start, self._keyed[-1].end))
            self._keyed = []
        self._before = features.samples
        return found

    def cut(self, at: int) -> list[Announced]:
        """Return the announcements complete by ``at``, and forget what was collected: it ends there."""
        burst, self._burst = self._burst, []
        digits, self._keyed = [digit for digit in self._keyed if digit.end <= at], []
        found = []
        message = decoded(np.concatenate(burst)[: max(0, at - self._start)]) if burst and self._promising else None
        if message:
            found.append(Announced(message.caller, self._sounds_from, self._start + message.end))
        caller = keyed("".join(digit.key for digit in digits))
        if caller:
            found.append(Announced(caller, digits[0].start, digits[-1].end))
        return found

    def _data(self, features: Features, least: float) -> list[Announced]:
        sounding = max(features.voice) > least
        if sounding and not self._burst:
            loud = next(row for row, level in enumerate(features.voice) if level > least)
            self._sounds_from = features.at + loud * STEP
            self._start = features.at - HOP
            self._burst, self._promising = [self._before], False
        if not self._burst:
            return []
        self._burst.append(features.samples)
        self._promising = self._promising or _may_be_data(features, least)
        full = len(self._burst) * HOP >= LONGEST_BURST
        if sounding and not full:
            return []
        message = decoded(np.concatenate(self._burst)) if self._promising else None
        end = self._start + (message.end if message else 0)
        kept = len(self._burst) // 2 if sounding and message is None else 0
        self._start += (len(self._burst) - kept) * HOP
        self._burst = self._burst[-kept:] if kept else []
        return [Announced(message.caller, self._sounds_from, end)] if message else []


def _may_be_data(features: Features, least: float) -> bool:
    """Say whether a loud frame has nearly all its sound above 1 kHz: to look at every ring would cost more."""
    pairs = zip(features.voice, features.high, strict=True)
    return any(voice > least and voice - high < MAY_BE_DATA_DB for voice, high in pairs)
