"""Cases: logged, read, acted on, and searched for."""

from datetime import date

from appliance.casework.access_requests.finding import record_search
from appliance.casework.cases import Case as CaseRecord
from appliance.casework.reviews.record import Review
from appliance.codec import to_json
from appliance.errors import FreshSignInNeeded, NoSuchCall, NotAllowed, StepMissing, WordsMissing
from appliance.keeper.answers_shares import ShareAnswers
from appliance.keeper.calls import Calls, Found, row
from appliance.keeper.cases import Cases
from appliance.keeper.cases_acts import SORTS
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.opening import RecordingKeys
from appliance.keeper.sessions import LiveSession
from appliance.link.messages.base import Signed
from appliance.link.messages.cases import (
    Case,
    CaseCall,
    CaseDone,
    CaseKind,
    CaseList,
    CaseSearched,
    DoCase,
    GetCase,
    ListCases,
    LogCase,
    SearchForCase,
)
from appliance.link.messages.shares import ShareCall, WithdrawShare
from appliance.model.calls import CallId
from appliance.model.people import Right
from appliance.storage.daycolumns import Choice
from appliance.storage.journalline import Act

MOST_FOUND = 100
"""Calls that one search of a request may find: more are no one person's calls."""

MOST_A_PAGE = 100
MOST_WORDS = 64 * 1024


class CaseAnswers:
    """Answers about cases; each rule decides by the role whether it may be."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores
        self._cases, self._calls, self._shares = Cases(desk.stores), Calls(desk.stores, desk.shelf), ShareAnswers(desk)

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {
            LogCase: self.log,
            DoCase: self.do,
            ListCases: self.list_,
            GetCase: self.get,
            SearchForCase: self.search,
        }

    def log(self, request: LogCase) -> CaseDone:
        """Log a case; the calls it names are held."""
        session = self._desk.gate.signed_in(request)
        _must_be_short(request.words)
        try:
            head = self._cases.begin(request.kind, request.words, session)
        except NotAllowed:
            self._desk.gate.refused(session, request, None)
            raise
        self._desk.indexing.came_in(head.calls)
        if request.kind is CaseKind.REVIEW:
            self._share(request, head.reference, session)
        return CaseDone(head.reference, head.version)

    def do(self, request: DoCase) -> CaseDone:
        """Do one act on a case."""
        session = self._desk.gate.signed_in(request)
        _must_be_short(request.words)
        kind = self._cases.kind_of(request.reference)
        with self._desk.keys(session) as keys:
            try:
                self._must_be_fresh(request, kind)
                head, gone = self._cases.act(
                    request.reference, request.act, request.words, session, keys, request.version
                )
            except FreshSignInNeeded:
                raise
            except NotAllowed:
                self._desk.gate.refused(session, request, None)
                raise
        self._desk.indexing.came_in(head.calls)
        if kind is CaseKind.REVIEW:
            self._share(request, head.reference, session)
        return CaseDone(head.reference, head.version, len(gone), max(gone.values(), default=None))

    def list_(self, request: ListCases) -> CaseList:
        """Return a page of the cases of a kind."""
        session = self._desk.gate.signed_in(request)
        with self._desk.keys(session) as keys:
            if session.person.may(Right.LIST_CALLS):
                self._cases.move_on(session, keys)
            found = self._cases.every(request.kind, session, keys)
        found.sort(key=lambda one: (one[0].is_open, one[0].reference), reverse=True)
        per_page = max(1, min(request.per_page, MOST_A_PAGE))
        first = (max(1, request.page) - 1) * per_page
        bodies = tuple(to_json(record) for _, record in found[first : first + per_page])
        names = self._names() if request.kind is CaseKind.REVIEW else {}
        return CaseList(len(found), bodies, self._cases.today(), self._cases.damaged(), names)

    def get(self, request: GetCase) -> Case:
        """Return one case, whole, with its recordings as they stand."""
        session = self._desk.gate.signed_in(request)
        with self._desk.keys(session) as keys:
            head, record = self._cases.read(request.reference, session, keys)
            calls = self._told(request.reference, record, session, keys)
        return Case(
            kind=self._cases.kind_of(request.reference),
            reference=request.reference,
            version=head.version if head else 0,
            body=to_json(record),
            calls=calls,
            names=self._names(),
            today=self._cases.today(),
        )

    def search(self, request: SearchForCase) -> CaseSearched:
        """Look for the calls of an access request; whatever is found is held at once."""
        session = self._desk.gate.with_right(request, Right.LIST_CALLS)
        found = self._found(request)
        with self._desk.keys(session) as keys:
            if self._cases.kind_of(request.reference) is not CaseKind.ACCESS:
                raise StepMissing("Only an access request is searched for.")
            _, before = self._cases.read(request.reference, session, keys)
            self._stores.journal.append(
                Act.CASE_SEARCHED, session.person.username, case=request.reference, found=str(len(found))
            )
            head, _ = self._cases.change(
                request.reference,
                session,
                keys,
                lambda record: record_search(
                    record,
                    session.person,
                    self._cases.today(),
                    looked_for=request.looked_for,
                    found=found,
                    first=request.first,
                    last=request.last,
                ),
            )
        self._desk.indexing.came_in(head.calls)
        return CaseSearched(len(found), len(head.calls) - len(before.calls))

    def _found(self, request: SearchForCase) -> tuple[CallId, ...]:
        if not request.number.strip() and not (request.first and request.last):
            raise WordsMissing("Search by a number, or by the first and the last day.")
        if request.number.strip() and not self._desk.indexing.complete:
            raise StepMissing("The box is still opening the list of numbers. Wait a minute and search again.")
        among = self._stores.index.search(request.number) if request.number.strip() else None
        choice = Choice(first=request.first, last=request.last, among=among)
        total, entries = self._stores.catalogue.some(choice, 0, MOST_FOUND)
        if total > MOST_FOUND:
            raise WordsMissing(f"This finds {total} calls, more than one person’s. Narrow the number or the days.")
        return tuple(entry.call_id for entry in entries)

    def _told(self, reference: str, record: object, session: LiveSession, keys: RecordingKeys) -> tuple[CaseCall, ...]:
        if isinstance(record, Review):
            calls: tuple[CallId, ...] = (record.call_id,)
        else:
            calls = record.calls if isinstance(record, CaseRecord) else ()
        if not session.person.may(Right.LIST_CALLS):
            return tuple(CaseCall(call, None, held=False, held_otherwise=False, destroyed_on=None) for call in calls)
        return tuple(self._call(call, reference, keys) for call in calls)

    def _call(self, call_id: CallId, reference: str, keys: RecordingKeys) -> CaseCall:
        held, otherwise = self._stores.holds.is_held(call_id), self._cases.holds.otherwise(call_id, reference, keys)
        day: date | None = None
        try:
            entry = self._stores.catalogue.get(call_id)
        except NoSuchCall:
            return CaseCall(call_id, None, held, otherwise, None)
        if not otherwise:
            day = self._stores.custody.destroyed_on(call_id, self._desk.clock.now().at)
        known, damaged = self._calls.listed(entry, keys, self._desk.line_name(entry.line))
        return CaseCall(call_id, row(Found(entry, None), known, held, damaged), held, otherwise, day)

    def _names(self) -> dict[str, str]:
        people = (*self._stores.people.everyone(), *self._stores.people.disabled())
        return {person.username: person.name for person in people}

    def _must_be_fresh(self, request: DoCase, kind: CaseKind) -> None:
        if request.act in SORTS[kind].fresh:
            self._desk.gate.fresh(request)

    def _share(self, request: Signed, reference: str, session: LiveSession) -> None:
        """Let the member of staff hear the call as the review says; whoever may hear every call needs no share."""
        with self._desk.keys(session) as keys:
            review: Review = self._cases.read(reference, session, keys)[1]
        if session.person.username == review.staff or self._hears_all(review.staff):
            return
        if review.withdrawn_because:
            self._shares.withdraw(WithdrawShare(request.token, review.call_id, review.staff))
        elif review.is_open:
            part = review.part or (None, None)
            self._shares.share(ShareCall(request.token, review.call_id, review.staff, review.shared_until, *part))

    def _hears_all(self, username: str) -> bool:
        return any(one.username == username and one.may(Right.LISTEN) for one in self._stores.people.everyone())


def _must_be_short(words: bytes) -> None:
    if len(words) > MOST_WORDS:
        raise WordsMissing("That is more text than a record takes. Shorten it.")
