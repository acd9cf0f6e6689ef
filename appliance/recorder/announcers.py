"""What tells a line's callers, put together from its configuration: sounds read, and a speaker for its card."""

import logging
from pathlib import Path

from appliance.capture.announcement import SHIPPED, Sound, beep, message
from appliance.capture.speakers import ALL, Speaker
from appliance.clock import Clock
from appliance.config import Announce, LineConfig
from appliance.errors import AudioUnreadable
from appliance.recorder.announcing import Announcer, Wanted

_LOG = logging.getLogger(__name__)


def announcer(line: LineConfig, clock: Clock) -> Announcer:
    """Return the announcer of a line. It plays on the line's own channel of its own card, or where the settings say."""
    own = line.channel if not line.speaker else ALL
    speaker = Speaker(line.speaker or line.card, own if line.speaker_channel is None else line.speaker_channel, clock)
    sound = None if line.announce is Announce.NEVER else _message(line)
    return Announcer(Wanted(line.announce, sound, beep(), line.beep_every_s), speaker)


def _message(line: LineConfig) -> Sound:
    """Return the line's message: callers must be told, so a file that is damaged does not silence the line."""
    try:
        return message(Path(line.announcement) if line.announcement else SHIPPED)
    except AudioUnreadable as wrong:
        _LOG.error("%s: %s The shipped one is played in its place.", line.name, wrong)
        return message()
