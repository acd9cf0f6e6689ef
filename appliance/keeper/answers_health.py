"""The box's health and its alarms, for whoever may see them."""

from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.health import ENDED_SHOWN
from appliance.link.messages.base import Done
from appliance.link.messages.health import AcknowledgeAlarm, AskHealth, Health
from appliance.model.people import Right
from appliance.storage.journalline import Act


class HealthAnswers:
    """Answers about health."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk = desk

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {AskHealth: self.health, AcknowledgeAlarm: self.acknowledge}

    def health(self, request: AskHealth) -> Health:
        """Return the snapshot, and the alarms with their names for people."""
        self._desk.gate.with_right(request, Right.SEE_HEALTH, active=request.active)
        watch = self._desk.health
        return Health(watch.snapshot(), (*watch.book.standing(), *watch.book.ended(ENDED_SHOWN)))

    def acknowledge(self, request: AcknowledgeAlarm) -> Done:
        """Write down that somebody has seen to an alarm."""
        session = self._desk.gate.with_right(request, Right.SEE_HEALTH)
        watch = self._desk.health
        record = watch.book.acknowledge(request.number, session.person.username)
        self._desk.stores.journal.append(
            Act.ALARM_ACKNOWLEDGED,
            session.person.username,
            alarm=record.key,
            since=f"{record.since:%Y-%m-%d %H:%M} UTC",
        )
        watch.publish_alarms()
        return Done()
