"""Every request the site may make of the keeper, and what comes back.

A request that needs somebody signed in carries their session ``token``; the keeper checks the role at each one, so a
site that was broken into can do no more than the people who are signed in at that moment. Refusals come back as a
``Refused`` with the name of the error and its words; the client raises it again.
"""

from datetime import date, datetime

import msgspec

from appliance.model.calls import Caller, CallId, Direction, Span
from appliance.model.holds import HoldReason, LegalHold
from appliance.model.people import Person, Purpose, Role
from appliance.model.status import Alarm, LineStatus

VERSION = 1
"""Of this protocol; both ends are of one release, so a difference is an error, not a negotiation."""


class Message(msgspec.Struct, frozen=True, tag=True):
    """The root of every message; the class name is the tag on the wire."""


class Signed(Message, frozen=True):
    """A request by somebody signed in. ``token`` is the 32 random bytes of their session."""

    token: bytes


# --- replies that many requests share -------------------------------------------------------------------------------


class Done(Message, frozen=True):
    """It was done; there is nothing to say about it."""


class Refused(Message, frozen=True):
    """It was not done. ``error`` is the name of a class in ``appliance.errors``; ``text`` is fit to be shown."""

    error: str
    text: str
    wait_s: int = 0


# --- set-up ---------------------------------------------------------------------------------------------------------


class AskSetup(Message, frozen=True):
    """Has the box been set up? -> ``SetupState``."""


class SetupState(Message, frozen=True):
    """``practice`` is empty until set-up is done."""

    done: bool
    practice: str


class StartSetup(Message, frozen=True):
    """Somebody typed the one-time setup code -> ``TotpOffer``, or SetupRefused / SignInThrottled."""

    code: str
    practice: str
    username: str
    address: str


class TotpOffer(Message, frozen=True):
    """A second factor to scan: ``uri`` is otpauth:// for the QR code, ``secret`` its base32 for typing."""

    secret: str
    uri: str


class FinishSetup(Message, frozen=True):
    """Make the practice, its manager and its keys -> ``SetupFinished``. Nothing is kept if any part is refused."""

    code: str
    practice: str
    name: str
    username: str
    password: str
    totp_secret: str
    totp_code: str
    address: str


class SetupFinished(Message, frozen=True):
    """``recovery_sheet`` opens everything and is shown once; ``recovery_codes`` replace a lost second factor."""

    recovery_sheet: str
    recovery_codes: tuple[str, ...]


# --- sessions -------------------------------------------------------------------------------------------------------


class SignIn(Message, frozen=True):
    """-> ``SignedIn``, or SignInRefused / SignInThrottled. ``code`` is six digits or a recovery code."""

    username: str
    password: str
    code: str
    address: str


class SignedIn(Message, frozen=True):
    """A new session."""

    token: bytes
    person: Person


class SignOut(Signed, frozen=True):
    """End the session -> ``Done``. Its keys leave memory."""


class WhoAmI(Signed, frozen=True):
    """Who is this session? -> ``Session`` or NotSignedIn. ``active`` is False for polling, which must not extend it."""

    active: bool = True


class Session(Message, frozen=True):
    """A live session. ``fresh`` while the password was given in the last 10 minutes."""

    person: Person
    practice: str
    since: datetime
    fresh: bool


class ProvePassword(Signed, frozen=True):
    """Give the password again before an act that asks for it -> ``Done`` or SignInRefused / SignInThrottled."""

    password: str


# --- people ---------------------------------------------------------------------------------------------------------


class ListPeople(Signed, frozen=True):
    """-> ``People``. Needs MANAGE_PEOPLE."""


class People(Message, frozen=True):
    """Everybody who can sign in."""

    people: tuple[Person, ...]


class AddPerson(Signed, frozen=True):
    """Add somebody, with a first password -> ``PersonAdded``. Needs MANAGE_PEOPLE and a fresh sign-in."""

    username: str
    name: str
    role: Role
    password: str


class PersonAdded(Message, frozen=True):
    """What the new person needs, shown once."""

    totp: TotpOffer
    recovery_codes: tuple[str, ...]


# --- lines ----------------------------------------------------------------------------------------------------------


class AskLive(Signed, frozen=True):
    """How does the box stand? -> ``Live``. Waits up to ``wait_s`` for a version other than ``seen``.

    Extends no session.
    """

    seen: int = 0
    wait_s: float = 0.0


class Live(Message, frozen=True):
    """``contact_at`` is when the recorder last wrote; ``contact`` is False when that is too long ago to be believed."""

    version: int
    contact: bool
    contact_at: datetime | None
    lines: tuple[LineStatus, ...]
    alarms: tuple[Alarm, ...]


class AskHome(Signed, frozen=True):
    """-> ``Home``: the counters of the first page."""


class Home(Message, frozen=True):
    """``latest`` is the newest recording; ``months_left`` is None while there is too little to forecast from."""

    calls_today: int
    holds: int
    holds_to_review: int
    latest: CallId | None
    months_left: float | None
    expiring_soon: int


# --- calls ----------------------------------------------------------------------------------------------------------


class CallQuery(msgspec.Struct, frozen=True):
    """What to list; all that is given must match. Days are UK days, inclusive; ``number`` is a part, 0 = +44."""

    number: str = ""
    first: date | None = None
    last: date | None = None
    line: int | None = None
    direction: Direction | None = None
    held: bool | None = None
    missed: bool | None = None
    shortest_s: float | None = None
    longest_s: float | None = None


class CallRow(msgspec.Struct, frozen=True):
    """One call in a list. ``number`` is the other party's, None where not known; ``caller`` tells why for a call in."""

    call_id: CallId
    line: int
    line_name: str
    started_at: datetime
    duration_s: float
    direction: Direction
    number: str | None
    caller: Caller
    answered: bool
    missed: bool
    held: bool
    open: bool = False
    """Still being recorded."""
    cut_short: bool = False
    """Its authenticated end is missing: a power cut or a crash. What is there is genuine."""
    damaged: bool = False


class ListCalls(Signed, frozen=True):
    """-> ``CallPage``, newest first. Needs LIST_CALLS. ``page`` counts from 1."""

    query: CallQuery
    page: int = 1
    per_page: int = 25


class CallPage(Message, frozen=True):
    """``total`` is exact. ``complete`` is False while a search by number has not seen every call yet: ask again."""

    total: int
    calls: tuple[CallRow, ...]
    complete: bool = True


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
    """Who listened, when and why."""

    name: str
    at: datetime
    purpose: Purpose


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


# --- holds ----------------------------------------------------------------------------------------------------------


class PlaceHold(Signed, frozen=True):
    """-> ``Done``, or HoldTooLate / NoSuchCall. Needs PLACE_HOLD. Restores from the trash where it still can."""

    call_id: CallId
    reason: HoldReason
    reference: str
    note: str
    review_on: date


class ReleaseHold(Signed, frozen=True):
    """-> ``Released``. Needs RELEASE_HOLD and a fresh sign-in. ``index`` is the hold's place in ``Call.holds``."""

    call_id: CallId
    index: int
    why: str


class Released(Message, frozen=True):
    """``destroyed_on`` is the day it will now be destroyed unless held again; None while another hold stands."""

    destroyed_on: date | None


# --- when deleting has stopped ---------------------------------------------------------------------------------------


class ConfirmClock(Signed, frozen=True):
    """A person says that the box's date is right -> ``Done``. Needs CHANGE_SETTINGS and a fresh sign-in.

    Asked for by the alarms ``clock-ahead`` and ``clock-back``. ``today`` must be the date the box has.
    """

    today: date


class AllowDeletions(Signed, frozen=True):
    """A person lets the next sweep delete up to ``count`` recordings -> ``Done``. As ``ConfirmClock``.

    Asked for by the alarm ``deletions``.
    """

    count: int


# --- records --------------------------------------------------------------------------------------------------------


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


# --- backup ---------------------------------------------------------------------------------------------------------


class StartBackup(Signed, frozen=True):
    """Make a backup now, to the folder that the settings name -> ``Done``, or BackupRefused.

    Needs CHANGE_SETTINGS and a fresh sign-in.
    """


class AskBackup(Signed, frozen=True):
    """-> ``BackupState``. Needs SEE_HEALTH."""


class BackupState(Message, frozen=True):
    """``configured``: the settings name a folder; ``there``: it is there now. ``done`` of ``total`` days while running.

    ``trouble`` is what was wrong with the last one, fit to be shown; empty if nothing was.
    """

    configured: bool
    there: bool
    last_at: datetime | None
    running: bool
    done: int
    total: int
    trouble: str


Request = (
    AskSetup
    | StartSetup
    | FinishSetup
    | SignIn
    | SignOut
    | WhoAmI
    | ProvePassword
    | ListPeople
    | AddPerson
    | AskLive
    | AskHome
    | ListCalls
    | GetCall
    | StartListening
    | ReadAudio
    | PlaceHold
    | ReleaseHold
    | ConfirmClock
    | AllowDeletions
    | ReadJournal
    | StartBackup
    | AskBackup
)

Reply = (
    Done
    | Refused
    | SetupState
    | TotpOffer
    | SetupFinished
    | SignedIn
    | Session
    | People
    | PersonAdded
    | Live
    | Home
    | CallPage
    | Call
    | Audio
    | Released
    | JournalPage
    | BackupState
)
