"""The end of closed cases' records: destroyed when their time is over, never while open or while a call is held.

As with recordings, in doubt nothing goes: the clock must be confirmed, the horizon past, and the journal whole.
"""

from datetime import date

from appliance.casework.keeping import KEPT, kept_until
from appliance.clock import LONDON, ClockQuality
from appliance.keeper.stores import Stores
from appliance.storage.casebook import CaseHead
from appliance.storage.journalline import BOX, Act


class CaseKeeping:
    """Destroys records whose time is over. Needs nobody signed in: when a case was closed is in clear."""

    def __init__(self, stores: Stores) -> None:
        """Work on the casebook of ``stores``."""
        self._stores = stores

    def destroy_old(self) -> int:
        """Destroy each, after writing it down; return how many.

        Raises:
            JournalRefused: it could not be written down, and stays. OSError: the disk failed; tried again.
        """
        upto = self._stores.horizon.upto()
        is_sure = self._stores.clock.now().quality is ClockQuality.SYNCHRONISED and not self._stores.boots.went_back()
        if upto is None or not is_sure or self._stores.journal.broken_after is not None:
            return 0
        old = [head for head in self._stores.casebook.heads() if self._is_over(head, upto)]
        for head in old:
            years = str(KEPT[head.kind].years)
            self._stores.journal.append(Act.CASE_DESTROYED, BOX, case=head.reference, years=years)
            self._stores.casebook.destroy(head.reference)
        return len(old)

    def _is_over(self, head: CaseHead, upto: date) -> bool:
        if head.is_open or any(self._stores.holds.is_held(call) for call in head.calls):
            return False
        last = kept_until(head.kind, head.changed_at.astimezone(LONDON).date())
        return last is not None and last < upto
