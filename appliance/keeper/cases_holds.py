"""The legal holds of cases: placed the moment a case needs a recording, let go only when it was closed so."""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from appliance.casework.cases import HOLD_REVIEW_MONTHS, Case, HoldsAfter, HoldWish
from appliance.casework.deadlines import corresponding_date
from appliance.clock import LONDON
from appliance.errors import HoldNeeded, NoSuchCall
from appliance.keeper.opening import RecordingKeys, opened_words, sealed_words
from appliance.keeper.stores import Stores
from appliance.link.messages.cases import CaseKind
from appliance.model.calls import CallId, checked_call_id
from appliance.model.holds import HoldReason
from appliance.storage.holds import HoldRecord, HoldWords
from appliance.storage.journalline import BOX

_REASONS: Mapping[str, HoldReason] = MappingProxyType(
    {
        CaseKind.ACCESS: HoldReason.REQUEST,
        CaseKind.COMPLAINT: HoldReason.COMPLAINT,
        CaseKind.DISCLOSURE: HoldReason.POLICE,
    }
)
_UNREADABLE = "(cannot be read)"  # as ``opened_words`` says it


class CaseHolds:
    """Places and releases the holds that cases ask for."""

    def __init__(self, stores: Stores) -> None:
        """Work on ``stores``."""
        self._stores = stores

    def must_be_there(self, calls: Iterable[CallId]) -> None:
        """Check, before anything is done, that each call can be held: the others alone would not be wanted.

        Raises:
            NoSuchCall: one cannot.
        """
        for call in calls:
            checked_call_id(call)
            if not self.is_there(call):
                raise NoSuchCall("One of these calls is not there any more, or was never recorded.")

    def is_there(self, call: CallId) -> bool:
        """Return whether a call is in the vault, or in the trash from which it can come back."""
        return self._stores.vault.has(call) or self._stores.trash.where(call) is not None

    def place(self, wish: HoldWish, by: str) -> None:
        """Place one hold; durable when this returns."""
        key, now = self._stores.keyring.current(), self._stores.clock.now().at
        words = sealed_words(HoldWords(wish.reference, wish.note), wish.call_id, key)
        record = HoldRecord(wish.reason, by, now, wish.review_on, key.kid, words)
        self._stores.custody.place_hold(wish.call_id, record)

    def let_go(self, case: Case, by: str, keys: RecordingKeys) -> dict[CallId, date]:
        """Release the holds of a case that was closed so; those of other cases and people stay.

        Returns when each recording that nothing else holds is destroyed.
        """
        if case.is_open or case.holds_after is not HoldsAfter.RELEASE:
            return {}
        days = {call: self._released(call, case.reference, by, keys) for call in case.calls}
        return {call: day for call, day in days.items() if day is not None}

    def otherwise(self, call: CallId, reference: str, keys: RecordingKeys) -> bool:
        """Return whether a hold stands on a call that is not the case's own."""
        return any(opened_words(one, call, keys).reference != reference for one in self._stores.holds.of(call))

    def refuse_early_release(self, call: CallId, index: int, keys: RecordingKeys) -> None:
        """Raise where a hold on a call is that of a case which still needs it.

        Raises:
            HoldNeeded: it is; or whose it is cannot be read, while an open case needs the call.
        """
        needing = {head.reference for head in self._stores.casebook.needing(call)}
        standing = self._stores.holds.of(call)
        if needing and 0 <= index < len(standing):
            reference = opened_words(standing[index], call, keys).reference
            if reference in {*needing, _UNREADABLE}:
                raise HoldNeeded(f"{min(needing)} is still open and needs this call. Close that case first.")

    def settle(self) -> int:
        """Place again what open cases need and nothing holds; return how many. Needs nobody signed in.

        Nothing should be missing; but a vault put back from a backup may have cases that are newer than its holds.
        """
        review_on = corresponding_date(self._stores.clock.now().at.astimezone(LONDON).date(), HOLD_REVIEW_MONTHS)
        placed = 0
        for head in self._stores.casebook.heads():
            for call in head.calls if head.is_open else ():
                if not self._stores.holds.is_held(call) and self.is_there(call):
                    reason = _REASONS.get(head.kind, HoldReason.OTHER)
                    self.place(HoldWish(call, reason, head.reference, "Placed by the case", review_on), BOX)
                    placed += 1
        return placed

    def _released(self, call: CallId, reference: str, by: str, keys: RecordingKeys) -> date | None:
        words = HoldWords("", f"{reference} was closed")
        day: date | None = None
        for hold in self._stores.holds.of(call):
            if opened_words(hold, call, keys).reference == reference:
                index = self._stores.holds.of(call).index(hold)
                why = sealed_words(words, call, self._stores.keyring.seal_to(hold.kid))
                day = self._stores.custody.release_hold(call, index, by, why, only=hold)
        return day
