"""A line's opto-isolated sensors, where they are fitted."""

from appliance.capture.debounce import Change
from appliance.clock import Clock
from appliance.config import LineConfig

_RING_LASTS_S = 5.0
"""The longest silence inside a ringing cadence, with a margin (detection.md: 4 s in most countries)."""


class Senses:
    """Nothing is fitted: all is found by sound."""

    def hook(self) -> list[Change]:
        """Return the changes of the hook since the last call; active is off-hook."""
        return []

    def ring(self) -> list[Change]:
        """Return the changes of the ring sensor since the last call; it may follow every period of the ringing."""
        return []

    def rings(self) -> bool:
        """Return whether ringing has been sensed in the last seconds."""
        return False

    def close(self) -> None:
        """Let the pins go."""


class PinSenses(Senses):
    """Sensors on GPIO pins."""

    def __init__(self, line: LineConfig, clock: Clock) -> None:
        """Watch the pins that ``line`` names; a box without GPIO does without, and says so once."""
        from appliance.capture.gpio import sense  # noqa: PLC0415 - loaded where pins are configured only

        self._clock = clock
        self._hook = sense(line.hook_pin, clock, active_low=line.hook_active_low)
        self._ring = sense(line.ring_pin, clock, settle_s=0.0)  # its pulses are as short as bouncing: told by length
        self._rang_s = float("-inf")

    def hook(self) -> list[Change]:
        """Return the changes of the hook since the last call; active is off-hook."""
        return self._hook.changes() if self._hook else []

    def ring(self) -> list[Change]:
        """Return the changes of the ring sensor since the last call; it may follow every period of the ringing."""
        changes = self._ring.changes() if self._ring else []
        if changes:
            self._rang_s = changes[-1].at_s
        return changes

    def rings(self) -> bool:
        """Return whether ringing has been sensed in the last seconds, by ``ring``."""
        return self._clock.monotonic() - self._rang_s < _RING_LASTS_S

    def close(self) -> None:
        """Let the pins go."""
        for pin in (self._hook, self._ring):
            if pin is not None:
                pin.close()


def senses(line: LineConfig, clock: Clock) -> Senses:
    """Return the sensors that ``line`` has."""
    fitted = line.hook_pin is not None or line.ring_pin is not None
    return PinSenses(line, clock) if fitted else Senses()
