"""Callers announced on a line whose receiver is down: bursts of data, and keyed caller display."""

from dataclasses import dataclass

import numpy as np

from appliance.audio import Samples, positions
from appliance.capture.callerid import decoded, keyed
from appliance.capture.dtmf import Digit
from appliance.capture.features import ROWS, STEP, Features
from appliance.capture.runs import RunTracker, Span
from appliance.model.calls import Caller

BURST_DB = 10.0
"""A sound this far above the idle line may be a data burst."""

DATA_DB = 1.8
"""How far what lies from 1 to 2.6 kHz may stay behind all from 280 Hz to 3.4 kHz in a frame of data: a tenth of a dB
where the line is clean, more with hum and noise beside it."""

LEAST = positions(0.14)
"""How long what looks like data must last: the shortest message with what goes before it lasts 0.22 s. Voice has so
much in that band for 0.12 s at most."""

BRIDGE = 2
"""Frames in data that may look otherwise: a click, a packet lost."""

AROUND = positions(0.08)
"""What is decoded before and after the frames that look like data: a window reaches back 44 ms."""

LONGEST = positions(3.0)
"""A message lasts 2.5 s at most; what sounds longer is none."""

ALERT = positions(0.6)
"""The tone that announces a message begins no longer than this before the data."""

KEYED_PAUSE = positions(0.6)
"""Keyed caller display has pauses of at most 70 ms to 100 ms; after this it is complete or none."""


NO_ROWS = [False] * ROWS


@dataclass(frozen=True, slots=True)
class Announced:
    """A caller announced with the receiver down, between ``start`` and ``end``."""

    caller: Caller
    start: int
    end: int


class AnnouncementCatcher:
    """Follows a line whose receiver is down, hop by hop. Hops that are left out while it is up do not matter."""

    def __init__(self) -> None:
        """Begin on a silent line."""
        self._keyed: list[Digit] = []
        self._data = RunTracker(BRIDGE)
        self._audio: list[Samples] = []
        self._end = 0
        self._sounds_from: int | None = None

    def of(self, features: Features, idle_voice: float, digits: list[Digit]) -> list[Announced]:
        """Return the announcements that this hop completes. ``idle_voice`` is the idle line's level in dBFS."""
        found = self._by_data(features, idle_voice + BURST_DB)
        self._keyed += digits
        if self._keyed and features.end - self._keyed[-1].end > KEYED_PAUSE:
            found += _by_keys(self._keyed)
            self._keyed = []
        return found

    def cut(self, at: int) -> list[Announced]:
        """Return the announcements complete by ``at`` that no hop has shown yet; what was collected ends there."""
        digits, self._keyed = [digit for digit in self._keyed if digit.end <= at], []
        since = self._data.open_since
        return (self._in(Span(since, at)) if since is not None else []) + _by_keys(digits)

    def _by_data(self, features: Features, least: float) -> list[Announced]:
        if features.at != self._end:
            self._data, self._audio, self._sounds_from = RunTracker(BRIDGE), self._audio[-1:], None
        self._end = features.end
        self._audio.append(features.samples)
        rows = NO_ROWS
        if features.loudest > least:
            if self._sounds_from is None:
                loud = next(row for row, level in enumerate(features.voice) if level > least)
                self._sounds_from = features.at + loud * STEP
            rows = [
                voice > least and voice - data < DATA_DB
                for voice, data in zip(features.voice, features.data, strict=True)
            ]
        found = [one for burst in self._data.take(features.at, rows) for one in self._in(burst)]
        if features.loudest <= least:
            self._sounds_from = None
        since = self._data.open_since
        if since is not None and features.end - since > LONGEST:
            self._data, since = RunTracker(BRIDGE), None
        if since is None:
            del self._audio[:-1]
        return found

    def _in(self, burst: Span) -> list[Announced]:
        """Return what a burst of data says."""
        if burst.length < LEAST:
            return []
        audio = np.concatenate(self._audio)
        first = self._end - len(audio)
        start = max(burst.start - AROUND, first)
        message = decoded(audio[start - first : burst.end + AROUND - first])
        if message is None:
            return []
        sounds_from = burst.start if self._sounds_from is None else self._sounds_from
        return [Announced(message.caller, max(sounds_from, burst.start - ALERT), start + message.end)]


def _by_keys(digits: list[Digit]) -> list[Announced]:
    caller = keyed("".join(digit.key for digit in digits))
    return [Announced(caller, digits[0].start, digits[-1].end)] if caller else []
