"""What stands in the register of requests by the police and other bodies."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from appliance.casework.cases import Case
from appliance.model.calls import CallId
from appliance.model.holds import HoldReason


class Body(StrEnum):
    """Who asks."""

    POLICE = "police"
    COURT = "court"
    REGULATOR = "regulator"
    NHS_BODY = "nhs_body"
    SOLICITOR = "solicitor"
    OTHER = "other"


class Basis(StrEnum):
    """The legal basis that the body names."""

    COURT_ORDER = "court_order"
    CRIME_AND_TAX = "crime_and_tax"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGAL_PROCEEDINGS = "legal_proceedings"
    CONSENT = "consent"
    OTHER_LAW = "other_law"


BASIS_WORDS = {
    Basis.COURT_ORDER: "Order of a court",
    Basis.CRIME_AND_TAX: "Crime and taxation: DPA 2018 Sch. 2 para 2",
    Basis.LEGAL_OBLIGATION: "Disclosure required by law: DPA 2018 Sch. 2 para 5(1) and (2)",
    Basis.LEGAL_PROCEEDINGS: "Legal proceedings: DPA 2018 Sch. 2 para 5(3)",
    Basis.CONSENT: "Consent of the person concerned",
    Basis.OTHER_LAW: "Another law, named in the note",
}


@dataclass(frozen=True, slots=True)
class Inquirer:
    """Who asks for the body: ``number`` is a collar or case worker's number, ``reference`` the body's own.

    ``counter_signed_by`` is the superior who signed the form, where the form has such a place.
    """

    body: Body
    body_name: str
    officer: str
    number: str
    reference: str
    counter_signed_by: str = ""


@dataclass(frozen=True, slots=True)
class CallBack:
    """The check that the inquirer is genuine. ``found_in`` says where the practice itself found the number."""

    found_in: str
    spoke_to: str
    genuine: bool
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Decision:
    """The manager's decision. ``necessity``: why it is necessary and proportionate, or why it is refused."""

    granted: bool
    calls: tuple[CallId, ...]
    necessity: str
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class HandedCall:
    """One recording that was handed over: the SHA-256 of the exported file, and what part of the call it holds."""

    call_id: CallId
    sha256: str
    part: str = "the whole call"


@dataclass(frozen=True, slots=True)
class Handover:
    """What was given, to whom, how."""

    calls: tuple[HandedCall, ...]
    to: str
    means: str
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Receipt:
    """The body's receipt for a handover."""

    signed_by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure(Case):
    """One request of a body."""

    hold_reason: HoldReason = HoldReason.POLICE
    inquirer: Inquirer
    asked_for: str
    basis: Basis
    form: str
    call_back: CallBack | None = None
    decision: Decision | None = None
    handover: Handover | None = None
    receipt: Receipt | None = None
