"""What the register of announcements says of the recorder itself."""

from datetime import UTC, datetime

import pytest

from appliance.link.messages.announcing import AnnouncingLine
from appliance.web.announcements import told_on

HEARD = datetime(2026, 11, 23, 16, 33, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (AnnouncingLine(1, "Reception", "never", False, 0, None), "Plays no message."),
        (AnnouncingLine(1, "Reception", "never", False, 15, None), "Plays no message; a beep every 15 seconds."),
        (
            AnnouncingLine(1, "Reception", "incoming", False, 0, HEARD),
            (
                "Plays the message below to each caller, once a call is answered; "
                "last heard to its end Mon 23 November 2026, 16:33."
            ),
        ),
        (
            AnnouncingLine(1, "Reception", "every", True, 20, None),
            (
                "Plays the practice’s own message to everybody, at the beginning of each call; "
                "not heard yet since the recorder started; a beep every 20 seconds."
            ),
        ),
    ],
)
def test_a_line_tells_what_its_callers_hear_and_when_one_last_did(line, said):
    assert told_on(line) == said


def test_the_register_lists_every_line(manager):
    page = manager.get("/announcements").text
    lines = page[page.index("What the recorder plays") :]
    assert lines.index("Line 1") < lines.index("Line 2")
    assert lines.count("Plays no message.") == 2
    assert "blockquote" not in lines, "no message is shown that is played nowhere"
