"""What a page says of who may do an act is what the rule of that act says."""

import contextlib
import inspect

import pytest
from surgery import CALLS, SENIOR, STAFF, TODAY, logged

from appliance.casework import incidents as incident_acts
from appliance.casework.access_requests.giving import give_copy
from appliance.casework.complaints import acts as complaint_acts
from appliance.casework.complaints.record import Complainant, ComplaintKind
from appliance.casework.disclosures import acts as body_acts
from appliance.casework.disclosures.record import Basis, Body, Inquirer
from appliance.casework.incidents import IncidentKind
from appliance.casework.reviews import acts as review_acts
from appliance.errors import NotAllowed
from appliance.keeper.cases_acts import SORTS
from appliance.model.people import Person, Role
from appliance.web import complaints, copies, incidents, police, requests, training

THEIRS = {"listen", "countersign"}
"""For the one member of staff whom a call was shared with, whatever their role at work."""


def open_cases():
    days = {"received_on": TODAY, "happened_on": TODAY}
    about = {"kind": ComplaintKind.PRACTICE, "complainant": Complainant("a", "b"), "about": "a wait"}
    asked = {"asked_for": "a call", "basis": Basis.CRIME_AND_TAX, "form": "a form", "received_on": TODAY}
    flagged = {"call_id": CALLS[0], "kind": IncidentKind.THREAT, "note": "a", "happened_on": TODAY, "hold": False}
    return {
        requests: logged(),
        complaints: complaint_acts.log("CO-2026-001", STAFF, TODAY, **about, **days),
        police: body_acts.log("PB-2026-001", STAFF, TODAY, inquirer=Inquirer(Body.POLICE, *"abcd"), **asked),
        incidents: incident_acts.flag("IN-2026-001", STAFF, TODAY, **flagged),
        training: review_acts.share("TR-2026-001", SENIOR, TODAY, call_id=CALLS[0], staff=STAFF, private_setting=True),
    }


def every_act():
    for pages, case in open_cases().items():
        rules = SORTS[pages.PAGES.kind].acts
        found = {act: rules[act] for act in pages.ACTS if act in rules and act not in THEIRS}
        yield from ((case, found[act], pages.ACTS[act], f"{pages.PAGES.name} {act}") for act in found)
        if pages is requests:
            yield case, give_copy, copies.MAKE, "requests copy"
        if pages is police:
            yield case, body_acts.hand_over, copies.HAND_OVER, "police copy"


def refusal(rule, case, role):
    """Do the act with nothing filled in: the words it is refused with by role, empty where the role may do it."""
    names = [one.name for one in inspect.signature(rule).parameters.values() if one.default is inspect.Parameter.empty]
    given = dict.fromkeys(names[3:])
    with contextlib.suppress(Exception):
        try:
            rule(case, Person("somebody", "Somebody", role), TODAY, **given)
        except NotAllowed as wrong:
            return str(wrong)
    return ""


@pytest.mark.parametrize(("case", "rule", "page", "name"), [pytest.param(*one, id=one[3]) for one in every_act()])
def test_a_page_lets_through_whom_its_rule_lets_through(case, rule, page, name):
    told = {role: refusal(rule, case, role) for role in Role}
    assert {role for role, words in told.items() if not words} == page.who, name
    words = {one for one in told.values() if one}
    assert all(one.startswith("Only ") for one in words)
    if page.what:
        assert {one.rsplit(" may ", 1)[1] for one in words} == {f"{page.what}."}


def test_whatever_is_for_some_of_those_who_see_a_case_says_what_it_is():
    for case, _, page, name in every_act():
        narrower = page.who != {Role.MANAGER, Role.PARTNER, Role.SENIOR} or case.reference.startswith("TR")
        assert bool(page.what) or not narrower, name
