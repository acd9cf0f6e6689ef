"""How long the record of a closed case is kept, and why. The recordings have a time of their own: this is of the file.

The periods follow the NHS Records Management Code of Practice (2021, updated August 2023), Appendix II, which general
practices in England follow: subject access requests and disclosure correspondence 3 years after closure, complaints'
case files 10 years, incidents that are not serious 10 years. The 10 years of complaints were found in a schedule that
repeats the Code's; the others could not be compared with the Code's own text. The pages and papers that name a period
therefore say that it is to be confirmed with the data protection officer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from appliance.casework.deadlines import corresponding_date


@dataclass(frozen=True, slots=True)
class Keeping:
    """``years`` after closure, and the entry of the Code that says so."""

    years: int
    entry: str


KEPT: Mapping[str, Keeping] = MappingProxyType(
    {
        "access_request": Keeping(3, "Subject access requests and disclosure correspondence"),
        "disclosure": Keeping(3, "Subject access requests and disclosure correspondence"),
        "complaint": Keeping(10, "Complaints, case files"),
        "incident": Keeping(10, "Incidents (not serious)"),
    }
)
"""By the kind of case. Whatever is not here is never destroyed by itself."""


def kept_until(kind: str, closed_on: date | None) -> date | None:
    """Return the last day on which the record of a case is kept; None where it has no end, or is open."""
    if closed_on is None or kind not in KEPT:
        return None
    return corresponding_date(closed_on, 12 * KEPT[kind].years)
