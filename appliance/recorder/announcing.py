"""When a line's callers are told that they are recorded: the message once a call is answered, then a beep now and then.

No sound and no thread: it is told how the call stands and what was played, and says what to play. What was played is
marked in the recording, where and for how long.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from appliance.capture.announcement import Sound
from appliance.capture.speakers import Played
from appliance.config import Announce
from appliance.model.calls import CallFacts, Direction, Mark, MarkKind
from appliance.recorder.instant import Instant

TRIES, RETRY_S = 5, 2.0
"""In one call: the card's output may be another line's at the moment."""


class Plays(Protocol):
    """What plays to the line: a ``Speaker``."""

    busy: bool

    def play(self, sound: Sound) -> bool:
        """Play, unless something is being played; return whether it will be."""
        ...

    def cut(self) -> None:
        """Stop at once."""
        ...

    def played(self) -> list[Played]:
        """Return what was played since the last call."""
        ...

    def close(self) -> None:
        """Play no more."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a line's callers are to hear. ``message`` is None for none; ``beep_every_s`` 0 for no beeps."""

    announce: Announce
    message: Sound | None
    beep: Sound
    beep_every_s: int = 0


@dataclass(frozen=True, slots=True)
class AnnouncedNow:
    """When the message was last played to its end, and why it was not the last time; empty where it was."""

    last_at: datetime | None = None
    trouble: str = ""


class Announcer:
    """One line's. Owned by the line's thread; ``now`` may be read by any."""

    def __init__(self, wanted: Wanted, speaker: Plays) -> None:
        """Play ``wanted`` on ``speaker``."""
        self._wanted, self._speaker = wanted, speaker
        self._call: int | None = None
        self._tries_left, self._next_s = 0, 0.0
        self._beep_s: float | None = None
        self._marks: list[Mark] = []
        self.now = AnnouncedNow()

    def turn(self, facts: CallFacts | None, now: Instant, position_at: Callable[[float], int], silent: bool) -> None:
        """See what is due; ``facts`` are of the call in progress, if any. ``silent``: it is not being recorded."""
        for played in self._speaker.played():
            self._note(played, now, position_at)
        call = facts.off_hook if facts else None
        if call != self._call:
            if self._speaker.busy:
                self._speaker.cut()
            self._call, self._beep_s = call, None
            self._tries_left, self._next_s = TRIES, now.boottime_s
        if facts is not None and facts.answered and not self._speaker.busy:
            self._play_due(facts, now.boottime_s, silent=silent)

    def marks(self) -> tuple[Mark, ...]:
        """Return what was played lately; of which call, their positions say."""
        return tuple(self._marks)

    def close(self) -> None:
        """Play no more."""
        self._speaker.close()

    def _play_due(self, facts: CallFacts, now_s: float, *, silent: bool) -> None:
        wanted = self._wanted
        if self._beep_s is None:
            self._beep_s = now_s + wanted.beep_every_s
        if wanted.message and self._tries_left and self._concerns(facts):
            if now_s >= self._next_s and self._speaker.play(wanted.message):
                self._tries_left -= 1
        elif wanted.beep_every_s and now_s >= self._beep_s:
            self._beep_s = now_s + wanted.beep_every_s
            if not silent:  # a beep says that it is recorded
                self._speaker.play(wanted.beep)

    def _concerns(self, facts: CallFacts) -> bool:
        if self._wanted.announce is Announce.INCOMING:
            return facts.direction is Direction.IN
        return self._wanted.announce is Announce.EVERY

    def _note(self, played: Played, now: Instant, position_at: Callable[[float], int]) -> None:
        if played.sound.kind is MarkKind.ANNOUNCEMENT:
            whole = played.start_s is not None and played.end_s - played.start_s >= 0.9 * played.sound.length_s
            self._next_s = now.boottime_s + RETRY_S
            if whole and not played.trouble:
                self.now, self._tries_left = AnnouncedNow(now.moment.at), 0
            elif played.trouble:
                self.now = AnnouncedNow(self.now.last_at, played.trouble)
        if played.start_s is not None:
            start, end = position_at(played.start_s), position_at(played.end_s)
            self._marks = [*self._marks[-_MOST_MARKS:], Mark(played.sound.kind, start, end)]


_MOST_MARKS = 2000  # a beep each 15 s for over eight hours
