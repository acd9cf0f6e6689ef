"""Updates of the box's own programs: what runs, and what became of what was offered."""

from datetime import datetime

import msgspec

from appliance.link.messages.base import Message, Signed

UNDER_WAY = frozenset({"checking", "waiting", "installing", "installed", "restarting"})
"""Stages of an update that is not over yet: no other may be brought meanwhile."""

MOST_OF_A_PIECE = 512 * 1024
"""Bytes that ``AddToUpdate`` may bring at once."""


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


class BeginUpdate(Signed, frozen=True):
    """-> ``UpdatePart``, which is empty. One of ``size`` bytes is to be uploaded; what was uploaded before is dropped.

    Needs BRING_UPDATES and the password given just now. Raises UpdateRefused.
    """

    size: int


class AddToUpdate(Signed, frozen=True):
    """-> ``UpdatePart``. ``data`` is the update's from ``at`` on; the last piece gives it to the box.

    What does not begin where the part ends is not taken: the reply says where that is, so a piece may be sent again.
    Needs BRING_UPDATES. Raises UpdateRefused: the upload is not ``place``'s any more, or what came is no update.
    """

    place: str
    at: int
    data: bytes


class UpdatePart(Message, frozen=True):
    """``at`` bytes of the upload ``place`` are there; it is whole when that is its size."""

    place: str
    at: int


Request = AskUpdates | BeginUpdate | AddToUpdate

Reply = Updates | UpdatePart
