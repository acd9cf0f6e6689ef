"""When something was heard: world time as the box believes it, and the boot clock that can correct it later."""

from dataclasses import dataclass
from datetime import timedelta

from appliance.audio import seconds
from appliance.clock import Clock, Moment


@dataclass(frozen=True, slots=True)
class Instant:
    """One instant on both clocks. ``boottime_s`` counts seconds of the boot named ``boot_id`` and never steps."""

    moment: Moment
    boot_id: str
    boottime_s: float

    def earlier(self, samples: int) -> "Instant":
        """Return the instant ``samples`` samples of line audio before this one."""
        span = seconds(samples)
        moment = Moment(self.moment.at - timedelta(seconds=span), self.moment.quality)
        return Instant(moment, self.boot_id, self.boottime_s - span)


def read(clock: Clock) -> Instant:
    """Read both clocks now."""
    return Instant(clock.now(), clock.boot_id(), clock.monotonic())
