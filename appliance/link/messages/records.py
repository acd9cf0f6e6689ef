"""The journal."""

from datetime import datetime
from enum import StrEnum

import msgspec

from appliance.link.messages.base import Message, Signed
from appliance.model.calls import CallId


class Kind(StrEnum):
    """What sort of entries to read."""

    LISTENING = "listening"
    DELETIONS = "deletions"
    HOLDS = "holds"
    DISCLOSURES = "disclosures"
    SETTINGS = "settings"
    PEOPLE = "people"
    SIGN_INS = "sign_ins"


class ReadJournal(Signed, frozen=True):
    """-> ``JournalPage``, newest first. Needs READ_JOURNAL. Without a ``kind`` of all kinds."""

    page: int = 1
    per_page: int = 50
    kind: Kind | None = None
    call_id: CallId | None = None


class JournalRow(msgspec.Struct, frozen=True):
    """One entry, in words. ``number`` counts from 0."""

    number: int
    at: datetime
    who: str
    what: str
    call_id: CallId | None


class JournalPage(Message, frozen=True):
    """``total`` of the kind that was asked for. ``intact`` is what the last check of the chain said.

    ``checked_at`` is when that was, ``entries`` how many it followed, ``broken_after`` the last that can be relied on.
    """

    total: int
    rows: tuple[JournalRow, ...]
    intact: bool
    checked_at: datetime | None
    entries: int = 0
    broken_after: int | None = None


class AskAnchor(Signed, frozen=True):
    """-> ``JournalAnchor``, to be printed: it proves later that nothing before it was changed. Needs READ_JOURNAL."""


class JournalAnchor(Message, frozen=True):
    """Entry ``number`` of the journal had the sum ``sum`` (64 hex digits)."""

    number: int
    sum: str


class CompareAnchor(Signed, frozen=True):
    """Does the journal still hold what was printed? -> ``AnchorCompared``. Needs READ_JOURNAL."""

    number: int
    sum: str


class AnchorCompared(Message, frozen=True):
    """``agrees``: everything up to that entry is as it was when the anchor was printed."""

    agrees: bool


Request = ReadJournal | AskAnchor | CompareAnchor

Reply = JournalPage | JournalAnchor | AnchorCompared
