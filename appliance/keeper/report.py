"""Counting: the month for the data controller, and how what carries out the policy stands today.

What cannot be known is None, never nought.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from appliance.casework.access_requests.record import AccessRequest
from appliance.casework.announcements import PlaceState, Register
from appliance.casework.announcements import rows as places
from appliance.casework.assurance import MonthCounts
from appliance.casework.complaints.record import Complaint
from appliance.casework.deadlines import access_due
from appliance.casework.duewords import is_overdue
from appliance.casework.policy.duties import Facts
from appliance.clock import LONDON
from appliance.keeper.cases import Cases, Record
from appliance.keeper.desk import Desk
from appliance.keeper.opening import RecordingKeys
from appliance.keeper.sessions import LiveSession
from appliance.link.messages.cases import CaseKind
from appliance.model.people import Right
from appliance.model.status import LineState
from appliance.storage.daycolumns import Choice
from appliance.storage.journalfiles import lines_of, months
from appliance.storage.journalline import Act, JournalLine, peek
from appliance.storage.retention import GRACE_DAYS

_RECORDS = frozenset({LineState.IDLE, LineState.RINGING, LineState.RECORDING})
_LATE = timedelta(days=GRACE_DAYS + 7)  # a sweep a day, a horizon of three days a day: later than this is a fault


class Counts:
    """Counts what the keeper knows."""

    def __init__(self, desk: Desk, cases: Cases) -> None:
        """Work with ``desk``."""
        self._desk, self._stores, self._cases = desk, desk.stores, cases

    def month(self, first: date, session: LiveSession, keys: RecordingKeys) -> MonthCounts:
        """Return the counts of the month that ``first`` lies in, up to today."""
        first = first.replace(day=1)
        last = min(first + relativedelta(months=1, days=-1), self._cases.today())
        acts, duties = Counter(line.act for line in self._journal(first, last)), self._duties(session, keys)
        gaps = self._desk.gaps.faults(first, last)
        anchor, backup = self._stores.journal.anchor, self._desk.backups.state().last_at
        restored = self._desk.backups.restored_at()
        return MonthCounts(
            first=first,
            last=last,
            lines=len(self._desk.lines),
            recorded=self._total(Choice(first=first, last=last, missed=False)),
            missed=self._total(Choice(first=first, last=last, missed=True)),
            gaps=None if gaps is None else len(gaps),
            gaps_s=sum(gap.length_s for gap in gaps or ()),
            damaged=self._damaged(),
            heard=acts[Act.LISTENED],
            exported=acts[Act.COPY_TAKEN],
            held=len(self._stores.holds.held()),
            deleted=acts[Act.DESTROYED],
            expired_not_deleted=self._outstayed(),
            requests_open=duties.requests_open,
            requests_overdue=duties.requests_overdue,
            complaints_open=duties.complaints_open,
            complaints_overdue=duties.complaints_overdue,
            disclosures=sum(first <= one.received_on <= last for one in self._of(CaseKind.DISCLOSURE, session, keys)),
            announcements_wrong=duties.announcements_wrong,
            disk_months_left=self._desk.space.months_left(),
            clock_unsure_min=self._unsure_min(first, last),
            backup_on=backup.astimezone(LONDON).date() if backup else None,
            restore_tested_on=restored.astimezone(LONDON).date() if restored else None,
            journal_entries=anchor.number + 1 if anchor else 0,
            journal_intact=self._intact(),
            anchor=anchor.sum if anchor else "",
        )

    def facts(self, session: LiveSession, keys: RecordingKeys) -> Facts:
        """Return how the policy is carried out today."""
        return self._duties(session, keys)

    def announcements(self, session: LiveSession, keys: RecordingKeys) -> Register:
        """Return the register of how callers are told."""
        register: Register = self._cases.read(CaseKind.ANNOUNCEMENTS, session, keys)[1]
        return register

    def _duties(self, session: LiveSession, keys: RecordingKeys) -> Facts:
        today = self._cases.today()
        requests: list[AccessRequest] = [one for one in self._of(CaseKind.ACCESS, session, keys) if one.is_open]
        complaints: list[Complaint] = [one for one in self._of(CaseKind.COMPLAINT, session, keys) if one.is_open]
        lines = self._desk.live.now(0, 0.0).lines
        register = self.announcements(session, keys)
        return Facts(
            today=today,
            lines=len(self._desk.lines),
            lines_recording=sum(line.state in _RECORDS for line in lines),
            retention_months=self._stores.settings.months,
            expired_not_deleted=self._outstayed(),
            holds=len(self._stores.holds.held()),
            listeners=sum(person.may(Right.LISTEN) for person in self._stores.people.everyone()),
            listens_without_purpose=sum(
                line.act == Act.LISTENED and not line.more.get("purpose")
                for line in self._journal(today - timedelta(days=366), today)
            ),
            journal_intact=self._intact(),
            announcements_wrong=sum(row.state is not PlaceState.GOOD for row in places(register, today)),
            requests_open=len(requests),
            requests_overdue=sum(is_overdue(access_due(one.clock, today), today) for one in requests),
            disclosures_open=sum(one.is_open for one in self._of(CaseKind.DISCLOSURE, session, keys)),
            complaints_open=len(complaints),
            complaints_overdue=sum(is_overdue(one.due_on, today) for one in complaints),
            reviews_this_year=sum(one.shared_on.year == today.year for one in self._of(CaseKind.REVIEW, session, keys)),
            incidents_open=sum(one.is_open for one in self._of(CaseKind.INCIDENT, session, keys)),
            damaged=self._damaged(),
        )

    def _of(self, kind: CaseKind, session: LiveSession, keys: RecordingKeys) -> list[Record]:
        return [record for _, record in self._cases.every(kind, session, keys)]

    def _journal(self, first: date, last: date) -> Iterator[JournalLine]:
        """Yield the lines of a period. A file may hold lines of a later month, where the clock went back."""
        for path in months(self._stores.journal_folder):
            if path.name[:7] < f"{first - timedelta(days=1):%Y-%m}":
                continue
            for raw in lines_of(path):
                line = peek(raw)
                if line is not None and first <= line.at.astimezone(LONDON).date() <= last:
                    yield line

    def _total(self, choice: Choice) -> int:
        return self._stores.catalogue.some(choice, 0, 1)[0]

    def _damaged(self) -> int:
        return sum(entry.damaged for entry in self._stores.catalogue.everything())

    def _unsure_min(self, first: date, last: date) -> float:
        """Return how many minutes of the period's calls were recorded by a clock that was never confirmed since."""
        boots, unsure_s = self._stores.boots, 0.0
        for entry in self._stores.catalogue.everything():
            if first <= entry.started_at.astimezone(LONDON).date() <= last and not boots.is_sure(entry.stated):
                unsure_s += entry.duration_s
        return unsure_s / 60

    def _outstayed(self) -> int:
        oldest = self._cases.today() - relativedelta(months=self._stores.settings.months) - _LATE
        return self._total(Choice(last=oldest, without=self._stores.holds.held()))

    def _intact(self) -> bool:
        report = self._desk.journal_state.report
        return self._stores.journal.broken_after is None and (report is None or report.intact)
