"""Letting the requester hear the recordings, and giving them a copy: nothing leaves without the steps before it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from appliance.casework.access_requests.record import AccessRequest, Appointment, CopiedCall, Copy, Outcome
from appliance.casework.cases import CASEWORKERS, must_be, must_be_open, must_lie, must_say, noted
from appliance.casework.cuts import Redaction
from appliance.clock import LONDON
from appliance.errors import DateWrong, NotAllowed, StepMissing, WordsMissing
from appliance.model.calls import CallId
from appliance.model.people import Person

_SHA256 = re.compile(r"[0-9a-f]{64}")


def must_be_authorised(request: AccessRequest) -> None:
    """Raise where the recordings of a request may not be released.

    Raises:
        StepMissing: identity, assessment or authorisation is missing.
        NotAllowed: it was refused.
    """
    if request.identity is None:
        raise StepMissing("Check the identity of the requester first.")
    if request.assessment is None:
        raise StepMissing("Assess first what can be released.")
    if request.authorisation is None:
        raise StepMissing("A partner or the practice manager has to authorise this first.")
    if not request.authorisation.granted:
        raise NotAllowed("The request was refused. Only the practice manager or a partner may decide otherwise.")


def invite(request: AccessRequest, by: Person, today: date, *, at: datetime, room: str) -> AccessRequest:
    """Invite the requester to hear the recordings at the practice. A copy is offered all the same.

    Raises:
        NotAllowed, CaseClosed, StepMissing, WordsMissing
        DateWrong: the appointment lies in the past.
    """
    _caseworker_on(request, by, "invite a requester")
    must_be_authorised(request)
    if at.astimezone(LONDON).date() < today:
        raise DateWrong("An appointment cannot be made for a day that has gone by.")
    appointment = Appointment(at, must_say(room, "in which room"))
    return noted(request, by, today, "invited", appointments=(*request.appointments, appointment))


def record_appointment(
    request: AccessRequest,
    by: Person,
    today: date,
    *,
    index: int,
    outcome: Outcome,
    present: Sequence[str] = (),
    private_setting: bool = False,
    note: str = "",
) -> AccessRequest:
    """Record how an appointment went. Calls that need cutting are heard in their cut form only.

    Raises:
        NotAllowed, CaseClosed
        StepMissing: there is no such planned appointment, or hearing was not allowed yet.
        WordsMissing: heard, without saying who was present and that it was in private.
        DateWrong: heard before its day.
    """
    _caseworker_on(request, by, "record an appointment")
    if not 0 <= index < len(request.appointments) or request.appointments[index].outcome is not Outcome.PLANNED:
        raise StepMissing("There is no such planned appointment.")
    planned = request.appointments[index]
    if outcome is Outcome.HEARD:
        _must_be_fit_to_hear(request, planned, today)
        if not any(name.strip() for name in present):
            raise WordsMissing("Say who was present when the recording was heard.")
        if not private_setting:
            raise WordsMissing("Tick that the recording was heard in a private setting; the policy asks for it.")
    done = replace(planned, outcome=outcome, present=tuple(present), note=note.strip())
    appointments = (*request.appointments[:index], done, *request.appointments[index + 1 :])
    return noted(request, by, today, f"appointment: {outcome.value.replace('_', ' ')}", appointments=appointments)


def _must_be_fit_to_hear(request: AccessRequest, planned: Appointment, today: date) -> None:
    must_be_authorised(request)
    if planned.at.astimezone(LONDON).date() > today:
        raise DateWrong("The appointment lies in the future: record how it went after it.")
    if not request.given_calls:
        raise StepMissing("The assessment leaves no call to be heard.")
    for call_id in request.to_redact:
        if not request.redactions_of(call_id):
            raise StepMissing("A call that must be cut has no redactions yet. Mark them first.")


def silent_when_played(request: AccessRequest, by: Person, call_id: CallId) -> tuple[Redaction, ...]:
    """Return what of a call is silent when it is played to the requester: the gate of every listening appointment.

    Raises:
        NotAllowed, CaseClosed
        StepMissing: a step is missing, no appointment is planned, or the call is not to be heard or not yet cut.
    """
    _caseworker_on(request, by, "play a call to a requester")
    must_be_authorised(request)
    if call_id not in request.given_calls:
        raise StepMissing("The assessment does not let this call be heard.")
    if not any(one.outcome is Outcome.PLANNED for one in request.appointments):
        raise StepMissing("Make the listening appointment first.")
    if call_id in request.to_redact and not request.cuts_of(call_id):
        raise StepMissing("A call that must be cut has no redactions yet. Mark them first.")
    return request.cuts_of(call_id)


def redact(
    request: AccessRequest, by: Person, today: date, *, call_id: CallId, redactions: Sequence[Redaction]
) -> AccessRequest:
    """Say what is to be cut out of a call, in place of what was said before; the recording itself is untouched.

    Raises:
        NotAllowed, CaseClosed
        StepMissing: the assessment does not ask for cuts in this call.
        WordsMissing: no redaction, or one without a reason.
    """
    _caseworker_on(request, by, "mark redactions")
    if call_id not in request.to_redact:
        raise StepMissing("The assessment does not ask for cuts in this call. Change the assessment first.")
    if not redactions:
        raise WordsMissing("Mark at least one redaction, or change the assessment of this call.")
    for one in redactions:
        must_say(one.why, "why each redaction is made")
    others = tuple(pair for pair in request.redactions if pair[0] != call_id)
    return noted(request, by, today, "redactions marked", redactions=(*others, (call_id, tuple(redactions))))


def give_copy(
    request: AccessRequest,
    by: Person,
    today: date,
    *,
    calls: Sequence[CopiedCall],
    to: str,
    means: str,
    passphrase_by: str,
) -> AccessRequest:
    """Record a copy that is handed over. This is the gate: the export asks here before a file leaves the box.

    Raises:
        NotAllowed, CaseClosed
        StepMissing: a step is missing, or a call is not to be given, or not cut as marked.
        WordsMissing: no call, no hash, no recipient, or the passphrase would go with the file.
    """
    _caseworker_on(request, by, "give a copy")
    must_be_authorised(request)
    if not calls:
        raise WordsMissing("Say which calls the copy holds.")
    for copied in calls:
        _must_be_fit_to_leave(request, copied)
    means, passphrase_by = must_say(means, "how the copy goes out"), must_say(passphrase_by, "how the passphrase goes")
    if means.casefold() == passphrase_by.casefold():
        raise WordsMissing("Send the passphrase another way than the copy: tell it by telephone.")
    copy = Copy(tuple(calls), must_say(to, "who gets the copy"), means, passphrase_by, by.username, today)
    return noted(request, by, today, "copy given", copies=(*request.copies, copy))


def _must_be_fit_to_leave(request: AccessRequest, copied: CopiedCall) -> None:
    if copied.call_id not in request.given_calls:
        raise StepMissing("The assessment does not let this call be given.")
    if not _SHA256.fullmatch(copied.sha256):
        raise WordsMissing("The SHA-256 of each exported file belongs into the record.")
    marked = request.cuts_of(copied.call_id)
    if copied.call_id in request.to_redact and not marked:
        raise StepMissing("A call that must be cut has no redactions yet. Mark them first.")
    if copied.redactions != marked:
        raise StepMissing("The exported file is not cut as marked. Export it again.")


def decline_copy(request: AccessRequest, by: Person, today: date, declined_on: date) -> AccessRequest:
    """Record that the requester was offered a copy and wanted none.

    Raises:
        NotAllowed, CaseClosed, StepMissing, DateWrong
    """
    _caseworker_on(request, by, "record that a copy was declined")
    must_be_authorised(request)
    must_lie(declined_on, request.received_on, today, "The day the copy was declined")
    return noted(request, by, today, "copy declined", copy_declined_on=declined_on)


def _caseworker_on(request: AccessRequest, by: Person, act: str) -> None:
    must_be_open(request)
    must_be(by, CASEWORKERS, act)
