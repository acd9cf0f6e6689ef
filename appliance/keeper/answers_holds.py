"""Legal holds, and what a person decides when deleting has stopped."""

from appliance.clock import LONDON
from appliance.errors import NoSuchCall, NotAllowed
from appliance.keeper.cases_holds import CaseHolds
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.opening import sealed_words
from appliance.link.messages.base import Done
from appliance.link.messages.holds import AllowDeletions, ConfirmClock, PlaceHold, Released, ReleaseHold
from appliance.model.calls import checked_call_id
from appliance.model.people import Right
from appliance.storage.holds import HoldRecord, HoldWords
from appliance.storage.journalline import Act

LONGEST_WORDS = 2000


class HoldAnswers:
    """Answers that decide what is kept."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores
        self._case_holds = CaseHolds(desk.stores)

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {
            PlaceHold: self.place,
            ReleaseHold: self.release,
            ConfirmClock: self.confirm_clock,
            AllowDeletions: self.allow_deletions,
        }

    def place(self, request: PlaceHold) -> Done:
        """Keep a recording until somebody releases it."""
        call_id = checked_call_id(request.call_id)
        session = self._desk.gate.with_right(request, Right.PLACE_HOLD, call_id)
        key = self._stores.keyring.current()
        words = HoldWords(request.reference[:LONGEST_WORDS], request.note[:LONGEST_WORDS])
        record = HoldRecord(
            reason=request.reason,
            placed_by=session.person.username,
            placed_at=self._desk.clock.now().at,
            review_on=request.review_on,
            kid=key.kid,
            sealed=sealed_words(words, call_id, key),
        )
        self._stores.custody.place_hold(call_id, record)
        self._desk.indexing.came_in([call_id])
        return Done()

    def release(self, request: ReleaseHold) -> Released:
        """End a hold."""
        call_id = checked_call_id(request.call_id)
        session = self._desk.gate.freshly(request, Right.RELEASE_HOLD, call_id)
        with self._desk.keys(session) as keys:
            self._case_holds.refuse_early_release(call_id, request.index, keys)
        standing = self._stores.holds.of(call_id)
        if not 0 <= request.index < len(standing):
            raise NoSuchCall("There is no such hold: somebody may have released it already.")
        hold, who = standing[request.index], session.person.username
        key = self._stores.keyring.seal_to(hold.kid)  # all words of a hold are sealed to one key: see ``Resealing``
        why = sealed_words(HoldWords("", request.why[:LONGEST_WORDS]), call_id, key)
        return Released(self._stores.custody.release_hold(call_id, request.index, who, why, only=hold))

    def confirm_clock(self, request: ConfirmClock) -> Done:
        """Believe the clock because a person compared it."""
        session = self._desk.gate.freshly(request, Right.CHANGE_SETTINGS)
        today = self._desk.clock.now().at.astimezone(LONDON).date()
        if request.today != today:
            raise NotAllowed("That is not the date the box has. Set its clock right first.")
        self._stores.journal.append(Act.CLOCK_CONFIRMED, session.person.username, date=today.isoformat())
        self._stores.boots.confirm()
        self._stores.horizon.confirm()
        return Done()

    def allow_deletions(self, request: AllowDeletions) -> Done:
        """Let the next sweep go ahead."""
        session = self._desk.gate.freshly(request, Right.CHANGE_SETTINGS)
        count = max(0, request.count)
        self._stores.journal.append(Act.DELETIONS_ALLOWED, session.person.username, count=str(count))
        self._stores.disposal.allow(count)
        return Done()
