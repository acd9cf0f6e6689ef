"""One call: its facts, and its sound."""

from datetime import date, datetime

import msgspec

from appliance.link.messages.base import Message, Signed
from appliance.link.messages.calls import CallRow
from appliance.link.messages.shares import ShareRow
from appliance.model.calls import CallId, Span
from appliance.model.holds import LegalHold
from appliance.model.people import Purpose


class GetCall(Signed, frozen=True):
    """-> ``Call`` or NoSuchCall. Needs LIST_CALLS, or the call shared with this person."""

    call_id: CallId


class Call(Message, frozen=True):
    """One call, whole. ``spans`` in seconds from the recording's first sample; ``kept_until`` is before any hold.

    ``audio_bytes`` is 0 where there is nothing to play; ``integrity`` is "unchanged", "cut short", "damaged" or "open".
    """

    row: CallRow
    clock_unsure: bool
    kept_until: date
    holds: tuple[LegalHold, ...]
    spans: tuple[Span, ...]
    peaks: bytes
    peaks_per_s: int
    audio_bytes: int
    integrity: str
    rings: int
    end_uncertain: bool
    continues: CallId | None
    continued_by: CallId | None
    purpose: Purpose | None
    """What this session said it listens for, if it has."""
    heard: tuple["Listen", ...]
    related: tuple["Related", ...] = ()
    note: str = ""
    shared: tuple[ShareRow, ...] = ()
    """With whom it is shared now; for whoever hears it by a share, their own alone."""


class Related(msgspec.Struct, frozen=True):
    """A recording that is probably of the same call: transferred, or rung again.

    ``why`` is "same_number", "while_on_hold" or "at_its_end".
    """

    call_id: CallId
    started_at: datetime
    line: int
    line_name: str
    why: str


class Listen(msgspec.Struct, frozen=True):
    """Who listened, when and why; or who played it to a requester, at the appointment of ``case``."""

    name: str
    at: datetime
    purpose: Purpose | None
    case: str = ""


class StartListening(Signed, frozen=True):
    """Say why, once per call and session; written to the journal before any audio is given -> ``Done``."""

    call_id: CallId
    purpose: Purpose


class ReadAudio(Signed, frozen=True):
    """-> ``Audio``: at most ``length`` (and at most 256 KiB) plain bytes of Ogg Opus from ``offset``.

    Extends the session. NotAllowed until ``StartListening``. ``call_id`` must be readable as for ``GetCall``.
    """

    call_id: CallId
    offset: int
    length: int


class Audio(Message, frozen=True):
    """``total`` is the whole length, so that the site can answer a Range request."""

    total: int
    data: bytes


class LabelCall(Signed, frozen=True):
    """Write down the tags, the note and the handler of a call, in the place of what stood there -> ``Done``.

    Or LabelWrong. Needs LIST_CALLS. ``handler`` is who of the practice took the call; all of it is sealed.
    """

    call_id: CallId
    tags: tuple[str, ...]
    note: str
    handler: str = ""


Request = GetCall | StartListening | ReadAudio | LabelCall

Reply = Call | Audio
