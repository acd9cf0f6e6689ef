"""Custody of what has been recorded: holds placed and released, and each recording's way through trash to destruction.

One lock covers everything that decides whether a recording goes or stays, so that a hold and a sweep can never
disagree. Each act is written in the journal before it is done, and each can be done again after a power cut.
"""

import threading
from collections.abc import Callable
from datetime import date, datetime

from appliance.clock import LONDON, Clock
from appliance.errors import HoldTooLate, NoSuchCall, RecordingHeld
from appliance.files import REAL_DISK, Disk
from appliance.model.calls import CallId
from appliance.storage.boots import Boots
from appliance.storage.catalogue import Catalogue
from appliance.storage.entry import Entry
from appliance.storage.filing import Filing
from appliance.storage.holds import HoldRecord, Holds
from appliance.storage.index import NumberIndex
from appliance.storage.journal import Journal
from appliance.storage.journalcheck import mentions
from appliance.storage.journalline import Act
from appliance.storage.records import Later
from appliance.storage.retention import destroyed_on, has_expired
from appliance.storage.sealing import SealTo
from appliance.storage.settings import Settings
from appliance.storage.shares import Shares
from appliance.storage.sheet import read_sheet, rewrite
from appliance.storage.unsealing import PrivateKey
from appliance.storage.vault import Trash, Vault


class Custody:
    """Decides over each single recording. Safe to use from several threads."""

    def __init__(
        self,
        vault: Vault,
        trash: Trash,
        catalogue: Catalogue,
        holds: Holds,
        journal: Journal,
        boots: Boots,
        index: NumberIndex,
        shares: Shares,
        settings: Settings,
        clock: Clock,
        disk: Disk = REAL_DISK,
    ) -> None:
        """Bring together everything that knows of a recording."""
        self._vault, self._trash, self._catalogue, self._holds = vault, trash, catalogue, holds
        self._journal, self._boots, self._index, self._clock = journal, boots, index, clock
        self._shares, self._settings, self._disk = shares, settings, disk
        self._filing = Filing(vault, boots)
        self._lock = threading.RLock()

    def place_hold(self, call_id: CallId, record: HoldRecord) -> None:
        """Keep a recording until the hold is released; durable when this returns. Brings it back from the trash.

        Raises:
            NoSuchCall: there never was such a recording.
            HoldTooLate: it has been destroyed.
            JournalRefused: it could not be written down, and was not done.
        """
        with self._lock:
            if not self._vault.has(call_id) and self._trash.where(call_id) is None:
                raise self._gone(call_id)
            self._journal.append(Act.HOLD_PLACED, record.placed_by, call_id, reason=record.reason)
            # First the hold, then the way back: after a cut between the two, ``settle`` sees that it is held.
            self._holds.place(call_id, record)
            self._restore(call_id)

    def release_hold(
        self, call_id: CallId, index: int, by: str, why_sealed: bytes, only: HoldRecord | None = None
    ) -> date | None:
        """End a hold. Returns the day the recording will be destroyed; None while another hold stands.

        ``only``: the hold that is meant, where the caller looked at it before.

        Raises:
            NoSuchCall: there is no such call or hold.
            JournalRefused: it could not be written down, and was not done.
        """
        now = self._clock.now().at
        with self._lock:
            standing = self._holds.of(call_id)
            if not 0 <= index < len(standing) or only not in (None, standing[index]):
                raise NoSuchCall("There is no such hold: somebody may have released it already.")
            self._journal.append(Act.HOLD_RELEASED, by, call_id, reason=standing[index].reason)
            self._holds.release(call_id, index, by, now, why_sealed)
            if self._holds.is_held(call_id):
                return None
            return self.destroyed_on(call_id, now)

    def add_later(self, call_id: CallId, later: Later, key_of: Callable[[str], SealTo], by: str) -> None:
        """Write something more onto a recording's sheet, sealed to the key ``key_of`` its name; durable then.

        Raises:
            NoSuchCall: there is no such recording, or it is in the trash.
            SealBroken: its sheet is damaged, or its key is no more.
            JournalRefused: it could not be written down, and was not done.
        """
        with self._lock:
            if not self._vault.has(call_id):
                raise NoSuchCall("There is no such call.")
            sheet = read_sheet(self._vault.meta(call_id))
            data = sheet.with_later(later, key_of(sheet.opening.kid))
            self._journal.append(Act.LABELLED, by, call_id)
            rewrite(self._vault.meta(call_id), data, self._disk)
            self._index.forget(call_id)
            self._catalogue.put(self._filing.entry(call_id))

    def reseal(self, call_id: CallId, opened: Callable[[str], PrivateKey], to: SealTo) -> None:
        """Seal a recording's sheet to another key: for what is kept longer than the key of its month.

        First the sheet, then the list: after a cut between the two the list names a key that is needed no more.

        Raises:
            SealBroken: the sheet is damaged.
        """
        with self._lock:
            if self._vault.has(call_id):
                sheet = read_sheet(self._vault.meta(call_id))
                if sheet.opening.kid != to.kid:
                    data = sheet.resealed(opened(sheet.opening.kid), to)
                    rewrite(self._vault.meta(call_id), data, self._disk)
                self._catalogue.put(self._filing.entry(call_id))

    def destroyed_on(self, call_id: CallId, now: datetime) -> date:
        """Return the day a recording will be destroyed if nobody holds it."""
        entry = self._catalogue.get(call_id)
        counted_from = self._boots.counted_from(entry.stated) or now
        return destroyed_on(counted_from, now.astimezone(LONDON).date(), self._settings.months)

    def expire(self, call_id: CallId, horizon: date) -> bool:
        """Put a recording into the trash if it is due on the day ``horizon`` and not held; return whether it went.

        Raises:
            JournalRefused: it could not be written down, and was not done.
        """
        with self._lock:
            entry = self._filing.entry(call_id) if self._vault.has(call_id) else None
            if entry is None:
                self._catalogue.remove(call_id)
                return False
            if self._holds.is_held(call_id) or not self._has_expired(entry, horizon):
                return False
            self._journal.append(Act.EXPIRED, call=call_id, rule=self._rule())
            self._trash.put(call_id, horizon)
            self._catalogue.remove(call_id)
            self._index.forget(call_id)
            return True

    def destroy(self, call_id: CallId, horizon: date) -> bool:
        """Destroy a recording in the trash; its journal line is the receipt. Return whether it was destroyed.

        One that would not be past its time any more, because longer was agreed meanwhile, is brought back instead.

        Raises:
            RecordingHeld: a hold stands on it; it is brought back instead.
            JournalRefused: it could not be written down, and was not done.
        """
        with self._lock:
            if self._holds.is_held(call_id):
                self._restore(call_id)
                raise RecordingHeld("A recording on legal hold was about to be destroyed. It was brought back.")
            if not self._is_due_in_trash(call_id, horizon):
                self._restore(call_id)
                return False
            self._journal.append(Act.DESTROYED, call=call_id, rule=self._rule())
            self._shares.withdraw(call_id)
            self._trash.destroy(call_id)
            self._index.forget(call_id)
            self._holds.forget(call_id)
            return True

    def settle(self, horizon: date) -> None:
        """Finish what a power cut left half done: what must be kept comes back, the others' moves are completed."""
        with self._lock:
            for _day, call_id in self._trash.ids():
                if self._holds.is_held(call_id) or not self._is_due_in_trash(call_id, horizon):
                    self._restore(call_id)
                else:
                    self._catalogue.remove(call_id)
            self._trash.settle()

    def _is_due_in_trash(self, call_id: CallId, horizon: date) -> bool:
        return self._has_expired(self._filing.entry(call_id, self._trash.where(call_id)), horizon)

    def _has_expired(self, entry: Entry, horizon: date) -> bool:
        return has_expired(self._boots.counted_from(entry.stated), horizon, self._settings.now.months)

    def _rule(self) -> str:
        return f"{self._settings.now.months} months"

    def _restore(self, call_id: CallId) -> None:
        if self._trash.where(call_id) is not None:
            self._journal.append(Act.RESTORED, call=call_id)
            self._trash.restore(call_id)
        entry = self._filing.entry(call_id)
        if not self._catalogue.has(entry):
            self._catalogue.put(entry)

    def _gone(self, call_id: CallId) -> NoSuchCall | HoldTooLate:
        words = call_id.encode("ascii")
        if any(
            line.act == Act.DESTROYED and line.call == call_id
            for line in mentions(self._vault.folder / "journal", words)
        ):
            return HoldTooLate("It is too late: this call has been destroyed, because its time was over.")
        return NoSuchCall("There is no such call.")
