"""What is cut out of a copy, and why: values, and the list that goes with the copy. ``redaction`` does the cutting."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fill(StrEnum):
    """What stands in the place of what was cut."""

    SILENCE = "silence"
    TONE = "tone"


@dataclass(frozen=True, slots=True)
class Redaction:
    """One stretch to cut, in seconds from the first sample, and why in words fit for the requester."""

    start_s: float
    end_s: float
    why: str


def listed(redactions: Sequence[Redaction]) -> tuple[str, ...]:
    """Return the list of redactions that goes with a copy: "1. 0:03.25 to 0:07.00: another patient's name"."""
    in_order = sorted(redactions, key=lambda one: (one.start_s, one.end_s))
    return tuple(
        f"{number}. {_clock(one.start_s)} to {_clock(one.end_s)}: {one.why}"
        for number, one in enumerate(in_order, start=1)
    )


def _clock(seconds: float) -> str:
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes}:{rest // 100:02}.{rest % 100:02}"
