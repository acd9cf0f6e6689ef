"""Lists of calls, and searches."""

from appliance.clock import LONDON
from appliance.keeper.calls import Calls, row, row_of
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.opening import RecordingKeys
from appliance.keeper.sharedcalls import SharedCalls
from appliance.link.messages.calls import CallPage, CallQuery, CallRow, ListCalls, ListTags, Tags
from appliance.model.calls import CallId
from appliance.model.people import Right
from appliance.storage.daycolumns import Choice, Glance
from appliance.storage.entry import Entry
from appliance.storage.index import Known
from appliance.storage.journalline import Act
from appliance.storage.numbers import normal_number

MOST_A_PAGE = 100


class ListAnswers:
    """Answers to whoever may list calls."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores
        self._calls, self._shared = Calls(desk.stores, desk.shelf), SharedCalls(desk)

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {ListCalls: self.page, ListTags: self.tags}

    def page(self, request: ListCalls) -> CallPage:
        """Return a page of the list, newest first: calls going on, then those in the vault."""
        session = self._desk.gate.signed_in(request)
        if not session.person.may(Right.LIST_CALLS):
            return self._shared_page(request)
        skip, per_page = _place(request)
        with self._desk.keys(session) as keys:
            going_on = self._going_on(request.query, keys)
            rows = going_on[skip : skip + per_page]
            total, glances = self._stores.catalogue.glances(
                self._choice(request.query), max(0, skip - len(going_on)), per_page - len(rows)
            )
            rows += [self._row(glance, keys) for glance in glances]
        total += len(going_on)
        query = request.query
        if query.sealed and request.page <= 1:
            self._stores.journal.append(Act.SEARCHED, session.person.username, found=str(total))
        return CallPage(total, tuple(rows), complete=self._desk.indexing.complete or not (query.sealed or query.tag))

    def tags(self, request: ListTags) -> Tags:
        """Return every tag in use."""
        self._desk.gate.with_right(request, Right.LIST_CALLS)
        return Tags(self._stores.index.tags(), self._desk.indexing.complete)

    def _shared_page(self, request: ListCalls) -> CallPage:
        """Return a page of what is shared with somebody who may see nothing else."""
        session = self._desk.gate.with_right(request, Right.LISTEN_SHARED)
        rows, (skip, per_page) = self._shared.rows(session), _place(request)
        return CallPage(len(rows), tuple(rows[skip : skip + per_page]))

    def _choice(self, query: CallQuery) -> Choice:
        held = self._stores.holds.held() if query.held is not None else frozenset()
        index, narrowed = self._stores.index, list[frozenset[CallId]]()
        if query.number:
            narrowed.append(index.search(query.number))
        if query.text:
            narrowed.append(index.containing(query.text))
        if query.tag:
            narrowed.append(index.tagged(query.tag))
        if query.held:
            narrowed.append(held)
        among = frozenset.intersection(*narrowed) if narrowed else None
        return Choice(
            first=query.first,
            last=query.last,
            line=query.line,
            direction=query.direction,
            missed=query.missed,
            shortest_s=query.shortest_s,
            longest_s=query.longest_s,
            among=among,
            without=held if query.held is False else frozenset(),
        )

    def _row(self, glance: Glance, keys: RecordingKeys) -> CallRow:
        known, damaged = self._calls.listed(glance, keys, self._desk.line_name(glance.line))
        return row_of(glance, known, self._calls.held(glance.call_id), damaged)

    def _going_on(self, query: CallQuery, keys: RecordingKeys) -> list[CallRow]:
        if query.held or query.missed or query.tag or query.longest_s is not None or query.shortest_s is not None:
            return []
        rows = []
        for found in self._calls.all_going_on(keys):
            known = self._calls.known(found, self._desk.line_name(found.entry.line))
            if _matches(query, found.entry, known):
                rows.append(row(found, known, held=False, damaged=False))
        return rows


def _place(request: ListCalls) -> tuple[int, int]:
    """Return how many come before the page, and how many are on it."""
    per_page = max(1, min(request.per_page, MOST_A_PAGE))
    return (max(1, request.page) - 1) * per_page, per_page


def _matches(query: CallQuery, entry: Entry, known: Known) -> bool:
    day, part = entry.started_at.astimezone(LONDON).date(), normal_number(query.number)
    numbers = f"{normal_number(known.caller.number)} {normal_number(known.dialled)}"
    return (
        (query.first is None or query.first <= day)
        and (query.last is None or day <= query.last)
        and query.line in (None, entry.line)
        and query.direction in (None, entry.direction)
        and (not query.number or (bool(part) and part in numbers))
        and query.text.casefold() in (known.caller.name or "").casefold()
    )
