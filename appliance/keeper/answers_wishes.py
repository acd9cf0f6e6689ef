"""What people want of the lines while calls go on."""

from appliance.keeper.desk import Desk, Handlers
from appliance.link.messages.base import Done
from appliance.link.messages.wishes import CallerObjects, PauseLine, ResumeLine, ShowLamps
from appliance.model.people import Right
from appliance.model.wishes import WishKind

_KINDS = {PauseLine: WishKind.PAUSE, ResumeLine: WishKind.RESUME, CallerObjects: WishKind.OBJECT}


class WishAnswers:
    """Answers for whoever is on the telephone."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk = desk

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {**dict.fromkeys(_KINDS, self.wish), ShowLamps: self.test_lamps}

    def wish(self, request: PauseLine | ResumeLine | CallerObjects) -> Done:
        """Pass a wish on to the recorder."""
        session = self._desk.gate.with_right(request, Right.PAUSE_LINES)
        self._desk.wishing.ask(_KINDS[type(request)], request.line, session.person.username)
        return Done()

    def test_lamps(self, request: ShowLamps) -> Done:
        """Have every lamp show its colours."""
        session = self._desk.gate.with_right(request, Right.SEE_LINES)
        self._desk.wishing.test_lamps(session.person.username)
        return Done()
