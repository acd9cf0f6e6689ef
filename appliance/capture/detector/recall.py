"""The recall key: a short break of the loop by which a call is passed on, or taken back."""

from collections import deque

import numpy as np

from appliance.audio import RATE, Samples, positions
from appliance.capture.cadence import is_progress
from appliance.capture.clicks import Click
from appliance.capture.detector.hook import FLASH
from appliance.capture.detector.senses import Evidence
from appliance.capture.dtmf import Digit
from appliance.capture.features import BANDS, HOP
from appliance.capture.floor import quiet_level
from appliance.capture.tonality import Sounding

TONE = positions(0.45)
"""The exchange answers with dial tone; busy tone's bursts are shorter."""

ANSWERED = positions(1.5)
"""It does so within this."""

DIALLED_WITHIN = positions(10.0)
"""And somebody dials within this."""

ONSET = positions(0.05)
"""A click nearer to a tone or a digit than this is its own beginning or end."""

SHORTEST = positions(0.04)
"""A break of 80 ms, less what a contact's bounce and the sound of its opening take of it."""

BLOCK = positions(0.02)
LEAKS_DB = 12.0
"""What lies around a break may raise the frames that see it by this: it is shorter than they are."""

CLEAR_DB = 3.0
"""Where an open line stands less than this above its idle floor, a break of the loop cannot be heard as such."""

JUDGED_AFTER = positions(0.4)
KEPT_HOPS = 8

Break = tuple[int, int]


class RecallWatch:
    """Watches an answered call, by ear. ``consulting`` is True between a recall and the one that goes back.

    A recall is a moment in which the line was idle, ended by the click of the loop closing, then dial tone, then a
    digit: without one, dial tone only says that the far end has cleared. The recall that goes back has no tone. Where
    open and idle lines sound alike, two clicks stand for the moment.
    """

    def __init__(self) -> None:
        """Begin in a call that nobody has passed on."""
        self.consulting = False
        self._click = Click(-FLASH, 0.0, 0.0)
        self._breaks: list[Break] = []
        self._digits: list[Digit] = []
        self._sound: deque[tuple[int, Samples]] = deque(maxlen=KEPT_HOPS)
        self._last = 0
        self._offered: Break | None = None
        self._lowest = (0.0, 0.0)

    def flashed(self, end: int) -> None:
        """Take note of a recall that ended at ``end``, whoever noticed it."""
        self.consulting, self._last = not self.consulting, end

    def hear(self, evidence: Evidence, gap: float | None) -> Break | None:
        """Return the recall that the hop completes; ``gap`` is how far the open line stands above idle, if known."""
        if self._sound and self._sound[-1][0] + HOP != evidence.at:  # a call that was taken for another in between
            self._sound.clear()
        self._sound.append((evidence.at, evidence.features.samples))
        self._lowest = self._lowest[1], min(evidence.features.high)
        clear = gap is not None and gap > CLEAR_DB and evidence.lift is not None
        for click in evidence.clicks:
            self._breaks += self._break_before(click, evidence, gap or 0.0) if clear else self._since_last(click)
            self._click = click
        if not self._breaks:
            return self._dialled_after(evidence)
        self._digits = [*(d for d in self._digits if evidence.end - d.end < 4 * FLASH), *evidence.digits]
        self._breaks = [one for one in self._breaks if one[0] > self._last and evidence.end - one[1] < 2 * FLASH]
        own = [one for one in self._breaks if not evidence.keying and not self._is_keyed(one)]
        self._offered = next((one for one in own if self._leads_to(evidence.tone, one)), self._offered)
        going_back = [one for one in own if evidence.end - one[1] > JUDGED_AFTER]
        return going_back[-1] if going_back and clear and self.consulting else self._dialled_after(evidence)

    def _dialled_after(self, evidence: Evidence) -> Break | None:
        offered = self._offered
        if offered is None or not evidence.digits:
            return None
        self._offered = None
        return offered if evidence.digits[0].start - offered[1] < DIALLED_WITHIN else None

    def _leads_to(self, tone: Sounding | None, one: Break) -> bool:
        if tone is None or tone.length < TONE or not is_progress(tone):
            return False
        return ONSET < tone.start - one[1] < ANSWERED

    def _is_keyed(self, one: Break) -> bool:
        """Say whether a break is the pause between two digits, or begins or ends with one."""
        return any(digit.start - ONSET < edge < digit.end + ONSET for digit in self._digits for edge in one)

    def _since_last(self, click: Click) -> list[Break]:
        apart = click.at - self._click.at
        return [(self._click.at, click.at)] if 2 * SHORTEST <= apart <= FLASH else []

    def _break_before(self, click: Click, evidence: Evidence, gap: float) -> list[Break]:
        """Return the moment before a click in which the line was idle, if it is as long as a recall's."""
        most = quiet_level(evidence.features) - (evidence.lift or 0.0) + gap / 2
        if min(self._lowest) > most + LEAKS_DB:
            return []
        start = click.at
        while click.at - start <= FLASH and self._level(start - BLOCK, start) < most:
            start -= BLOCK
        return [(start, click.at)] if SHORTEST <= click.at - start <= FLASH else []

    def _level(self, start: int, end: int) -> float:
        """Return the level between two positions in the band that tells an open line, in dBFS; 0 where not kept."""
        first = self._sound[0][0]
        if start < first:
            return 0.0
        hop = [samples for at, samples in self._sound if at < end and at + HOP > start]
        from_hop = next(at for at, _ in self._sound if at + HOP > start)
        within = np.concatenate(hop)[start - from_hop : end - from_hop]
        power = np.abs(np.fft.rfft(within * _HANN)) ** 2 * _SCALE
        return float(10.0 * np.log10(power[_BAND].sum() + 1e-12))


_HANN = np.hanning(BLOCK + 1)[:-1]
_SCALE = 2.0 / (BLOCK * np.dot(_HANN, _HANN))
_BAND = slice(round(BANDS["high"][0] * BLOCK / RATE), round(BANDS["high"][1] * BLOCK / RATE) + 1)
