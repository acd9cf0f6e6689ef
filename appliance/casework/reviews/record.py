"""One call, or part of one, shared with one member of staff for training, and what both wrote about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from appliance.casework.cases import EVERYONE_AT_WORK, Recorded
from appliance.model.calls import CallId
from appliance.model.people import Person


@dataclass(frozen=True, slots=True)
class Feedback:
    """What helps a colleague on: there is no mark, and no box for one."""

    went_well: str
    to_try: str
    next_step: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Recorded):
    """One review. ``part`` in seconds of the recording, None for all of it; ``staff``, ``reviewer``: usernames."""

    reference: str
    call_id: CallId
    staff: str
    reviewer: str
    shared_on: date
    shared_until: date
    part: tuple[float, float] | None = None
    drawn: bool = False
    withdrawn_because: str = ""
    heard_on: date | None = None
    feedback: Feedback | None = None
    reply: str = ""
    countersigned_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.countersigned_on is None and not self.withdrawn_because

    def may_hear(self, person: Person, today: date) -> bool:
        """Whether a person may hear the call because of this share: its one member of staff, until its last day."""
        theirs = person.role in EVERYONE_AT_WORK and person.username == self.staff
        return theirs and not self.withdrawn_because and today <= self.shared_until


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """Counts of a period, of all staff together: no name, no order, no comparison."""

    first: date
    last: date
    shared: int
    drawn_by_lot: int
    heard: int
    with_feedback: int
    countersigned: int
    still_open: int


def report(reviews: Iterable[Review], first: date, last: date) -> ReviewReport:
    """Count the reviews that were shared from ``first`` to ``last``."""
    within = [review for review in reviews if first <= review.shared_on <= last]
    return ReviewReport(
        first,
        last,
        shared=len(within),
        drawn_by_lot=sum(review.drawn for review in within),
        heard=sum(review.heard_on is not None for review in within),
        with_feedback=sum(review.feedback is not None for review in within),
        countersigned=sum(review.countersigned_on is not None for review in within),
        still_open=sum(review.is_open for review in within),
    )
