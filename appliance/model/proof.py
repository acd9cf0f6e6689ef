"""That a line really is heard: the last time something came over it that only a working line and tap can bring."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ProofKind(StrEnum):
    """What proved it. ``TONE``: dial tone answered with digits, or ringback: the exchange was heard."""

    CALL = "call"
    RINGING = "ringing"
    TONE = "tone"
    TEST_CALL = "test_call"


@dataclass(frozen=True, slots=True)
class Proof:
    """When a line was last proved, and by what."""

    at: datetime
    by: ProofKind


@dataclass(frozen=True, slots=True)
class LineTest:
    """A test call somebody asked for: the line is to be rung by ``until``. ``proof`` is None until something came."""

    line: int
    started_at: datetime
    until: datetime
    proof: Proof | None = None
