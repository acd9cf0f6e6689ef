"""Closing an access request: only once it has been answered in the way its ending says."""

from datetime import date

from appliance.casework.access_requests.giving import must_be_authorised
from appliance.casework.access_requests.record import AccessRequest, Ending, Outcome, Verdict, Wanted
from appliance.casework.cases import DECIDERS, HoldsAfter, must_be, must_be_open, must_lie, must_say, noted
from appliance.errors import StepMissing, WordsMissing
from appliance.model.people import Person


def close(
    request: AccessRequest,
    by: Person,
    today: date,
    *,
    ending: Ending,
    holds_after: HoldsAfter,
    told_on: date | None = None,
    told_of_commissioner: bool = False,
    why: str = "",
) -> AccessRequest:
    """Close a request. The requester has been told the outcome, and of the right to complain to the Commissioner.

    Raises:
        NotAllowed, CaseClosed, DateWrong
        StepMissing: what the ending needs has not been done.
        WordsMissing: not told, or withdrawn without saying how.
    """
    must_be_open(request)
    must_be(by, DECIDERS, "close an access request")
    _ENDINGS[ending](request)
    if ending is Ending.WITHDRAWN:
        must_say(why, "when and how the requester withdrew")
    else:
        _must_be_told(request, told_on, today, told_of_commissioner=told_of_commissioner)
    return noted(
        request,
        by,
        today,
        f"closed: {ending.value.replace('_', ' ')}",
        ending=ending,
        told_on=told_on,
        closed_on=today,
        holds_after=holds_after,
    )


def _must_be_told(request: AccessRequest, told_on: date | None, today: date, *, told_of_commissioner: bool) -> None:
    if told_on is None:
        raise WordsMissing("Say when the requester was told the outcome.")
    must_lie(told_on, request.received_on, today, "The day the requester was told")
    if not told_of_commissioner:
        raise WordsMissing("Tell the requester that they may complain to the Information Commissioner, and tick it.")


def _must_be_answered(request: AccessRequest) -> None:
    must_be_authorised(request)
    if not request.given_calls:
        raise StepMissing("No call was given: close it as nothing found or refused.")
    heard = any(one.outcome is Outcome.HEARD for one in request.appointments)
    copied = {one.call_id for copy in request.copies for one in copy.calls}
    if not copied.issuperset(request.given_calls):
        if request.copy_declined_on is None:
            raise StepMissing("Give a copy of each released call, or record that the requester declined one.")
        if not heard:
            raise StepMissing("The requester has neither heard the recordings nor got a copy.")
    invited = any(one.outcome is not Outcome.PLANNED for one in request.appointments)
    if request.ask.wanted is not Wanted.COPY and not invited:
        raise StepMissing("The requester asked to listen: record how the appointment went.")


def _must_be_empty(request: AccessRequest) -> None:
    must_be_authorised(request)
    verdicts = request.assessment.verdicts if request.assessment else ()
    if any(one.verdict is not Verdict.NOT_THEIRS for one in verdicts):
        raise StepMissing("Calls of the requester were found: answer or refuse the request.")


def _must_be_refused(request: AccessRequest) -> None:
    if request.authorisation is None:
        raise StepMissing("A partner or the practice manager has to refuse the request first.")
    if request.authorisation.granted and request.given_calls:
        raise StepMissing("The request was granted. Give what was released, or refuse it first.")


def _needs_no_step(_request: AccessRequest) -> None:
    """A requester may withdraw at any time."""


_ENDINGS = {
    Ending.ANSWERED: _must_be_answered,
    Ending.NOTHING_FOUND: _must_be_empty,
    Ending.REFUSED: _must_be_refused,
    Ending.WITHDRAWN: _needs_no_step,
}
