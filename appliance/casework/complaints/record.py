"""What a complaint is, and the days its kind asks for."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from appliance.casework.cases import Case
from appliance.casework.deadlines import acknowledge_by, data_protection_acknowledge_by, explain_by
from appliance.model.holds import HoldReason


class ComplaintKind(StrEnum):
    """What is complained of, which decides the clocks and who comes after the practice."""

    PRACTICE = "practice"
    DATA_PROTECTION = "data_protection"


class NextBody(StrEnum):
    """Who a complainant may go to next, and is told of in the answer."""

    OMBUDSMAN = "Parliamentary and Health Service Ombudsman"
    COMMISSIONER = "Information Commissioner"


@dataclass(frozen=True, slots=True)
class Complainant:
    """Who complains, and how to reach them: personal data, sealed wherever it rests."""

    name: str
    contact: str
    on_behalf_of: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One note of the investigation, or the reason of one act."""

    on: date
    by: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint(Case):
    """One complaint. ``happened_on`` is when what it is about happened or was noticed."""

    hold_reason: HoldReason = HoldReason.COMPLAINT
    kind: ComplaintKind
    complainant: Complainant
    about: str
    happened_on: date
    late_because: str = ""
    notes: tuple[Note, ...] = ()
    acknowledged_on: date | None = None
    delay_explained_on: date | None = None
    answered_on: date | None = None
    next_body_told: bool = False
    reopened: int = 0

    @property
    def next_body(self) -> NextBody:
        """Who comes after the practice."""
        return NextBody.OMBUDSMAN if self.kind is ComplaintKind.PRACTICE else NextBody.COMMISSIONER

    @property
    def acknowledge_by(self) -> date:
        """The last day to acknowledge it."""
        if self.kind is ComplaintKind.PRACTICE:
            return acknowledge_by(self.received_on)
        return data_protection_acknowledge_by(self.received_on)

    @property
    def answer_by(self) -> date | None:
        """The day by which it is answered, or its delay explained; None where only "without undue delay" is asked."""
        return explain_by(self.received_on) if self.kind is ComplaintKind.PRACTICE else None

    @property
    def due_on(self) -> date | None:
        """What is due next; None when nothing has a date."""
        if not self.is_open:
            return None
        if self.acknowledged_on is None:
            return self.acknowledge_by
        return None if self.answered_on or self.delay_explained_on else self.answer_by
