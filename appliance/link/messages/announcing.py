"""What callers are told by the box itself: a part of the register of announcements."""

from datetime import datetime

import msgspec

from appliance.link.messages.base import Message, Signed


class AskAnnouncing(Signed, frozen=True):
    """Which lines tell callers that they are recorded? -> ``Announcing``. Needs SEE_LINES."""


class AnnouncingLine(msgspec.Struct, frozen=True):
    """One line. ``announce`` is "never", "incoming" or "every"; ``own`` where the message is the practice's own.

    ``played_at`` is when a caller last heard it to its end, since the recorder started; ``beep_every_s`` 0 for no beep.
    """

    line: int
    name: str
    announce: str
    own: bool
    beep_every_s: int
    played_at: datetime | None


class Announcing(Message, frozen=True):
    """``words`` is what the shipped message says."""

    lines: tuple[AnnouncingLine, ...]
    words: str


Request = AskAnnouncing

Reply = Announcing
