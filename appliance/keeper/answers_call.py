"""One call: all there is to know of it, why somebody listens to it, and its audio."""

from dataclasses import replace

import msgspec

from appliance.errors import LabelWrong, NoSuchCall, NotAllowed, VaultLocked
from appliance.keeper.calls import Calls, Found, continued_by, row
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.opening import RecordingKeys, known_of, opened_words
from appliance.keeper.playing import Integrity, Sound
from appliance.keeper.related import RelatedCalls
from appliance.keeper.sessions import LiveSession
from appliance.keeper.sharedcalls import SharedCalls, share_row
from appliance.link.messages.base import Done, Signed
from appliance.link.messages.call import Audio, Call, GetCall, LabelCall, Listen, ReadAudio, StartListening
from appliance.model.calls import CallId, checked_call_id
from appliance.model.holds import LegalHold
from appliance.model.people import Purpose, Right
from appliance.storage.holds import HoldRecord
from appliance.storage.journalline import Act
from appliance.storage.labels import SUBJECT, Labels, checked_labels, newest_labels
from appliance.storage.records import Later


class CallAnswers:
    """Answers about one call, to whoever may see it; to everybody else there is no such call."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores
        self._calls = Calls(desk.stores, desk.shelf)
        self._related = RelatedCalls(desk, self._calls)
        self._shared = SharedCalls(desk)

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {
            GetCall: self.get,
            StartListening: self.start_listening,
            ReadAudio: self.read_audio,
            LabelCall: self.label,
        }

    def get(self, request: GetCall) -> Call:
        """Return the call, whole."""
        call_id = checked_call_id(request.call_id)
        session = self._reader(request, call_id)
        if not session.person.may(Right.LIST_CALLS):
            return self._shared.call(session, call_id)
        with self._desk.keys(session) as keys:
            found = self._calls.find(call_id, keys)
            audio, integrity = self._calls.audio(found)
            holds = tuple(self._shown(hold, call_id, keys) for hold in self._stores.holds.of(call_id))
            related = self._related.of(found, keys)
        told = self._told(found, holds, audio, integrity, session.purposes.get(call_id))
        return msgspec.structs.replace(told, related=related)

    def start_listening(self, request: StartListening) -> Done:
        """Write down why somebody listens, once for each call and session."""
        call_id = checked_call_id(request.call_id)
        session = self._reader(request, call_id)
        if session.person.may(Right.LIST_CALLS) and not session.person.may(Right.LISTEN):
            self._desk.gate.refused(session, request, call_id)
            raise NotAllowed("You may see this call, but not hear it. Ask the practice manager.")
        self._stores.catalogue.get(call_id)
        if session.purposes.get(call_id) == request.purpose:
            return Done()
        self._desk.allowances.take_call(session)
        who = session.person.username
        self._desk.heard.saw(self._stores.journal.append(Act.LISTENED, who, call_id, purpose=request.purpose))
        session.purposes[call_id] = request.purpose
        return Done()

    def read_audio(self, request: ReadAudio) -> Audio:
        """Return a range of plain Ogg Opus, never beyond where the call ended."""
        call_id = checked_call_id(request.call_id)
        session = self._reader(request, call_id, active=True)
        if call_id not in session.purposes:
            self._desk.gate.refused(session, request, call_id)
            raise NotAllowed("Say first why you listen to this call.")
        self._stores.catalogue.get(call_id)
        if session.person.may(Right.LISTEN):
            audio = self._desk.shelf.get(call_id) or self._opened(session, call_id)
        else:
            audio = self._opened(session, call_id)
        try:
            data = audio.read(request.offset, request.length)
        except VaultLocked:  # put away between the two, because others were opened
            audio = self._opened(session, call_id)
            data = audio.read(request.offset, request.length)
        self._desk.allowances.take_bytes(session, len(data))
        return Audio(audio.total, data)

    def label(self, request: LabelCall) -> Done:
        """Write tags, note and handler onto a call's sheet."""
        call_id = checked_call_id(request.call_id)
        session = self._desk.gate.with_right(request, Right.LIST_CALLS, call_id)
        labels = checked_labels(Labels(request.tags, request.note, request.handler))
        with self._desk.keys(session) as keys:
            found = self._calls.find(call_id, keys)
        if found.open:
            raise LabelWrong("This call is still being recorded. Write on it once it has ended.")
        if found.whole is None:
            raise LabelWrong("The sheet of this call is damaged: nothing can be written on it.")
        if newest_labels(found.whole.later) != labels:
            later = Later(self._desk.clock.now().at, SUBJECT, msgspec.to_builtins(labels))
            self._stores.custody.add_later(call_id, later, self._stores.keyring.seal_to, session.person.username)
            self._stores.index.add([replace(known_of(found.whole), labels=labels)])
        return Done()

    def _opened(self, session: LiveSession, call_id: CallId) -> Sound:
        if not session.person.may(Right.LISTEN):
            return self._shared.sound(session, call_id)
        with self._desk.keys(session) as keys:
            audio, _ = self._calls.audio(self._calls.find(call_id, keys))
        if audio is None:
            raise NoSuchCall("There is nothing to hear of this call.")
        return audio

    def _reader(self, request: Signed, call_id: CallId, *, active: bool = False) -> LiveSession:
        """Return the session of somebody who may list calls, or with whom this one is shared now."""
        session = self._desk.gate.signed_in(request, active)
        if not session.person.may(Right.LIST_CALLS):
            try:
                self._stores.shares.find(call_id, session.person.username)
            except NoSuchCall:
                self._desk.gate.refused(session, request, call_id)
                raise
        return session

    def _told(
        self,
        found: Found,
        holds: tuple[LegalHold, ...],
        audio: Sound | None,
        integrity: Integrity,
        purpose: Purpose | None,
    ) -> Call:
        entry, boots = found.entry, self._stores.boots
        known = self._calls.known(found, self._desk.line_name(entry.line))
        closing = found.whole.closing if found.whole else None
        return Call(
            row=row(found, known, bool(holds), integrity is Integrity.DAMAGED),
            clock_unsure=not boots.is_sure(entry.stated),
            kept_until=self._desk.kept_until(entry),
            holds=holds,
            spans=closing.spans if closing else (),
            peaks=closing.peaks if closing else b"",
            peaks_per_s=closing.peaks_per_s if closing else 10,
            audio_bytes=audio.total if audio else 0,
            integrity=integrity,
            rings=closing.rings if closing else 0,
            end_uncertain=closing.end_uncertain if closing else False,
            continues=entry.continues,
            continued_by=continued_by(self._stores, entry),
            purpose=purpose,
            heard=self._heard(entry.call_id),
            note=known.labels.note,
            shared=tuple(share_row(share, self._desk) for share in self._stores.shares.standing_of(entry.call_id)),
        )

    def _heard(self, call_id: CallId) -> tuple[Listen, ...]:
        lines = self._desk.heard.of(call_id)
        return tuple(
            Listen(self._desk.name_of(who), line.at, purpose, "" if purpose else line.more.get("case", ""))
            for who, line, purpose in lines
        )

    def _shown(self, hold: HoldRecord, call_id: CallId, keys: RecordingKeys) -> LegalHold:
        words, by = opened_words(hold, call_id, keys), self._desk.name_of(hold.placed_by)
        return LegalHold(hold.reason, words.reference, words.note, by, hold.placed_at, hold.review_on)
