"""Calls played at a listening appointment: only what the request lets be heard, silent where it is cut."""

from appliance.casework.access_requests.giving import silent_when_played
from appliance.casework.access_requests.record import AccessRequest
from appliance.casework.cuts import Redaction
from appliance.errors import ExportRefused, NoSuchCase, NotAllowed, StepMissing
from appliance.keeper.answers_export import LONGEST_S, WHOLE, whole_of
from appliance.keeper.calls import Calls
from appliance.keeper.cases import Cases
from appliance.keeper.desk import Desk, Handlers
from appliance.keeper.hearings import Hearing, Hearings
from appliance.keeper.opening import RecordingKeys
from appliance.keeper.playing import LARGEST_RANGE
from appliance.keeper.sessions import LiveSession
from appliance.link.messages.base import Done
from appliance.link.messages.hearings import AskHearing, HearingState, MakeHearing, ReadHearing
from appliance.link.messages.packs import PackPiece, PackStage
from appliance.model.calls import CallId, checked_call_id
from appliance.model.people import Right
from appliance.storage.journalline import Act


class HearingAnswers:
    """Answers about what is played to requesters."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk, self._stores = desk, desk.stores
        self._cases, self._calls = Cases(desk.stores), Calls(desk.stores, desk.shelf)
        self._hearings = Hearings(desk.clock.monotonic)

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {MakeHearing: self.make, AskHearing: self.ask, ReadHearing: self.read}

    def make(self, request: MakeHearing) -> Done:
        """Begin to make a call fit to be played; that it will be is written down first."""
        call_id, session = checked_call_id(request.call_id), self._desk.gate.with_right(request, Right.LISTEN)
        who = session.person.username
        with self._desk.keys(session) as keys:
            try:
                silent = self._silent(request.reference, call_id, session, keys)
            except NotAllowed:
                self._desk.gate.refused(session, request, call_id)
                raise
            opus = self._opus(call_id, keys)
        self._desk.allowances.take_call(session)
        self._hearings.drop_old(frozenset(one.person.username for one in self._desk.sessions.live()))
        told = {"case": request.reference, "cuts": str(len(silent))}
        self._desk.heard.saw(self._stores.journal.append(Act.MADE_TO_BE_HEARD, who, call_id, **told))
        hearing = Hearing(request.reference, call_id, silent, self._desk.clock.monotonic())
        self._hearings.make(who, hearing, opus)
        return Done()

    def ask(self, request: AskHearing) -> HearingState:
        """Return how far it is."""
        session = self._desk.gate.with_right(request, Right.LISTEN, active=False)
        found, cuts = self._found(request, session)
        return HearingState(found.stage, cuts, found.done, found.why) if found else HearingState(PackStage.NONE, cuts)

    def read(self, request: ReadHearing) -> PackPiece:
        """Return a range of the WAV, as long as the request lets the call be heard just so."""
        session = self._desk.gate.with_right(request, Right.LISTEN)
        found, _ = self._found(request, session)
        if found is None or found.stage is not PackStage.READY:
            raise NoSuchCase("The call is not ready to be played. Make it ready again.")
        first, length = max(0, request.offset), max(0, min(request.length, LARGEST_RANGE))
        return PackPiece(len(found.wav), found.wav[first : first + length])

    def _found(self, request: AskHearing | ReadHearing, session: LiveSession) -> tuple[Hearing | None, int]:
        call_id = checked_call_id(request.call_id)
        with self._desk.keys(session) as keys:
            silent = self._silent(request.reference, call_id, session, keys)
        return self._hearings.find(session.person.username, request.reference, call_id, silent), len(silent)

    def _silent(
        self, reference: str, call_id: CallId, session: LiveSession, keys: RecordingKeys
    ) -> tuple[Redaction, ...]:
        _, record = self._cases.read(reference, session, keys)
        if not isinstance(record, AccessRequest):
            raise StepMissing("Only calls of an access request are played to somebody.")
        return silent_when_played(record, session.person, call_id)

    def _opus(self, call_id: CallId, keys: RecordingKeys) -> bytes:
        found = self._calls.find(call_id, keys)
        audio, integrity = self._calls.audio(found)
        if audio is None or integrity not in WHOLE:
            raise ExportRefused("This recording cannot be read whole, so it cannot be played. Say so to the requester.")
        if found.entry.duration_s > LONGEST_S:
            raise ExportRefused(f"This call is longer than {LONGEST_S / 60:.0f} minutes. Give a copy instead.")
        return whole_of(audio)
