"""What has been proved so far, a line and a tick for each."""

import time

from image.firmware.stages import say
from image.proof.machine import Machine


class Tally:
    """Counts proofs and says each, with the seconds since the start."""

    def __init__(self) -> None:
        """Nothing is proved yet."""
        self._started = time.monotonic()
        self._proved = 0

    def holds(self, words: str) -> None:
        """Say what was proved."""
        self._proved += 1
        say(f"{self._elapsed_s():5.0f} s  ✓ {words}")

    def fails(self, words: object) -> None:
        """Say what does not hold."""
        say(f"{self._elapsed_s():5.0f} s  ✗ {words}")

    def close(self, machine: Machine) -> None:
        """Say that everything holds, and what it took."""
        took = f"{self._elapsed_s():.0f} s, of which the machine had the processor for {machine.processor_s:.0f} s"
        say(f"Everything holds: {self._proved} proofs in {took}")

    def _elapsed_s(self) -> float:
        return time.monotonic() - self._started
