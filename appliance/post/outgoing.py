"""What is due to be sent on one way out of the box, and when. No clock, no network: the caller says how it went.

Each alarm is told when it began and when it ended; of one that nobody has seen to there is a reminder each day. What
falls due together goes in one letter, and there are only so many letters an hour. A way that fails is tried again,
ever more rarely, for as long as there is something to tell.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from appliance.model.health import AlarmRecord
from appliance.post.letter import Letter

STANDS_S = 20.0
"""An alarm shorter than this is told only if it was told already: a plug that is moved is no news."""

MOST_AN_HOUR = 6
RETRY_S = (30.0, 60.0, 120.0, 300.0, 900.0, 1800.0)
REMIND = timedelta(hours=24)

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Told:
    """What was sent of one alarm. ``at`` is when it was last told of as standing."""

    number: int
    since: datetime
    at: datetime
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """All that was sent on one way; kept over restarts. ``begun`` is False before the first look."""

    begun: bool = False
    told: tuple[Told, ...] = ()


@dataclass(slots=True)
class Outgoing:
    """One way out. ``sent`` is to be kept whenever it has changed."""

    sent: Sent = field(default_factory=Sent)
    failures: int = 0
    _next_try_s: float = float("-inf")
    _letters_s: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_AN_HOUR))

    def due(self, records: Sequence[AlarmRecord], now: datetime, now_s: float) -> Letter:
        """Return the letter to send now, empty for none; ``records`` are all alarms that are known."""
        if not self.sent.begun:  # what was over before anybody wanted to be told of it is no news
            gone = (Told(one.number, one.since, now, ended=True) for one in records if not one.stands)
            self.sent = Sent(begun=True, told=tuple(gone))
        self._forget(records)
        if now_s < self._next_try_s or self._had_enough(now_s):
            return Letter()
        told = {(one.number, one.since): one for one in self.sent.told}
        began, still, ended = [], [], []
        for record in sorted(records, key=lambda one: one.number):
            before = told.get((record.number, record.since))
            if before is None:
                if self._is_news(record, now):
                    began.append(record)
            elif not record.stands and not before.ended:
                ended.append(record)
            elif record.stands and not record.acknowledged_by and (before.ended or now - before.at >= REMIND):
                still.append(record)
        return Letter(tuple(began), tuple(still), tuple(ended))

    def went(self, letter: Letter, now: datetime, now_s: float) -> None:
        """The letter was taken by whoever brings it on."""
        told = {(one.number, one.since): one for one in self.sent.told}
        for record in letter.records:
            told[record.number, record.since] = Told(record.number, record.since, now, ended=not record.stands)
        self.sent = replace(self.sent, told=tuple(told.values()))
        self.failures, self._next_try_s = 0, float("-inf")
        self._letters_s.append(now_s)

    def failed(self, now_s: float) -> None:
        """It was not."""
        self._next_try_s = now_s + RETRY_S[min(self.failures, len(RETRY_S) - 1)]
        self.failures += 1

    def _is_news(self, record: AlarmRecord, now: datetime) -> bool:
        lasted_s = ((record.ended_at or now) - record.since).total_seconds()
        return lasted_s >= STANDS_S and not record.acknowledged_by

    def _had_enough(self, now_s: float) -> bool:
        full = len(self._letters_s) == MOST_AN_HOUR
        return full and now_s - self._letters_s[0] < _HOUR_S

    def _forget(self, records: Iterable[AlarmRecord]) -> None:
        """Forget alarms that nobody knows any more."""
        known = {(one.number, one.since) for one in records}
        kept = tuple(one for one in self.sent.told if (one.number, one.since) in known)
        if kept != self.sent.told:
            self.sent = replace(self.sent, told=kept)
