"""What retention will delete, and what it has put in the trash."""

from datetime import UTC, date, datetime, timedelta

from appliance.clock import LONDON
from appliance.keeper.answers_calls import MOST_A_PAGE
from appliance.keeper.calls import Calls, Found, row
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.opening import RecordingKeys
from appliance.link.messages.settings import (
    AskSpace,
    DiskSpace,
    ExpiringPage,
    ExpiringRow,
    ListExpiring,
    ListTrash,
    TrashPage,
    TrashRow,
)
from appliance.model.calls import CallId
from appliance.model.people import Right
from appliance.storage.entry import Entry
from appliance.storage.retention import GRACE_DAYS

MOST_DAYS = 366


class RetentionAnswers:
    """Answers to whoever may list calls: in time to hold what is needed."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores
        self._calls = Calls(desk.stores, desk.shelf)

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {ListExpiring: self.expiring, ListTrash: self.trash, AskSpace: self.space}

    def expiring(self, request: ListExpiring) -> ExpiringPage:
        """Return a page of what will be deleted, the next first."""
        session = self._desk.gate.with_right(request, Right.LIST_CALLS)
        choice = self._desk.expiring(max(0, min(request.days, MOST_DAYS)))
        total, _ = self._stores.catalogue.some(choice, most=0)
        skip, per_page = _place(request)
        wanted = max(0, min(per_page, total - skip))
        _, entries = self._stores.catalogue.some(choice, max(0, total - skip - wanted), wanted)
        with self._desk.keys(session) as keys:
            return ExpiringPage(total, tuple(self._row(entry, keys) for entry in reversed(entries)))

    def trash(self, request: ListTrash) -> TrashPage:
        """Return a page of what lies in the trash, what is destroyed next first."""
        self._desk.gate.with_right(request, Right.LIST_CALLS)
        found, (skip, per_page) = self._stores.trash.ids(), _place(request)
        today = self._desk.clock.now().at.astimezone(LONDON).date()
        rows = tuple(_trashed(call_id, since, today) for since, call_id in found[skip : skip + per_page])
        return TrashPage(len(found), rows)

    def space(self, request: AskSpace) -> DiskSpace:
        """Return how much room there is, and for how long."""
        self._desk.gate.with_right(request, Right.SEE_HEALTH)
        room, forecast = self._desk.space.room(), self._desk.space.forecast()
        return DiskSpace(
            free_bytes=room.free,
            size_bytes=room.size,
            months=self._stores.settings.months,
            months_left=forecast.months_left if forecast else None,
            full_on=forecast.full_on if forecast else None,
            ballast=room.ballast,
        )

    def _row(self, entry: Entry, keys: RecordingKeys) -> ExpiringRow:
        known, damaged = self._calls.listed(entry, keys, self._desk.line_name(entry.line))
        shown = row(Found(entry, None), known, self._calls.held(entry.call_id), damaged)
        destroyed_on = self._stores.custody.destroyed_on(entry.call_id, self._desk.clock.now().at)
        return ExpiringRow(shown, self._desk.kept_until(entry), destroyed_on)


def _trashed(call_id: CallId, since: date, today: date) -> TrashRow:
    started, line, _salt = call_id.rsplit("-", 2)
    started_at = datetime.strptime(started, "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
    return TrashRow(call_id, int(line), started_at, max(since + timedelta(days=GRACE_DAYS), today))


def _place(request: ListExpiring | ListTrash) -> tuple[int, int]:
    per_page = max(1, min(request.per_page, MOST_A_PAGE))
    return (max(1, request.page) - 1) * per_page, per_page
