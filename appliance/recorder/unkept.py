"""What was heard and could not be kept: the gap ledger is told of it afterwards."""

from dataclasses import dataclass

from appliance.clock import Moment
from appliance.model.calls import Opening
from appliance.recorder.instant import Instant
from appliance.recorder.outbox import Unsealed


@dataclass(frozen=True, slots=True)
class Unkept:
    """A stretch of ``length_s`` seconds from ``start``."""

    start: Instant
    length_s: float


def of_call(call: Unsealed) -> Unkept:
    """Return the stretch of a call that was given up whole."""
    return Unkept(started(call.opening), call.closing.duration_s)


def started(opening: Opening) -> Instant:
    """Return when a recording's first sample was heard."""
    return Instant(Moment(opening.started_at, opening.clock), opening.boot_id, opening.boottime_s)
