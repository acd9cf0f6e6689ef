"""The keeper's side of the gap ledger: chapters taken from the spool, and each line's account told from them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from appliance.clock import LONDON
from appliance.codec import read_json
from appliance.errors import SealBroken
from appliance.keeper.live import LiveBoard
from appliance.keeper.stores import Stores
from appliance.model.gaps import MEANT, Gap, GapCause, LineAccount
from appliance.storage.entry import Stated
from appliance.storage.gapnotes import SIGN_OF_LIFE, LastKnown
from appliance.storage.gaps import Ledger
from appliance.storage.gapstore import GapStore, Shelved
from appliance.storage.journalline import Act

LEAST_S = 1.0
"""A shorter gap is in the ledger and on the line's page, and no fault for the month's report."""

_A_CHAPTER = timedelta(days=1, hours=1)
"""A chapter covers no more."""


class GapBook:
    """Reads what the recorder says of its listening. Safe to use from several threads, as the keeper does."""

    def __init__(self, stores: Stores, live: LiveBoard) -> None:
        """Look into the spool and the vault of ``stores``."""
        self._stores, self._live = stores, live
        self._store = GapStore(stores.folders.spool, stores.folders.vault, stores.disk)

    def take_in(self) -> None:
        """Keep every chapter that is finished; its sum is in the journal first, so that it cannot be changed later.

        Raises:
            JournalRefused, OSError: it stays in the spool, and is tried again.
        """
        for shelved in self._store.chapters():
            self._stores.boots.heard_of(shelved.chapter.began.at.boot_id)
        for shelved in self._store.finished():
            gaps = [gap for account in Ledger([shelved.chapter], self._when).accounts() for gap in account.gaps]
            seconds = sum(gap.length_s for gap in gaps)
            self._stores.journal.append(
                Act.LISTENING_KEPT, gaps=str(len(gaps)), seconds=f"{seconds:.0f}", sum=shelved.sum
            )
            self._store.keep(shelved)

    def accounts(self, first: datetime, last: datetime) -> tuple[LineAccount, ...]:
        """Return each line's account from ``first`` to ``last``, as far as there is one; gaps are cut to fit."""
        now = self._stores.clock.now().at
        chapters = [shelved.chapter for shelved in self._since(first)]
        if not chapters:
            return ()
        ledger = Ledger(chapters, self._when, self._heard_until(now), now)
        return tuple(_within(account, first, last) for account in ledger.accounts() if account.last > first)

    def faults(self, first: date, last: date) -> tuple[Gap, ...] | None:
        """Return what could not be recorded on the days from ``first`` to ``last``, but for what somebody wanted so.

        None where nothing is known of those days, or not all of it can be read.
        """
        since = datetime.combine(first, time(), LONDON)
        accounts = self.accounts(since, datetime.combine(last + timedelta(days=1), time(), LONDON))
        if not accounts or self.damaged:
            return None
        return tuple(gap for account in accounts for gap in account.gaps if _counts(gap))

    @property
    def damaged(self) -> int:
        """How many lines of the ledger cannot be read: what they said is not known."""
        return sum(shelved.chapter.damaged for shelved in self._store.chapters())

    def _since(self, first: datetime) -> Iterator[Shelved]:
        """Yield the chapters that may tell of ``first`` or later, and the one before them."""
        chapters = self._store.chapters()
        late = [self._when(one.chapter.last)[0] + _A_CHAPTER >= first for one in chapters]
        start = max(0, late.index(True) - 1) if True in late else len(chapters)
        yield from chapters[start:]

    def _when(self, stated: Stated) -> tuple[datetime, bool]:
        return self._stores.boots.started_at(stated), self._stores.boots.is_sure(stated)

    def _heard_until(self, now: datetime) -> datetime | None:
        """Return up to when the recorder is known to be alive."""
        if self._live.in_contact():
            return now
        try:
            known = read_json(self._stores.folders.live / SIGN_OF_LIFE, LastKnown)
        except (SealBroken, OSError):
            return None
        return self._when(known.at)[0] if known else None


def _counts(gap: Gap) -> bool:
    return gap.why.cause not in MEANT and (gap.length_s >= LEAST_S or gap.why.cause is GapCause.CLOCK)


def _cut(gap: Gap, first: datetime, last: datetime) -> Gap:
    return replace(gap, start=max(gap.start, first), end=min(gap.end, last))


def _within(account: LineAccount, first: datetime, last: datetime) -> LineAccount:
    gaps = tuple(_cut(gap, first, last) for gap in account.gaps if gap.end > first and gap.start < last)
    return LineAccount(account.line, account.line_name, max(first, account.first), min(last, account.last), gaps)
