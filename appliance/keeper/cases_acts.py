"""The acts on cases by name, and their words: read strictly against the signature of the rule itself.

An act is a pure function of ``appliance.casework``. What the keeper knows better than anybody (the case, who acts, what
day it is, a reference) it gives itself; the rest comes as JSON, and nothing that the signature does not name.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import GenericAlias, MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from appliance.casework import announcements, incidents, wordings
from appliance.casework.access_requests import arriving, closing, deciding, finding, giving
from appliance.casework.access_requests.record import AccessRequest
from appliance.casework.announcements import Register
from appliance.casework.complaints import acts as complaints
from appliance.casework.complaints.record import Complaint
from appliance.casework.disclosures import acts as disclosures
from appliance.casework.disclosures.record import Disclosure
from appliance.casework.incidents import Incident
from appliance.casework.policy import record as policy
from appliance.casework.policy.record import Policy, default_policy
from appliance.casework.reviews import acts as reviews
from appliance.casework.reviews.record import Review
from appliance.casework.wordings import Wordings
from appliance.errors import StepMissing, WordsMissing
from appliance.link.messages.cases import CaseKind
from appliance.model.people import Person

Rule = Callable[..., Any]

_GIVEN = frozenset({"by", "today", "reference"})


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of record: its shape, how its references begin, what begins it and what is done to it.

    ``begin`` is None for the single records, which ``first`` makes. ``fresh`` acts ask for the password again.
    """

    shape: type
    prefix: str
    begin: Rule | None
    acts: Mapping[str, Rule]
    fresh: frozenset[str] = frozenset()
    first: Callable[[], Any] | None = None


SORTS: Mapping[CaseKind, Sort] = MappingProxyType(
    {
        CaseKind.ACCESS: Sort(
            AccessRequest,
            "AR",
            arriving.log,
            {
                "ask_identity": arriving.ask_identity,
                "check_identity": arriving.check_identity,
                "ask_clarification": arriving.ask_clarification,
                "answer_clarification": arriving.answer_clarification,
                "extend": arriving.extend,
                "record_search": finding.record_search,
                "assess": deciding.assess,
                "authorise": deciding.authorise,
                "invite": giving.invite,
                "record_appointment": giving.record_appointment,
                "redact": giving.redact,
                "decline_copy": giving.decline_copy,
                "close": closing.close,
            },
            frozenset({"authorise", "close"}),
        ),
        CaseKind.COMPLAINT: Sort(
            Complaint,
            "CO",
            complaints.log,
            {
                "add_calls": complaints.add_calls,
                "note": complaints.note,
                "acknowledge": complaints.acknowledge,
                "explain_delay": complaints.explain_delay,
                "answer": complaints.answer,
                "close": complaints.close,
                "reopen": complaints.reopen,
            },
            frozenset({"close"}),
        ),
        CaseKind.DISCLOSURE: Sort(
            Disclosure,
            "PB",
            disclosures.log,
            {
                "add_calls": disclosures.add_calls,
                "check_back": disclosures.check_back,
                "decide": disclosures.decide,
                "sign_receipt": disclosures.sign_receipt,
                "close": disclosures.close,
            },
            frozenset({"decide", "close"}),
        ),
        CaseKind.INCIDENT: Sort(
            Incident,
            "IN",
            incidents.flag,
            {"hold": incidents.hold, "support": incidents.support, "close": incidents.close},
            frozenset({"close"}),
        ),
        CaseKind.REVIEW: Sort(
            Review,
            "TR",
            reviews.share,
            {
                "share_longer": reviews.share_longer,
                "withdraw": reviews.withdraw,
                "listen": reviews.listen,
                "give_feedback": reviews.give_feedback,
                "countersign": reviews.countersign,
            },
        ),
        CaseKind.POLICY: Sort(
            Policy,
            "policy",
            None,
            {"replace_text": policy.replace_text, "carry": policy.carry, "check": policy.check},
            first=default_policy,
        ),
        CaseKind.ANNOUNCEMENTS: Sort(
            Register, "announcements", None, {"check": announcements.check}, first=Register
        ),
        CaseKind.LETTERS: Sort(
            Wordings,
            "letters",
            None,
            {"fill_in": wordings.fill_in, "reword": wordings.reword, "confirm_paper": wordings.confirm_paper},
            first=wordings.shipped,
        ),
    }
)  # fmt: skip
"""Handing a copy over is in no list: the pack records that itself, with the hashes of what it made."""


def rule_of(kind: CaseKind, act: str) -> Rule:
    """Return the rule of an act.

    Raises:
        StepMissing: there is no such act.
    """
    rule = SORTS[kind].acts.get(act)
    if rule is None:
        raise StepMissing("There is no such step for this record.")
    return rule


def arguments(rule: Rule, words: bytes, person: Callable[[str], Person]) -> dict[str, Any]:
    """Return a rule's arguments out of the words of a request; ``person`` finds somebody by username.

    Raises:
        WordsMissing: they are not what the rule asks for.
    """
    shape, people = _shape(rule)
    try:
        read = msgspec.json.decode(words or b"{}", type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise WordsMissing("This step was not filled in as it must be. Go back and fill in every field.") from wrong
    found = {name: getattr(read, name) for name in shape.__struct_fields__}
    return {
        name: person(value) if name in people else value for name, value in found.items() if value is not msgspec.UNSET
    }


@cache
def _shape(rule: Rule) -> tuple[type[msgspec.Struct], frozenset[str]]:
    """Return the shape of a rule's words, and which of them name people."""
    hints = get_type_hints(rule)
    signature = list(inspect.signature(rule).parameters.values())
    asked = [one for one in signature if one.name not in _GIVEN and not _is_record(hints[one.name])]
    people = frozenset(one.name for one in asked if hints[one.name] is Person)
    fields = [_field(one, str if one.name in people else _concrete(hints[one.name])) for one in asked]
    fields.sort(key=len)  # what must be there comes first
    return msgspec.defstruct(f"{rule.__name__}_words", fields, forbid_unknown_fields=True, frozen=True), people


def _field(parameter: inspect.Parameter, kind: Any) -> tuple[str, Any] | tuple[str, Any, Any]:
    if parameter.default is inspect.Parameter.empty:
        return parameter.name, kind
    return parameter.name, kind | msgspec.UnsetType, msgspec.UNSET


def _concrete(hint: Any) -> Any:
    """Return ``Iterable[X]`` as a tuple, which JSON can be read as; anything else as it is."""
    return GenericAlias(tuple, (get_args(hint)[0], ...)) if get_origin(hint) is Iterable else hint


def _is_record(hint: Any) -> bool:
    return any(hint is sort.shape for sort in SORTS.values())
