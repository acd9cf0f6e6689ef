"""What is due, what is counted, and training: the answers about casework that are not about one case."""

import secrets
from datetime import timedelta

from appliance.casework.access_requests.record import AccessRequest
from appliance.casework.agenda import agenda, waiting
from appliance.casework.announcements import prompts
from appliance.casework.announcements import rows as places
from appliance.casework.cases import EVERYONE_AT_WORK, must_be
from appliance.casework.complaints.record import Complaint
from appliance.casework.disclosures.record import Disclosure
from appliance.casework.incidents import Incident
from appliance.casework.policy.record import Policy
from appliance.casework.reviews.record import Review
from appliance.casework.reviews.sample import SampleCall, fair_sample
from appliance.clock import LONDON
from appliance.codec import to_json
from appliance.errors import WordsMissing
from appliance.keeper.calls import Calls, Found, row
from appliance.keeper.cases import Cases, Record
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.opening import RecordingKeys
from appliance.keeper.report import Counts
from appliance.keeper.sessions import LiveSession
from appliance.link.messages.calls import CallRow
from appliance.link.messages.cases import (
    Agenda,
    AskAgenda,
    AskMonth,
    AskPolicyFacts,
    CaseKind,
    DrawSample,
    DueRow,
    HeardBy,
    Month,
    MyCalls,
    MyListens,
    PolicyFacts,
    Sample,
    WaitingRow,
)
from appliance.model.people import Right
from appliance.storage.daycolumns import Choice
from appliance.storage.entry import Entry

MOST_DRAWN = 50
LONGEST_PERIOD = timedelta(days=92)
MOST_IN_PERIOD = 20_000


class DutyAnswers:
    """Answers about the practice's duties."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores
        self._cases, self._calls = Cases(desk.stores), Calls(desk.stores, desk.shelf)
        self._counts = Counts(desk, self._cases)

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {
            AskAgenda: self.agenda,
            DrawSample: self.sample,
            MyListens: self.mine,
            AskPolicyFacts: self.facts,
            AskMonth: self.month,
        }

    def agenda(self, request: AskAgenda) -> Agenda:
        """Return what is due. What is sealed to an older key is resealed on the way."""
        session = self._desk.gate.with_right(request, Right.LIST_CALLS)
        today = self._cases.today()
        with self._desk.keys(session) as keys:
            self._cases.move_on(session, keys)
            requests: list[AccessRequest] = self._of(CaseKind.ACCESS, session, keys)
            complaints: list[Complaint] = self._of(CaseKind.COMPLAINT, session, keys)
            disclosures: list[Disclosure] = self._of(CaseKind.DISCLOSURE, session, keys)
            incidents: list[Incident] = self._of(CaseKind.INCIDENT, session, keys)
            register = self._counts.announcements(session, keys)
            policy: Policy = self._cases.read(CaseKind.POLICY, session, keys)[1]
        due = agenda(requests, complaints, today)
        told = [
            DueRow(one.reference, self._cases.kind_of(one.reference), one.due_on, one.words, one.overdue, one.soon)
            for one in due
        ]
        kind_of = self._cases.kind_of
        waits = [
            WaitingRow(one.reference, kind_of(one.reference), one.words)
            for one in waiting(requests, disclosures, incidents, today)
        ]
        reminders = [*prompts(places(register, today))]
        if policy.check_by is None or policy.check_by < today:
            reminders.append("Recording policy: the yearly check is due")
        return Agenda(tuple(told), tuple(reminders), tuple(waits))

    def sample(self, request: DrawSample) -> Sample:
        """Draw calls by lot among those recorded in a period; none that was reviewed already."""
        session = self._desk.gate.with_right(request, Right.LISTEN)
        if not timedelta() <= request.last - request.first <= LONGEST_PERIOD:
            raise WordsMissing(f"Choose a period of at most {LONGEST_PERIOD.days} days.")
        with self._desk.keys(session) as keys:
            reviews: list[Review] = self._of(CaseKind.REVIEW, session, keys)
            choice = Choice(first=request.first, last=request.last, missed=False)
            _, entries = self._stores.catalogue.some(choice, 0, MOST_IN_PERIOD)
            by_id = {entry.call_id: entry for entry in entries}
            seed = secrets.token_hex(4)
            lots = [SampleCall(one.call_id, one.started_at.astimezone(LONDON).date(), one.line) for one in entries]
            size = max(1, min(request.size, MOST_DRAWN))
            drawn = fair_sample(lots, size, seed, frozenset(one.call_id for one in reviews))
            rows = tuple(self._row(by_id[call_id], keys) for call_id in drawn)
        return Sample(seed, rows)

    def mine(self, request: MyListens) -> MyCalls:
        """Return the reviews of somebody's own calls, and who listened to those calls."""
        session = self._desk.gate.signed_in(request)
        must_be(session.person, EVERYONE_AT_WORK, "have calls of their own")
        with self._desk.keys(session) as keys:
            every: list[Review] = self._of(CaseKind.REVIEW, session, keys)
        reviews = [one for one in every if one.staff == session.person.username][::-1]
        heard = [
            HeardBy(one.call_id, self._desk.name_of(who), line.at, purpose or "")
            for one in reviews
            for who, line, purpose in self._desk.heard.of(one.call_id)
        ]
        names = {one.reviewer: self._desk.name_of(one.reviewer) for one in reviews}
        newest = tuple(sorted(heard, key=lambda one: one.at, reverse=True))
        return MyCalls(tuple(to_json(one) for one in reviews), newest, names, self._cases.today())

    def facts(self, request: AskPolicyFacts) -> PolicyFacts:
        """Return how what carries out the policy stands."""
        session = self._desk.gate.with_right(request, Right.LIST_CALLS)
        with self._desk.keys(session) as keys:
            return PolicyFacts(to_json(self._counts.facts(session, keys)))

    def month(self, request: AskMonth) -> Month:
        """Return the counts of a month."""
        session = self._desk.gate.with_right(request, Right.READ_JOURNAL)
        self._desk.gate.with_right(request, Right.LIST_CALLS)
        with self._desk.keys(session) as keys:
            return Month(to_json(self._counts.month(request.first, session, keys)), self._stores.people.practice())

    def _of(self, kind: CaseKind, session: LiveSession, keys: RecordingKeys) -> list[Record]:
        return [record for _, record in self._cases.every(kind, session, keys)]

    def _row(self, entry: Entry, keys: RecordingKeys) -> CallRow:
        known, damaged = self._calls.listed(entry, keys, self._desk.line_name(entry.line))
        return row(Found(entry, None), known, self._calls.held(entry.call_id), damaged)
