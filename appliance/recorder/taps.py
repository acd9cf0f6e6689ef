"""Which tap a line has, by its configuration. Loads as little as ``cards`` does, and for the same reason."""

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.capture.cards import Cards
from appliance.clock import SystemClock
from appliance.config import Config, LineConfig, Tap

if TYPE_CHECKING:
    from appliance.capture.line import LineTap
    from appliance.capture.modem.modems import Modems

_LOG = logging.getLogger(__name__)


class Taps:
    """Opens the taps of the configured lines; sound cards are shared between them."""

    def __init__(self, config: Config) -> None:
        """Open nothing yet."""
        self._lines, self._simulator = config.line, config.simulator
        self._cards = Cards()
        self._modems: Modems | None = None
        self._opened: dict[int, LineTap] = {}
        self._lock = threading.Lock()

    def listen(self) -> None:
        """Open every sound card's line now; the first ``open`` of each returns it, with all that came meanwhile."""
        for number, line in enumerate(self._lines, start=1):
            if line.tap is Tap.CARD:
                self._opened[number] = self._cards.tap(line.card, line.channel)

    def open(self, number: int, line: LineConfig) -> "LineTap":
        """Open a tap of line ``number`` (from 1).

        Raises:
            LineFault, AudioUnreadable: it cannot be heard now.
        """
        if line.tap is Tap.CARD:
            return self._opened.pop(number, None) or self._cards.tap(line.card, line.channel)
        if line.tap is Tap.MODEM:
            return self._modem(line)
        if line.tap is Tap.WAVE:
            from appliance.capture.wavefile import WaveFile  # noqa: PLC0415 - the decoder takes a second to load on a Pi

            wave = WaveFile(Path(line.wave), self._simulator.speed, line.channel)
            for remark in wave.remarks:
                _LOG.warning("%s: %s", line.name, remark)
            return wave
        from appliance.capture.simulator.tap import SimulatedLine  # noqa: PLC0415 - a real box never loads it

        return SimulatedLine(self._simulator.seed + number, country=line.country, speed=self._simulator.speed)

    def pace(self, line: LineConfig) -> float:
        """Return how many times faster than life a line runs."""
        return 1.0 if line.tap in (Tap.CARD, Tap.MODEM) else self._simulator.speed

    def close(self) -> None:
        """Close the cards; each tap is closed by whoever opened it."""
        self._cards.close()
        if self._modems is not None:
            self._modems.close()

    def _modem(self, line: LineConfig) -> "LineTap":
        with self._lock:
            if self._modems is None:
                from appliance.capture.modem.modems import Modems  # noqa: PLC0415 - most boxes have none

                self._modems = Modems(SystemClock())
        return self._modems.tap(line.modem, line.modem_source)
