"""How the box stands, each line's story, and the first page's counters."""

from dataclasses import replace
from datetime import timedelta

from appliance.clock import LONDON
from appliance.errors import NoSuchLine
from appliance.keeper.desk import Desk, Handlers
from appliance.link.messages.base import Done
from appliance.link.messages.lines import AskHome, AskLines, AskLive, Home, Lines, Live, StartLineTest
from appliance.model.calls import CallId
from appliance.model.gaps import MEANT, Gap, LineAccount, Why
from appliance.model.linestory import LineStory
from appliance.model.people import Right
from appliance.storage.daycolumns import Choice
from appliance.storage.retention import EXPIRING_DAYS

_MOST_DAYS = 400


class LineAnswers:
    """Answers that every signed-in page asks for."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {
            AskLive: self.live,
            AskHome: self.home,
            AskLines: self.lines,
            StartLineTest: self.start_test,
        }

    def live(self, request: AskLive) -> Live:
        """Return how the box stands, as soon as that is not what the page has seen."""
        self._desk.gate.signed_in(request, active=False)
        return self._desk.live.now(request.seen, request.wait_s)

    def home(self, request: AskHome) -> Home:
        """Return the counters; the latest call only to whoever may hear it."""
        session = self._desk.gate.signed_in(request)
        today = self._desk.clock.now().at.astimezone(LONDON).date()
        calls_today, _ = self._stores.catalogue.some(Choice(first=today, last=today))
        return Home(
            calls_today=calls_today + len(self._stores.intake.open_calls()),
            holds=len(self._stores.holds.held()),
            holds_to_review=sum(hold.review_on <= today for hold in self._stores.holds.standing()),
            latest=self._latest() if session.person.may(Right.LISTEN) else None,
            months_left=self._desk.space.months_left(),
            expiring_soon=self._stores.catalogue.some(self._desk.expiring(EXPIRING_DAYS))[0],
        )

    def lines(self, request: AskLines) -> Lines:
        """Return whether every line was listened to, and is known to work."""
        self._desk.gate.with_right(request, Right.SEE_LINES, active=request.active)
        now = self._desk.clock.now().at
        since = now - timedelta(days=max(1, min(request.days, _MOST_DAYS)))
        accounts = {account.line_name: account for account in self._desk.gaps.accounts(since, now)}
        tests = {test.line: test for test in self._desk.proofs.tests()}
        stories = tuple(
            LineStory(
                number,
                line.name,
                self._told(accounts[line.name]) if line.name in accounts else None,
                self._desk.proofs.proof(number),
                tests.get(number),
            )
            for number, line in enumerate(self._desk.lines, start=1)
        )
        return Lines(stories, self._desk.gaps.damaged)

    def start_test(self, request: StartLineTest) -> Done:
        """Begin the test of a line."""
        self._desk.gate.with_right(request, Right.SEE_LINES)
        if not 0 < request.line <= len(self._desk.lines):
            raise NoSuchLine("There is no such line. Choose one from the list.")
        self._desk.proofs.start_test(request.line)
        return Done()

    def _told(self, account: LineAccount) -> LineAccount:
        return replace(account, gaps=tuple(map(self._named, account.gaps)))

    def _named(self, gap: Gap) -> Gap:
        """Put the name of whoever kept a line from being recorded in the place of their user name."""
        if gap.why.cause not in MEANT or not gap.why.detail:
            return gap
        return replace(gap, why=Why(gap.why.cause, self._desk.name_of(gap.why.detail)))

    def _latest(self) -> CallId | None:
        _, newest = self._stores.catalogue.some(Choice(missed=False))
        return newest[0].call_id if newest else None
