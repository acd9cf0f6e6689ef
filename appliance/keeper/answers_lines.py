"""How the box stands, and the first page's counters."""

from appliance.clock import LONDON
from appliance.keeper.desk import Desk, Handlers
from appliance.link.messages.lines import AskHome, AskLive, Home, Live
from appliance.model.calls import CallId
from appliance.model.people import Right
from appliance.storage.daycolumns import Choice
from appliance.storage.retention import EXPIRING_DAYS


class LineAnswers:
    """Answers that every signed-in page asks for."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {AskLive: self.live, AskHome: self.home}

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

    def _latest(self) -> CallId | None:
        _, newest = self._stores.catalogue.some(Choice(missed=False))
        return newest[0].call_id if newest else None
