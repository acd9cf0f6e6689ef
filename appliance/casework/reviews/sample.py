"""A fair sample of calls to review: even over staff, then lines and days of the week; the rest is left to a seed."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from appliance.model.calls import CallId


@dataclass(frozen=True, slots=True)
class SampleCall:
    """A call that may be drawn. ``staff`` is who took it, as far as is known (empty: not known)."""

    call_id: CallId
    on: date
    line: int
    staff: str = ""


def fair_sample(
    calls: Iterable[SampleCall], size: int, seed: str, already: frozenset[CallId] = frozenset()
) -> tuple[CallId, ...]:
    """Draw up to ``size`` calls, none of them in ``already``.

    The next call drawn is always one of whoever was drawn least, then of the least drawn line and weekday. Ties are
    broken by a hash of ``seed`` and the call's id: nobody chooses, and with the seed anybody can draw it again.
    """
    left = sorted((call for call in calls if call.call_id not in already), key=lambda call: _lot(seed, call))
    staff, lines, weekdays = Counter[str](), Counter[int](), Counter[int]()
    drawn: list[CallId] = []
    while left and len(drawn) < size:
        call = min(left, key=lambda one: (staff[one.staff], lines[one.line] + weekdays[one.on.weekday()]))
        left.remove(call)
        drawn.append(call.call_id)
        staff[call.staff] += 1
        lines[call.line] += 1
        weekdays[call.on.weekday()] += 1
    return tuple(drawn)


def _lot(seed: str, call: SampleCall) -> bytes:
    return hashlib.sha256(f"{seed}\n{call.call_id}".encode()).digest()
