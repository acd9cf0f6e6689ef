"""The journal."""

from datetime import datetime

import msgspec

from appliance.link.messages.base import Message, Signed
from appliance.model.calls import CallId


class ReadJournal(Signed, frozen=True):
    """-> ``JournalPage``, newest first. Needs READ_JOURNAL."""

    page: int = 1
    per_page: int = 50


class JournalRow(msgspec.Struct, frozen=True):
    """One entry, in words. ``number`` counts from 0."""

    number: int
    at: datetime
    who: str
    what: str
    call_id: CallId | None


class JournalPage(Message, frozen=True):
    """``intact`` is what the last check of the chain said; ``checked_at`` when it was."""

    total: int
    rows: tuple[JournalRow, ...]
    intact: bool
    checked_at: datetime | None


Request = ReadJournal

Reply = JournalPage
