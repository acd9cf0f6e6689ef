"""The first acts on an access request: it is logged, the requester is identified, the clock paused or extended."""

from dataclasses import replace
from datetime import date

from appliance.casework.access_requests.record import (
    AccessRequest,
    Ask,
    Clarification,
    Extension,
    IdentityCheck,
    Requester,
)
from appliance.casework.cases import (
    CASEWORKERS,
    DECIDERS,
    EVERYONE_AT_WORK,
    entry,
    must_be,
    must_be_open,
    must_lie,
    must_say,
    noted,
)
from appliance.casework.deadlines import access_due, extend_until
from appliance.errors import DeadlinePassed, StepMissing
from appliance.model.people import Person

OLDEST = date(2018, 5, 25)
"""The day the Data Protection Act 2018 came into force: no request is older."""


def log(reference: str, by: Person, today: date, *, requester: Requester, ask: Ask, received_on: date) -> AccessRequest:
    """Log a request. Anybody at work may: it counts from the day it was made, to whomever it was made.

    Raises:
        NotAllowed, WordsMissing, DateWrong
    """
    must_be(by, EVERYONE_AT_WORK, "log an access request")
    must_lie(received_on, OLDEST, today, "The day of receipt")
    name = must_say(requester.name, "who asks")
    contact = must_say(requester.contact, "how the requester can be reached")
    return AccessRequest(
        reference=reference,
        received_on=received_on,
        requester=replace(requester, name=name, contact=contact),
        ask=ask,
        logged_by=by.username,
        history=(entry(by, today, "logged"),),
    )


def ask_identity(request: AccessRequest, by: Person, today: date) -> AccessRequest:
    """Note that proof of identity was asked for: the month then begins when it arrives.

    Raises:
        NotAllowed, CaseClosed
        StepMissing: it was asked for or given already.
        DeadlinePassed: the month is over; asking now does not begin it again.
    """
    _caseworker_on(request, by, "ask for proof of identity")
    if request.identity or request.identity_asked_on:
        raise StepMissing("Proof of identity was asked for already. Record what was seen when it arrives.")
    _in_time(request, today)
    return noted(request, by, today, "identity asked for", identity_asked_on=today)


def check_identity(
    request: AccessRequest, by: Person, today: date, *, seen: str, received_on: date, authority: str = ""
) -> AccessRequest:
    """Record the proof that was seen, and for somebody who asks on behalf of a patient, the authority to.

    Raises:
        NotAllowed, CaseClosed, WordsMissing, DateWrong
        StepMissing: the check was made already.
    """
    _caseworker_on(request, by, "check the identity of a requester")
    if request.identity:
        raise StepMissing("The identity was checked already; the record of that is not replaced.")
    requester = request.requester
    if requester.on_behalf_of.strip():
        shown = must_say(authority or requester.authority, "what shows that the requester may act for the patient")
        requester = replace(requester, authority=shown)
    must_lie(received_on, request.received_on, today, "The day the proof arrived")
    check = IdentityCheck(must_say(seen, "which proof of identity was seen"), received_on, by.username)
    return noted(request, by, today, "identity checked", identity=check, requester=requester)


def ask_clarification(request: AccessRequest, by: Person, today: date, question: str) -> AccessRequest:
    """Ask the requester what they mean: the clock stands still until they answer.

    Raises:
        NotAllowed, CaseClosed, WordsMissing
        StepMissing: another question is still open.
        DeadlinePassed: the request is overdue.
    """
    _caseworker_on(request, by, "ask for clarification")
    if request.clock.paused_since is not None:
        raise StepMissing("A question to the requester is still open. Record its answer first.")
    _in_time(request, today)
    asked = Clarification(must_say(question, "what was asked"), today)
    return noted(request, by, today, "clarification asked", clarifications=(*request.clarifications, asked))


def answer_clarification(request: AccessRequest, by: Person, today: date, answered_on: date) -> AccessRequest:
    """Record the day the answer came: the clock goes on from there.

    Raises:
        NotAllowed, CaseClosed, DateWrong
        StepMissing: no question is open.
    """
    _caseworker_on(request, by, "record an answer")
    if request.clock.paused_since is None:
        raise StepMissing("No question to the requester is open.")
    last = request.clarifications[-1]
    must_lie(answered_on, last.asked_on, today, "The day of the answer")
    answered = (*request.clarifications[:-1], replace(last, answered_on=answered_on))
    return noted(request, by, today, "clarification answered", clarifications=answered)


def extend(request: AccessRequest, by: Person, today: date, *, told_on: date, why: str) -> AccessRequest:
    """Take two more months, because the request is complex or one of many; the requester has been told and why.

    Raises:
        NotAllowed, CaseClosed, WordsMissing, DateWrong
        StepMissing: it was extended already, or the month has not begun.
        DeadlinePassed: the requester was not told within the first month.
    """
    must_be_open(request)
    must_be(by, DECIDERS, "extend an access request")
    if request.extension:
        raise StepMissing("The request was extended already, and can be only once.")
    last = extend_until(request.clock, today)
    if last is None:
        raise StepMissing("The month has not begun: proof of identity is awaited.")
    must_lie(told_on, request.received_on, today, "The day the requester was told")
    if told_on > last:
        raise DeadlinePassed(f"The requester had to be told of an extension by {last.isoformat()}. Answer it now.")
    extension = Extension(told_on, must_say(why, "why the request needs more time"))
    return noted(request, by, today, "extended by two months", extension=extension)


def _caseworker_on(request: AccessRequest, by: Person, act: str) -> None:
    must_be_open(request)
    must_be(by, CASEWORKERS, act)


def _in_time(request: AccessRequest, today: date) -> None:
    due = access_due(request.clock, today)
    if due is not None and due < today:
        raise DeadlinePassed(f"The request was due on {due.isoformat()}: a question cannot stop its clock now.")
