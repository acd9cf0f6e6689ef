"""Updates of the box's own programs: what runs, and what became of what was offered."""

from datetime import datetime

import msgspec

from appliance.link.messages.base import Message, Signed


class AskUpdates(Signed, frozen=True):
    """-> ``Updates``. Needs SEE_HEALTH."""


class Update(msgspec.Struct, frozen=True):
    """How far an update is, in ``text`` for people. ``stage`` is a word of the box's (docs/operations.md).

    ``version`` ran when it was said; ``offered`` is the update's, empty where none was offered.
    """

    stage: str
    version: str
    offered: str
    text: str
    at: datetime | None


class Updates(Message, frozen=True):
    """``now`` is None where the programs are not the box's own to update. ``past`` are those that ended, newest first.

    ``unreadable``: what the box says of them cannot be read.
    """

    now: Update | None
    past: tuple[Update, ...] = ()
    unreadable: bool = False


Request = AskUpdates

Reply = Updates
