"""A small practice to try the rules on: its people, its calls, and cases brought to a certain step."""

from datetime import date, timedelta

from appliance.casework.access_requests.arriving import check_identity, log
from appliance.casework.access_requests.deciding import assess, authorise
from appliance.casework.access_requests.finding import record_search
from appliance.casework.access_requests.record import Ask, Assessment, CallVerdict, Requester, Verdict, Wanted, Way
from appliance.model.calls import CallId
from appliance.model.people import Person, Role

MANAGER = Person("manager", "Manager", Role.MANAGER)
DEPUTY = Person("deputy", "Deputy", Role.MANAGER)
PARTNER = Person("partner", "Partner", Role.PARTNER)
SENIOR = Person("senior", "Senior", Role.SENIOR)
STAFF = Person("reception", "Reception", Role.STAFF)
TECHNICIAN = Person("technician", "Technician", Role.TECHNICIAN)
AUDITOR = Person("auditor", "Auditor", Role.AUDITOR)
PEOPLE = (MANAGER, DEPUTY, PARTNER, SENIOR, STAFF, TECHNICIAN, AUDITOR)

TODAY = date(2026, 9, 3)
HASH = "0f" * 32


def call(number, on=TODAY):
    return CallId(f"{on:%Y-%m-%d}T101500Z-1-{number:06x}")


CALLS = tuple(call(number) for number in range(1, 4))


def later(days):
    return TODAY + timedelta(days=days)


def verdicts(*pairs):
    return tuple(CallVerdict(call_id, verdict, "a reason") for call_id, verdict in pairs)


def assessment(*pairs):
    return Assessment(verdicts(*pairs), "nobody else", "none", "a partner", "none", "", TODAY)


def logged(by=STAFF, wanted=Wanted.BOTH, on_behalf_of=""):
    requester = Requester("A. Patient", "1 High Street", on_behalf_of)
    return log("AR-2026-001", by, TODAY, requester=requester, ask=Ask(Way.SPOKEN, wanted), received_on=TODAY)


def identified(**how):
    return check_identity(logged(**how), SENIOR, TODAY, seen="passport", received_on=TODAY)


def searched(found=CALLS[:2], **how):
    return record_search(identified(**how), SENIOR, TODAY, looked_for="her number", found=found)


def assessed(*pairs, **how):
    pairs = pairs or ((CALLS[0], Verdict.GIVE), (CALLS[1], Verdict.REDACT))
    request = searched(found=tuple(call_id for call_id, _ in pairs), **how)
    return assess(request, SENIOR, TODAY, assessment(*pairs))


def authorised(*pairs, **how):
    return authorise(assessed(*pairs, **how), PARTNER, TODAY, granted=True)
