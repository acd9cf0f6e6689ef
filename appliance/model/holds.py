"""Legal holds: what keeps a recording past its twelve months. In telephony "hold" is a call on hold, never this."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class HoldReason(StrEnum):
    """Why a recording is kept."""

    COMPLAINT = "complaint"
    REQUEST = "request"
    POLICE = "police"
    CLAIM = "claim"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LegalHold:
    """One hold on one recording. It ends only when somebody releases it; ``review_on`` only reminds."""

    reason: HoldReason
    reference: str
    note: str
    placed_by: str
    placed_at: datetime
    review_on: date
