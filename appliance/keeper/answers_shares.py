"""One recording for one member of staff, until a date."""

from datetime import date, datetime, time, timedelta

from appliance.clock import LONDON
from appliance.errors import ShareRefused
from appliance.keeper.calls import Calls
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.sharedcalls import share_row
from appliance.link.messages.base import Done
from appliance.link.messages.people import ListColleagues, People
from appliance.link.messages.shares import ListShares, ShareCall, Shares, WithdrawShare
from appliance.model.calls import CallId, checked_call_id
from appliance.model.people import Person, Right
from appliance.storage.journalline import Act
from appliance.storage.people.roster import as_username
from appliance.storage.shares import SharedSound

LONGEST = timedelta(days=92)
"""A share lasts no longer: for training some weeks are enough."""

_TOLD = frozenset({"speech"})
"""Spans that somebody hears by a share is told of; what was keyed or rung is not theirs."""


class ShareAnswers:
    """Answers to whoever may listen to all calls, and of their own shares to everybody else."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores
        self._calls = Calls(desk.stores, desk.shelf)

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {
            ShareCall: self.share,
            WithdrawShare: self.withdraw,
            ListShares: self.standing,
            ListColleagues: self.colleagues,
        }

    def share(self, request: ShareCall) -> Done:
        """Share a call, or a part of it; written down before it can be heard."""
        call_id = checked_call_id(request.call_id)
        session = self._desk.gate.with_right(request, Right.LISTEN, call_id)
        with self._desk.keys(session) as keys:
            found = self._calls.find(call_id, keys)
            audio, _ = self._calls.audio(found)
        if found.whole is None or audio is None:
            raise ShareRefused("There is nothing to hear of this call, so it cannot be shared.")
        closing = found.whole.closing
        sound = SharedSound(
            data_key=found.whole.data_key,
            line_name=found.whole.opening.line_name,
            audio_bytes=audio.total,
            duration_s=found.entry.duration_s,
            peaks=closing.peaks if closing else b"",
            peaks_per_s=closing.peaks_per_s if closing else 10,
            spans=tuple(span for span in closing.spans if span.kind in _TOLD) if closing else (),
        )
        part = _checked_part(request, found.entry.duration_s)
        until, person = self._checked_until(request.until), self._colleague(request.username)
        who, seal_to = session.person.username, self._stores.people.seal_to(person.username)
        self._stores.journal.append(
            Act.SHARED, who, call_id, account=person.username, until=request.until.isoformat(), part=_words(part)
        )
        self._stores.shares.share(call_id, sound, seal_to, person.username, who, until, part)
        return Done()

    def withdraw(self, request: WithdrawShare) -> Done:
        """Take a share back; what is open of it is closed."""
        call_id = checked_call_id(request.call_id)
        session = self._desk.gate.with_right(request, Right.LISTEN, call_id)
        username = as_username(request.username)
        if self._is_shared(call_id, username):
            self._stores.journal.append(Act.SHARE_WITHDRAWN, session.person.username, call_id, account=username)
        self._stores.shares.withdraw(call_id, username)
        self._desk.shared_shelf.clear()
        return Done()

    def standing(self, request: ListShares) -> Shares:
        """Return the shares that stand: all of them, or one's own."""
        session = self._desk.gate.with_right(request, Right.LISTEN_SHARED)
        shares = self._stores.shares
        found = shares.standing()
        if not session.person.may(Right.LISTEN):
            found = shares.shared_with(session.person.username)
        return Shares(tuple(share_row(share, self._desk) for share in reversed(found)))

    def colleagues(self, request: ListColleagues) -> People:
        """Return with whom a call may be shared."""
        self._desk.gate.with_right(request, Right.LISTEN)
        return People(tuple(filter(_hears_shares_only, self._stores.people.everyone())))

    def _is_shared(self, call_id: CallId, username: str) -> bool:
        return any(share.call_id == call_id for share in self._stores.shares.shared_with(username))

    def _colleague(self, username: str) -> Person:
        wanted = as_username(username)
        person = next((one for one in self._stores.people.everyone() if one.username == wanted), None)
        if person is None or not person.may(Right.LISTEN_SHARED):
            raise ShareRefused("A call cannot be shared with that person. Choose a member of staff.")
        if person.may(Right.LISTEN):
            raise ShareRefused("That person may hear every call already: nothing need be shared.")
        return person

    def _checked_until(self, until: date) -> datetime:
        """Return the first instant after the last day of a share."""
        today = self._desk.clock.now().at.astimezone(LONDON).date()
        if until < today:
            raise ShareRefused("That day is over. Choose a day to come.")
        if until - today > LONGEST:
            raise ShareRefused(f"A call is shared for at most {LONGEST.days} days. Choose an earlier day.")
        return datetime.combine(until + timedelta(days=1), time(), LONDON)


def _hears_shares_only(person: Person) -> bool:
    return person.may(Right.LISTEN_SHARED) and not person.may(Right.LISTEN)


def _checked_part(request: ShareCall, duration_s: float) -> tuple[float | None, float | None]:
    first_s, last_s = request.first_s, request.last_s
    start, end = first_s or 0.0, duration_s if last_s is None else last_s
    if not (0 <= start < end and start < duration_s):
        raise ShareRefused("That stretch is not in the call: its end must come after its start.")
    return first_s, last_s


def _words(part: tuple[float | None, float | None]) -> str:
    first_s, last_s = part
    if first_s is None and last_s is None:
        return "whole"
    return f"{first_s or 0:.1f} s to {'its end' if last_s is None else f'{last_s:.1f} s'}"
