"""Buttons and the site's wishes: what people want of the lines, brought to the lines' threads.

A button pauses, and the same button goes on again; so what a press means depends on how the line stands.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from appliance.capture.buttons import Button
from appliance.clock import Clock
from appliance.config import Config
from appliance.model.wishes import WishKind
from appliance.recorder.keeperword import WordReader
from appliance.recorder.withholding import BUTTON, PAGE, Asked

_LOG = logging.getLogger(__name__)

TEST_S = 4.0
"""How long a lamp test lasts: each colour for over a second."""

Ask = Callable[[Asked], None]


@dataclass(frozen=True, slots=True)
class ButtonTrouble:
    """A button that is left out: what it is for, its line (0 is the box), and what to do."""

    kind: WishKind
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class _Fitted:
    button: Button
    kind: WishKind
    line: int


class Controls:
    """All buttons, and the keeper's note. Owned by the recorder's main thread; ``testing`` is asked by the lamps'."""

    def __init__(self, config: Config, clock: Clock, asks: Sequence[Ask]) -> None:
        """Bring each line's wishes to its one of ``asks``."""
        self._clock, self._asks = clock, asks
        self._word = WordReader(config.folders.intake, clock)
        self._fitted = list(_fitted(config, clock))
        self._test_until_s = float("-inf")

    @property
    def attention(self) -> bool:
        """Whether the keeper has something that needs looking at."""
        return self._word.attention

    def troubles(self) -> list[ButtonTrouble]:
        """Return what is wrong with buttons."""
        every = (ButtonTrouble(fitted.kind, fitted.line, fitted.button.trouble) for fitted in self._fitted)
        return [trouble for trouble in every if trouble.text]

    def test_s(self) -> float | None:
        """Return for how long a lamp test has been going on; None while there is none."""
        left_s = self._test_until_s - self._clock.monotonic()
        return TEST_S - left_s if left_s > 0 else None

    def look(self) -> None:
        """See what was pressed and asked for."""
        for fitted in self._fitted:
            for at_s in fitted.button.presses():
                self._do(fitted.kind, fitted.line, at_s, BUTTON)
        for wish in self._word.new():
            self._do(wish.kind, wish.line, wish.boottime_s, wish.by or PAGE)

    def close(self) -> None:
        """Let the pins go."""
        for fitted in self._fitted:
            fitted.button.close()

    def _do(self, kind: WishKind, line: int, at_s: float, by: str) -> None:
        if kind is WishKind.LAMP_TEST:
            self._test_until_s = self._clock.monotonic() + TEST_S
        elif 0 < line <= len(self._asks):
            self._asks[line - 1](Asked(kind, at_s, by))
        else:
            _LOG.warning("there is no line %d: “%s” is left out", line, kind)


def _fitted(config: Config, clock: Clock) -> Iterator[_Fitted]:
    """Yield the buttons there are; a pin that cannot be used is said, and done without."""
    wanted = [(config.recorder.lamp_test_pin, "lamp test button", WishKind.LAMP_TEST, 0)]
    for number, line in enumerate(config.line, start=1):
        wanted.append((line.pause_pin, f"pause button of {line.name}", WishKind.PAUSE, number))
        wanted.append((line.object_pin, f"“caller objects” button of {line.name}", WishKind.OBJECT, number))
    for pin, name, kind, line_number in wanted:
        if pin is None:
            continue
        from appliance.capture.gpio import contact  # noqa: PLC0415 - loaded where pins are configured only

        if (fitted := contact(pin, clock)) is not None:
            yield _Fitted(Button(name, fitted, clock.monotonic), kind, line_number)
