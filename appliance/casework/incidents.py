"""Abusive and nuisance calls: a flag with a note and, unless told otherwise, a hold.

The policy: recordings "protect practice staff from abusive or nuisance calls". Whoever took the call may flag it.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from appliance.casework.cases import (
    CASEWORKERS,
    DECIDERS,
    EVERYONE_AT_WORK,
    Case,
    HoldsAfter,
    entry,
    must_be,
    must_be_open,
    must_lie,
    must_say,
    noted,
)
from appliance.errors import StepMissing
from appliance.model.calls import CallId
from appliance.model.holds import HoldReason
from appliance.model.people import Person


class IncidentKind(StrEnum):
    """What sort of call it was."""

    ABUSE = "abuse"
    THREAT = "threat"
    DISCRIMINATION = "discrimination"
    NUISANCE = "nuisance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident(Case):
    """One flagged call. ``support`` is what was offered to the member of staff, ``outcome`` what was done about it."""

    hold_reason: HoldReason = HoldReason.OTHER
    kind: IncidentKind
    call_id: CallId
    note: str
    support: str = ""
    outcome: str = ""


def flag(
    reference: str,
    by: Person,
    today: date,
    *,
    kind: IncidentKind,
    call_id: CallId,
    happened_on: date,
    note: str,
    hold: bool = True,
) -> Incident:
    """Flag a call. ``hold`` keeps its recording until the incident is closed.

    Raises:
        NotAllowed, WordsMissing, DateWrong
    """
    must_be(by, EVERYONE_AT_WORK, "flag an abusive call")
    return Incident(
        reference=reference,
        received_on=must_lie(happened_on, date.min, today, "The call"),
        calls=(call_id,) if hold else (),
        history=(entry(by, today, "flagged"),),
        kind=kind,
        call_id=call_id,
        note=must_say(note, "what happened in the call"),
    )


def hold(incident: Incident, by: Person, today: date) -> Incident:
    """Hold the recording of an incident that was flagged without a hold.

    Raises:
        NotAllowed, CaseClosed
    """
    must_be_open(incident)
    must_be(by, CASEWORKERS, "hold the call of an incident")
    return noted(incident, by, today, "call held", calls=(incident.call_id,))


def support(incident: Incident, by: Person, today: date, words: str) -> Incident:
    """Record what support the member of staff was offered.

    Raises:
        NotAllowed, CaseClosed, WordsMissing
    """
    must_be_open(incident)
    must_be(by, CASEWORKERS, "record support for staff")
    said = must_say(words, "what support was offered")
    told = f"{incident.support}\n{said}".strip()
    return noted(incident, by, today, "support offered", support=told)


def close(incident: Incident, by: Person, today: date, *, outcome: str, holds_after: HoldsAfter) -> Incident:
    """Close an incident once support was offered and something decided: a warning letter, the police, nothing.

    Raises:
        NotAllowed, CaseClosed, WordsMissing
        StepMissing: no support has been offered.
    """
    must_be_open(incident)
    must_be(by, DECIDERS, "close an incident")
    if not incident.support:
        raise StepMissing("Record first what support the member of staff was offered.")
    said = must_say(outcome, "what was done about the call")
    return noted(incident, by, today, "closed", outcome=said, closed_on=today, holds_after=holds_after)
