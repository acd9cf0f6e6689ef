"""Recordings that are probably of one call: transferred to another tapped line, cut off and rung again, called back.

Nothing joins them but what the lines told: numbers and times. So they are offered, never merged.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from appliance.model.calls import CallId, MarkKind

CALLED_BACK_WITHIN = timedelta(minutes=10)
"""Between the end of one call and the beginning of another with the same number."""

PASSED_ON_WITHIN = timedelta(seconds=30)
"""Between the end of one call and the beginning of another line's: a telephone system lets a transfer ring so long."""

_SAME_INSTANT = timedelta(seconds=2)  # as well as the beginnings of two lines' calls are known
_OUTSIDE_DIGITS = 7  # fewer are an extension's, which a telephone system may show in the place of the caller's
_PUT_BY = frozenset({MarkKind.HELD, MarkKind.FLASH, MarkKind.TRANSFER})


class Why(StrEnum):
    """What makes two recordings probably one call."""

    SAME_NUMBER = "same_number"
    WHILE_ON_HOLD = "while_on_hold"
    AT_ITS_END = "at_its_end"


@dataclass(frozen=True, slots=True)
class Leg:
    """One recording, as far as linking goes. ``number`` is the other party's in its comparable form, empty if unknown.

    ``put_by`` are the stretches in which the other party was put on hold or a transfer was made.
    """

    call_id: CallId
    line: int
    began: datetime
    ended: datetime
    number: str = ""
    put_by: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """Another recording that is probably of the same call."""

    leg: Leg
    why: Why


def linked_to(leg: Leg, others: Iterable[Leg]) -> tuple[Linked, ...]:
    """Return what among ``others`` is probably the same call as ``leg``, in order of their beginning."""
    found = []
    for other in others:
        why = _why(*sorted((leg, other), key=lambda one: (one.began, one.call_id)))
        if other.call_id != leg.call_id and why is not None:
            found.append(Linked(other, why))
    return tuple(sorted(found, key=lambda one: (one.leg.began, one.leg.call_id)))


def put_by(began: datetime, spans: Iterable[tuple[str, float, float]]) -> tuple[tuple[datetime, datetime], ...]:
    """Return when the other party was put by, from a recording's spans (kind, start and end in its seconds)."""
    return tuple(
        (began + timedelta(seconds=start_s), began + timedelta(seconds=end_s))
        for kind, start_s, end_s in spans
        if kind in _PUT_BY
    )


def _why(first: Leg, second: Leg) -> Why | None:
    """Return why ``second``, which began later, is probably the same call as ``first``."""
    if first.number and first.number == second.number:
        return Why.SAME_NUMBER if second.began - first.ended <= CALLED_BACK_WITHIN else None
    if first.line == second.line or _differ(first.number, second.number):
        return None
    if any(start - _SAME_INSTANT <= second.began <= end + PASSED_ON_WITHIN for start, end in first.put_by):
        return Why.WHILE_ON_HOLD
    apart = second.began - first.ended
    return Why.AT_ITS_END if -_SAME_INSTANT <= apart <= PASSED_ON_WITHIN else None


def _differ(one: str, other: str) -> bool:
    """Say whether two numbers are known to be two parties'; an extension's says nothing of who is calling."""
    return len(one) >= _OUTSIDE_DIGITS and len(other) >= _OUTSIDE_DIGITS and one != other
