"""Which lines tell callers that they are recorded, as the settings and the recorder say."""

from pathlib import Path

from appliance.keeper.desk import Desk, Handlers
from appliance.link.messages.announcing import Announcing, AnnouncingLine, AskAnnouncing
from appliance.model.people import Right

_WORDS = Path(__file__).parents[1] / "capture" / "announcement" / "message.txt"
"""The text alone: the keeper loads nothing that captures or plays."""


class AnnouncingAnswers:
    """Answers for the register of announcements."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk = desk

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {AskAnnouncing: self.announcing}

    def announcing(self, request: AskAnnouncing) -> Announcing:
        """Return what each line's callers hear, and when they last did."""
        self._desk.gate.with_right(request, Right.SEE_LINES)
        played = {status.line: status.announced_at for status in self._desk.live.now(0, 0).lines}
        lines = tuple(
            AnnouncingLine(
                number, line.name, str(line.announce), bool(line.announcement), line.beep_every_s, played.get(number)
            )
            for number, line in enumerate(self._desk.lines, start=1)
        )
        return Announcing(lines, _WORDS.read_text(encoding="utf-8").strip())
