"""Copies for requesters and other bodies: only once the steps of the case allow it, and written down first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from appliance.casework.access_requests.giving import give_copy
from appliance.casework.access_requests.record import AccessRequest, CopiedCall
from appliance.casework.cuts import Fill
from appliance.casework.disclosures.acts import hand_over
from appliance.casework.disclosures.record import Disclosure, HandedCall
from appliance.errors import ExportRefused, JournalRefused, NoSuchCase, NotAllowed, StepMissing
from appliance.keeper.calls import Calls
from appliance.keeper.cases import Cases
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.export import Made, Order, Packs, Source, sha256_of
from appliance.keeper.opening import RecordingKeys
from appliance.keeper.playing import LARGEST_RANGE, Integrity, Sound
from appliance.keeper.sessions import LiveSession
from appliance.link.messages.base import Done
from appliance.link.messages.packs import AskPack, DropPack, MakePack, PackPiece, PackStage, PackState, ReadPack
from appliance.model.calls import CallId, checked_call_id
from appliance.model.people import Person, Right
from appliance.storage.journal import Anchor
from appliance.storage.journalline import Act

LONGEST_S = 90 * 60.0
"""Of sound in one copy: it is made in memory. More calls go into several copies."""

_UNMADE = "0" * 64
WHOLE = frozenset({Integrity.UNCHANGED, Integrity.CUT_SHORT})
"""What a recording must be for others to get it or hear it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A copy as it was asked for. ``parts`` by call, in seconds."""

    calls: tuple[CallId, ...]
    to: str
    means: str
    passphrase_by: str
    parts: Mapping[CallId, tuple[float, float]]

    def recorded(self, record: Any, by: Person, today: date, made: Mapping[CallId, Made]) -> Any:
        """Return the case with this copy in it: the rule decides whether it may be, and whether it is cut as marked.

        Raises:
            CaseworkRefused, NotAllowed
        """
        if isinstance(record, AccessRequest):
            copied = [CopiedCall(call, *made.get(call, (_UNMADE, record.cuts_of(call)))) for call in self.calls]
            return give_copy(
                record, by, today, calls=copied, to=self.to, means=self.means, passphrase_by=self.passphrase_by
            )
        if isinstance(record, Disclosure):
            handed = [HandedCall(call, made.get(call, (_UNMADE, ()))[0], self._part(call)) for call in self.calls]
            return hand_over(record, by, today, calls=handed, to=self.to, means=self.means)
        raise StepMissing("No copy is made for a record of this sort.")

    def _part(self, call: CallId) -> str:
        part = self.parts.get(call)
        return f"from {part[0]:.2f} s to {part[1]:.2f} s" if part else "the whole call"


class ExportAnswers:
    """Answers about copies."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores
        self._cases, self._calls = Cases(desk.stores), Calls(desk.stores, desk.shelf)
        self.packs = Packs(desk.clock.monotonic)

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {MakePack: self.make, AskPack: self.ask, ReadPack: self.read, DropPack: self.drop}

    def make(self, request: MakePack) -> Done:
        """Begin to make a copy, if the steps of the case allow it now."""
        session = self._desk.gate.fresh(request)
        calls = tuple(dict.fromkeys(map(checked_call_id, request.calls)))
        parts = {call: (first_s, last_s) for call, first_s, last_s in request.parts}
        asked = _Asked(calls, request.to, request.means, request.passphrase_by, parts)
        with self._desk.keys(session) as keys:
            _, record = self._cases.read(request.reference, session, keys)
            if parts and not isinstance(record, Disclosure):
                raise StepMissing("A requester gets each call whole, but for what the assessment has cut out of it.")
            try:
                asked.recorded(record, session.person, self._cases.today(), {})
            except NotAllowed:
                self._desk.gate.refused(session, request, None)
                raise
            order = self._order(request, session, asked, record, keys)
        register = _CaseRegister(self._desk, self._cases, request.reference, session, asked)
        self.packs.make(session.person.username, order, register)
        return Done()

    def ask(self, request: AskPack) -> PackState:
        """Return how far a copy is; once it is ready, its passphrase."""
        session = self._desk.gate.with_right(request, Right.LISTEN, active=False)
        pack = self.packs.find(session.person.username, request.reference)
        if pack is None:
            return PackState(PackStage.NONE)
        size = len(pack.data)
        return PackState(pack.stage, pack.done, size, pack.sha256, pack.passphrase, pack.custody, pack.why)

    def read(self, request: ReadPack) -> PackPiece:
        """Return a range of a finished copy; that it leaves the box is written down first."""
        session = self._desk.gate.with_right(request, Right.LISTEN)
        who = session.person.username
        pack = self.packs.find(who, request.reference)
        if pack is None or pack.stage is not PackStage.READY:
            raise NoSuchCase("There is no finished copy. Make it again.")
        if not pack.taken:
            self._stores.journal.append(Act.COPY_TAKEN, who, case=request.reference, sha256=pack.sha256)
            pack.taken = True
        length = max(0, min(request.length, LARGEST_RANGE))
        return PackPiece(
            len(pack.data), pack.data[request.offset : request.offset + length] if request.offset >= 0 else b""
        )

    def drop(self, request: DropPack) -> Done:
        """Let go of a copy."""
        session = self._desk.gate.signed_in(request)
        self.packs.drop(session.person.username, request.reference)
        return Done()

    def _order(self, request: MakePack, session: LiveSession, asked: _Asked, record: Any, keys: RecordingKeys) -> Order:
        self.packs.drop_old(frozenset(one.person.username for one in self._desk.sessions.live()))
        sources = tuple(self._source(call, asked, record, keys) for call in asked.calls)
        if sum(source.recorded_s for source in sources) > LONGEST_S:
            raise ExportRefused(f"This is more than {LONGEST_S / 60:.0f} minutes. Put the calls into several copies.")
        return Order(
            practice=self._stores.people.practice(),
            reference=request.reference,
            made_by=session.person.name,
            made_at=self._desk.clock.now().at,
            to=request.to,
            means=request.means,
            fill=Fill(request.fill.value),
            sources=sources,
        )

    def _source(self, call: CallId, asked: _Asked, record: Any, keys: RecordingKeys) -> Source:
        found = self._calls.find(call, keys)
        audio, integrity = self._calls.audio(found)
        if audio is None or integrity not in WHOLE:
            raise ExportRefused("A recording cannot be read whole, so no copy of it is made. Say so in your answer.")
        known = self._calls.known(found, self._desk.line_name(found.entry.line))
        return Source(
            call_id=call,
            started_at=found.entry.started_at,
            line_name=known.line_name,
            recorded_s=found.entry.duration_s,
            seal="Unchanged since recording" if integrity is Integrity.UNCHANGED else "Genuine; its end is missing",
            sealed_sha256=sha256_of(self._stores.vault.audio(call)),
            opus=whole_of(audio),
            redactions=record.cuts_of(call) if isinstance(record, AccessRequest) else (),
            part=asked.parts.get(call),
        )


class _CaseRegister:
    """Writes a copy of one case down, as the person who asked for it. Whoever signed out meanwhile gets none."""

    def __init__(self, desk: Desk, cases: Cases, reference: str, session: LiveSession, asked: _Asked) -> None:
        """Write on the case ``reference``."""
        self._desk, self._cases, self._reference = desk, cases, reference
        self._session, self._asked = session, asked

    def write(self, made: Mapping[CallId, Made]) -> Anchor:
        """Write each call's copy into the journal; as ``Register.write``.

        Raises:
            CaseworkRefused, NotAllowed: the case does not allow it any more.
        """
        journal, who = self._desk.stores.journal, self._session.person.username
        with self._desk.keys(self._session) as keys:
            _, record = self._cases.read(self._reference, self._session, keys)
        self._noted(record, made)
        for call, (total, _) in made.items():
            journal.append(Act.COPY_MADE, who, call, case=self._reference, sha256=total)
        anchor = journal.anchor
        if anchor is None:
            raise JournalRefused("The copy could not be written down, so it was not made.")
        return anchor

    def enter(self, made: Mapping[CallId, Made]) -> None:
        """Enter the copy into the case; as ``Register.enter``."""
        with self._desk.keys(self._session) as keys:
            self._cases.change(self._reference, self._session, keys, lambda record: self._noted(record, made))

    def _noted(self, record: Any, made: Mapping[CallId, Made]) -> Any:
        return self._asked.recorded(record, self._session.person, self._cases.today(), made)


def whole_of(audio: Sound) -> bytes:
    """Return all of a recording's plain audio.

    Raises:
        ExportRefused: it ends before its end.
    """
    parts, at = bytearray(), 0
    while at < audio.total:
        piece = audio.read(at, LARGEST_RANGE)
        if not piece:
            raise ExportRefused("A recording could not be read to its end, so no copy of it is made. Call support.")
        parts += piece
        at += len(piece)
    return bytes(parts)
