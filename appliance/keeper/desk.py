"""What every group of answers works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from appliance.clock import LONDON, Clock
from appliance.config import LineConfig, WebConfig
from appliance.keeper.alarms import Alarms
from appliance.keeper.allowance import Allowances
from appliance.keeper.backups import Backups
from appliance.keeper.gaps import GapBook
from appliance.keeper.gate import Gate
from appliance.keeper.health import HealthWatch
from appliance.keeper.heard import Heard
from appliance.keeper.indexing import Indexing
from appliance.keeper.lineproofs import LineProofs
from appliance.keeper.live import LiveBoard
from appliance.keeper.opening import RecordingKeys
from appliance.keeper.playing import AudioShelf
from appliance.keeper.sessions import LiveSession, Sessions
from appliance.keeper.setupcode import SetupCode
from appliance.keeper.space import Space
from appliance.keeper.stores import Stores
from appliance.keeper.wishing import WishDesk
from appliance.link.messages import Reply
from appliance.link.messages.base import Message
from appliance.storage.daycolumns import Choice
from appliance.storage.entry import Entry
from appliance.storage.journalcheck import JournalReport
from appliance.storage.retention import kept_until, last_kept_until

Handlers = Mapping[type[Message], Callable[[Any], Reply]]
"""What answers which request."""


@dataclass(slots=True)
class JournalState:
    """What the last check of the journal said, and when; None before the first."""

    report: JournalReport | None = None
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The keeper's stores, and what it holds in memory only."""

    stores: Stores
    lines: tuple[LineConfig, ...]
    web: WebConfig
    sessions: Sessions
    gate: Gate
    alarms: Alarms
    live: LiveBoard
    setup_code: SetupCode
    space: Space
    indexing: Indexing
    allowances: Allowances
    backups: Backups
    health: HealthWatch
    wishing: WishDesk
    gaps: GapBook
    proofs: LineProofs
    shelf: AudioShelf = field(default_factory=AudioShelf)
    shared_shelf: AudioShelf = field(default_factory=AudioShelf)
    heard: Heard = field(default_factory=Heard)
    journal_state: JournalState = field(default_factory=JournalState)

    @property
    def clock(self) -> Clock:
        """The box's clock."""
        return self.stores.clock

    def keys(self, session: LiveSession) -> RecordingKeys:
        """Open recording keys with the key of a session."""
        return RecordingKeys(self.stores.keyring, session.opened.key)

    def tidy(self) -> None:
        """A session has ended: let go of what was opened by shares, and of all once nobody entitled is signed in."""
        self.shared_shelf.clear()
        if self.sessions.entitled() is None:
            self.stores.index.lock()
            self.shelf.clear()

    def end_sessions(self, which: Callable[[LiveSession], bool]) -> list[LiveSession]:
        """End sessions and let go of what only they had opened."""
        ended = self.sessions.end(which)
        self.tidy()
        return ended

    def kept_until(self, entry: Entry) -> date:
        """Return the last day that a recording is kept if nobody holds it."""
        counted_from = self.stores.boots.counted_from(entry.stated) or entry.started_at
        return kept_until(counted_from, self.stores.settings.months)

    def expiring(self, days: int, months: int | None = None) -> Choice:
        """Return which recordings' time is over within ``days``, or is over already, and which nobody holds.

        ``months`` is how long they would be kept; None is what is settled now.
        """
        today = self.clock.now().at.astimezone(LONDON).date()
        last = last_kept_until(today + timedelta(days=days), months or self.stores.settings.months)
        return Choice(last=last, without=self.stores.holds.held())

    def line_name(self, line: int) -> str:
        """Return what a line is called now; what it was called then is in the sheet."""
        return self.lines[line - 1].name if 0 < line <= len(self.lines) else f"Line {line}"

    def name_of(self, username: str) -> str:
        """Return somebody's name for a page; one who has left is known by what they typed."""
        people = (*self.stores.people.everyone(), *self.stores.people.disabled())
        return next((person.name for person in people if person.username == username), username)
