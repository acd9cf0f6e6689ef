"""The written assessment of what can be released, and the decision of a partner or the practice manager."""

from dataclasses import replace
from datetime import date

from appliance.casework.access_requests.record import AccessRequest, Assessment, Authorisation, Verdict
from appliance.casework.cases import CASEWORKERS, DECIDERS, must_be, must_be_open, must_say, noted
from appliance.errors import StepMissing
from appliance.model.people import Person


def assess(request: AccessRequest, by: Person, today: date, assessment: Assessment) -> AccessRequest:
    """Write down what can be released: a verdict on each found call, and the three questions answered.

    ``by`` and ``on`` of the assessment are set here. A new assessment undoes an authorisation.

    Raises:
        NotAllowed, CaseClosed, WordsMissing
        StepMissing: no identity, no search, or not exactly one verdict on each found call.
    """
    must_be_open(request)
    must_be(by, CASEWORKERS, "assess what can be released")
    if not request.identity:
        raise StepMissing("Check the identity of the requester first.")
    if not request.searches:
        raise StepMissing("Search for the calls first, and record the search also if it finds none.")
    if sorted(one.call_id for one in assessment.verdicts) != sorted(request.calls):
        raise StepMissing("Give one verdict on each call that was found.")
    _must_be_reasoned(assessment)
    made = replace(assessment, by=by.username, on=today)
    return noted(request, by, today, "assessed", assessment=made, authorisation=None)


def _must_be_reasoned(assessment: Assessment) -> None:
    for one in assessment.verdicts:
        if one.verdict is not Verdict.GIVE:
            must_say(one.why, "why a call is cut, withheld or not the requester's")
    if assessment.verdicts:
        must_say(assessment.third_parties, "whether others are heard or spoken of, and why releasing that is fair")
        must_say(assessment.serious_harm, "a health professional's opinion on serious harm")
        must_say(assessment.clinician, "which health professional gave the opinion on serious harm")
        must_say(assessment.privilege, "whether legal advice is spoken of")


def authorise(request: AccessRequest, by: Person, today: date, *, granted: bool, why: str = "") -> AccessRequest:
    """Decide: to answer as assessed, or to refuse. Whoever logged the request says why nobody else decides.

    A refusal needs no assessment: a request can be refused because it is excessive, or the identity never shown.

    Raises:
        NotAllowed, CaseClosed
        WordsMissing: a refusal, or a decision on one's own log, without a reason.
        StepMissing: not assessed yet.
    """
    must_be_open(request)
    must_be(by, DECIDERS, "authorise an access request")
    if granted and request.assessment is None:
        raise StepMissing("Assess first what can be released.")
    if not granted:
        must_say(why, "why the request is refused")
    if by.username == request.logged_by:
        must_say(why, "why nobody but the person who logged the request can decide on it")
    decision = Authorisation(granted, why.strip(), by.username, by.role, today)
    return noted(request, by, today, "authorised" if granted else "refused", authorisation=decision)
