"""The number that is dialled: digits keyed between lifting the receiver and the first sign of the other end."""

from appliance.audio import positions
from appliance.capture.detector.senses import Evidence
from appliance.capture.dtmf import Digit
from appliance.capture.tones import ToneKind

ENOUGH_VOICE = 75
"""Frames of voice, 1.5 s, after the last digit: somebody has answered. People talk while they dial, but pause."""

GAP = positions(10.0)
"""The longest pause inside a number: an exchange waits 10 to 20 s, a person looks things up for less."""

UNPROMPTED = positions(20.0)
"""Without dial tone, digits later than this after lifting are not a number but a menu's answers."""

SETTLED = positions(4.0)
"""A number to which nothing was added for this long may be told, though more may come; people look up what to key."""

LEVEL_DB = 12.0
"""Digits this much weaker than the number's loudest are another line's, heard through the cable."""


class Dialling:
    """Collects one call's dialled digits. ``number`` is None until there are any; ``open`` while more may come."""

    def __init__(self, off_hook: int) -> None:
        """Begin where the receiver was lifted."""
        self.open = True
        self._off_hook = off_hook
        self._prompted = False
        self._digits: list[Digit] = []
        self._voiced = 0

    @property
    def number(self) -> str | None:
        """The digits so far, without what crosstalk added."""
        loudest = max((digit.level_dbfs for digit in self._digits), default=0.0)
        return "".join(d.key for d in self._digits if d.level_dbfs > loudest - LEVEL_DB) or None

    @property
    def first(self) -> Digit | None:
        """The first digit, if there is one."""
        return self._digits[0] if self._digits else None

    def is_settled(self, now: int) -> bool:
        """Say whether the number is worth telling: half a number is another number."""
        return not self.open or (bool(self._digits) and now - self._digits[-1].end > SETTLED)

    def hear(self, evidence: Evidence, tone: ToneKind | None) -> list[Digit]:
        """Take a hop; return the digits in it that are *not* part of the number."""
        self._prompted = self._prompted or tone is ToneKind.DIAL or evidence.tone is not None
        digits = evidence.digits
        if not self.open:
            return digits
        if digits:
            self._digits += digits
            self._voiced = 0
        elif evidence.tone is None:
            self._voiced += sum(evidence.voiced)
        if self._is_complete(evidence.end, tone):
            self.open = False
        return []

    def _is_complete(self, now: int, tone: ToneKind | None) -> bool:
        if tone in (ToneKind.RINGBACK, ToneKind.BUSY, ToneKind.CONGESTION):
            return True
        if self._digits:
            return self._voiced >= ENOUGH_VOICE or now - self._digits[-1].end > GAP
        return now - self._off_hook > (3 * UNPROMPTED if self._prompted else UNPROMPTED)
