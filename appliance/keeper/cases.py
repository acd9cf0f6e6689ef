"""Cases as the keeper has them: opened with somebody's key, changed by a rule, held, journalled and sealed again.

The order is the same for each act, so that a power cut after any step loses nothing: the rule decides on values alone;
then the journal's line; then the holds that the case now needs; then the case; and only then are holds let go that it
needs no more. A hold too many is all that a cut can leave.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from appliance.casework.cases import CASEWORKERS, Case, holds_wanted, next_reference
from appliance.casework.reviews.record import Review
from appliance.clock import LONDON
from appliance.codec import from_json, to_json
from appliance.errors import CaseChanged, NoSuchCase, NotAllowed, PersonRefused, SealBroken
from appliance.keeper.cases_acts import SORTS, arguments, rule_of
from appliance.keeper.cases_holds import CaseHolds
from appliance.keeper.opening import RecordingKeys
from appliance.keeper.sessions import LiveSession
from appliance.keeper.stores import Stores
from appliance.link.messages.cases import CaseKind
from appliance.model.calls import CallId
from appliance.model.people import Person
from appliance.storage.casebook import CaseHead, Opener
from appliance.storage.journalline import Act
from appliance.storage.sealing import SealTo
from appliance.storage.unsealing import PrivateKey

Record = Any
"""A value of one of the shapes in ``SORTS``."""


class Cases:
    """All that is done with cases. One act at a time; safe to use from several threads."""

    def __init__(self, stores: Stores) -> None:
        """Work on the casebook of ``stores``."""
        self._stores, self._book = stores, stores.casebook
        self.holds = CaseHolds(stores)
        self._lock = threading.RLock()

    def today(self) -> date:
        """Return the day that it is in the practice."""
        return self._stores.clock.now().at.astimezone(LONDON).date()

    # --- reading ----------------------------------------------------------------------------------------------------

    def read(self, reference: str, session: LiveSession, keys: RecordingKeys) -> tuple[CaseHead | None, Record]:
        """Return a case as it stands; a single record that nobody wrote yet as the box is shipped with it.

        Raises:
            NoSuchCase: there is none, or it is not theirs to read. SealBroken: it is damaged.
        """
        if reference in _SINGLE and reference not in self._book.references():
            if session.person.role not in CASEWORKERS:
                raise _none()
            first = SORTS[_SINGLE[reference]].first
            return None, first() if first else None
        head = self._book.head(reference)
        record = self._opened(head, session, keys)
        if not _may_read(session.person, record):
            raise _none()
        return head, record

    def every(self, kind: CaseKind, session: LiveSession, keys: RecordingKeys) -> list[tuple[CaseHead, Record]]:
        """Return the cases of a kind that somebody may read; one that cannot be opened is left out."""
        found = []
        for head in self._book.heads(kind):
            try:
                found.append((head, self.read(head.reference, session, keys)[1]))
            except (NoSuchCase, SealBroken, NotAllowed):
                continue
        return found

    def damaged(self) -> int:
        """Return how many records cannot be read at all."""
        return len(self._book.damaged)

    def _opened(self, head: CaseHead, session: LiveSession, keys: RecordingKeys) -> Record:
        plain = self._book.opened(head.reference, self._opener(session, keys))
        return from_json(plain, SORTS[CaseKind(head.kind)].shape)

    def _opener(self, session: LiveSession, keys: RecordingKeys) -> Opener:
        own = session.opened.key

        def key(kid: str) -> PrivateKey | None:
            if kid == own.kid:
                return own
            return keys.of(kid) if self._stores.keyring.may_open(kid, own.kid) else None

        return key

    # --- changing ---------------------------------------------------------------------------------------------------

    def begin(self, kind: CaseKind, words: bytes, session: LiveSession) -> CaseHead:
        """Log a case. It needs no key of whoever logs it.

        Raises:
            CaseworkRefused, NotAllowed: the rule's. NoSuchCall, HoldTooLate: a call is not there to be held.
        """
        sort = SORTS[kind]
        if sort.begin is None:
            raise NotAllowed("There is one record of this sort, and it is there.")
        given = arguments(sort.begin, words, self._person)
        with self._lock:
            reference = next_reference(sort.prefix, self.today(), self._book.references())
            record = sort.begin(reference, session.person, self.today(), **given)
            self.holds.must_be_there(_calls(record))
            self._stores.journal.append(Act.CASE_LOGGED, session.person.username, case=reference)
            return self._kept(kind, reference, None, record, session.person)

    def act(
        self, reference: str, act: str, words: bytes, session: LiveSession, keys: RecordingKeys, version: int = 0
    ) -> tuple[CaseHead, dict[CallId, date]]:
        """Do one act; return the case's new head, and when the recordings it let go are destroyed.

        Raises:
            CaseworkRefused, NotAllowed: the rule's; the case stays as it was.
        """
        kind = self.kind_of(reference)
        rule = rule_of(kind, act)
        given = arguments(rule, words, self._person)
        return self.change(
            reference, session, keys, lambda record: rule(record, session.person, self.today(), **given), version
        )

    def change(
        self,
        reference: str,
        session: LiveSession,
        keys: RecordingKeys,
        rule: Callable[[Record], Record],
        version: int = 0,
    ) -> tuple[CaseHead, dict[CallId, date]]:
        """As ``act``, with a rule that has its words already."""
        with self._lock:
            head, before = self.read(reference, session, keys)
            if version and head is not None and version != head.version:
                raise CaseChanged("Somebody else changed this first. Look at how it stands now, then do it again.")
            after = rule(before)
            fresh = [call for call in _calls(after) if call not in _calls(before)]
            self.holds.must_be_there(fresh)
            self._stores.journal.append(Act.CASE_CHANGED, session.person.username, case=reference, did=_did(after))
            kept = self._kept(self.kind_of(reference), reference, head, after, session.person)
            gone = self.holds.let_go(after, session.person.username, keys) if isinstance(after, Case) else {}
            return kept, gone

    def kind_of(self, reference: str) -> CaseKind:
        """Return what sort of record a reference names.

        Raises:
            NoSuchCase: there is none.
        """
        return _SINGLE[reference] if reference in _SINGLE else CaseKind(self._book.head(reference).kind)

    def move_on(self, session: LiveSession, keys: RecordingKeys) -> None:
        """Reseal to the current recording key what is sealed to older ones, which will not be there for ever."""
        kid = self._stores.keyring.current().kid
        with self._lock:
            for head in self._book.not_sealed_to(kid):
                try:
                    record = self._opened(head, session, keys)
                except (SealBroken, NotAllowed):
                    continue
                fresh = replace(head, version=head.version + 1)
                self._book.keep(fresh, to_json(record), self._recipients(record))

    def _kept(self, kind: CaseKind, reference: str, head: CaseHead | None, record: Record, by: Person) -> CaseHead:
        already = frozenset(head.calls) if head is not None and head.is_open else frozenset()
        for wish in holds_wanted(record) if isinstance(record, Case) else ():
            if wish.call_id not in already:
                self.holds.place(wish, by.username)
        made = CaseHead(
            reference=reference,
            kind=kind,
            version=(head.version if head else 0) + 1,
            changed_at=self._stores.clock.now().at,
            is_open=not isinstance(record, Case) or record.is_open,
            calls=record.calls if isinstance(record, Case) else (),
        )
        self._book.keep(made, to_json(record), self._recipients(record))
        return made

    def _recipients(self, record: Record) -> list[SealTo]:
        to = [self._stores.keyring.current()]
        if isinstance(record, Review):
            try:
                to.append(self._stores.people.seal_to(record.staff))
            except PersonRefused:  # they have left; the record stays
                return to
        return to

    def _person(self, username: str) -> Person:
        everyone = self._stores.people.everyone()
        found = next((one for one in everyone if one.username == username.strip().lower()), None)
        if found is None:
            raise PersonRefused("There is nobody of that username.")
        return found


_SINGLE = {kind.value: kind for kind, sort in SORTS.items() if sort.begin is None}


def _may_read(person: Person, record: Record) -> bool:
    return person.role in CASEWORKERS or (isinstance(record, Review) and record.staff == person.username)


def _calls(record: Record) -> tuple[CallId, ...]:
    if isinstance(record, Case):
        return record.calls
    return (record.call_id,) if isinstance(record, Review) else ()


def _did(record: Record) -> str:
    """Return the last act in a record's history; what keeps none is only ever checked."""
    history = getattr(record, "history", ())
    return history[-1].act if history else "checked"


def _none() -> NoSuchCase:
    return NoSuchCase("There is no such case.")
