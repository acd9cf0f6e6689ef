"""How much one session may take: enough for a working day of listening, far too little to carry the archive off."""

import threading
import weakref

from appliance.clock import Clock
from appliance.errors import NotAllowed
from appliance.keeper.sessions import LiveSession

BYTES_AT_ONCE, BYTES_A_SECOND = 128 * 1024 * 1024, 64 * 1024
"""Of plain audio: some eleven hours of calls at once, then twenty times as fast as they play."""

CALLS_AT_ONCE, CALLS_A_SECOND = 60.0, 1 / 20
"""Of calls begun to be listened to."""


class Allowance:
    """A bucket that fills with time."""

    def __init__(self, most: float, a_second: float, clock: Clock) -> None:
        """Start full."""
        self._most, self._a_second, self._clock = most, a_second, clock
        self._left, self._counted_s = most, clock.monotonic()

    def take(self, amount: float) -> None:
        """Take ``amount``.

        Raises:
            NotAllowed: there is not so much left; nothing was taken.
        """
        now_s = self._clock.monotonic()
        self._left = min(self._most, self._left + (now_s - self._counted_s) * self._a_second)
        self._counted_s = now_s
        if amount > self._left:
            raise NotAllowed("This is more listening than one person does. Wait a while, then go on.")
        self._left -= amount


class Allowances:
    """The allowances of each live session. Safe to use from several threads."""

    def __init__(self, clock: Clock) -> None:
        """Nobody has taken anything."""
        self._clock = clock
        self._lock = threading.Lock()
        self._of: weakref.WeakKeyDictionary[LiveSession, tuple[Allowance, Allowance]] = weakref.WeakKeyDictionary()

    def take_bytes(self, session: LiveSession, count: int) -> None:
        """Take plain audio; as ``Allowance.take``."""
        with self._lock:
            self._both(session)[0].take(count)

    def take_call(self, session: LiveSession) -> None:
        """Take one more call to listen to; as ``Allowance.take``."""
        with self._lock:
            self._both(session)[1].take(1)

    def _both(self, session: LiveSession) -> tuple[Allowance, Allowance]:
        if session not in self._of:
            audio = Allowance(BYTES_AT_ONCE, BYTES_A_SECOND, self._clock)
            self._of[session] = audio, Allowance(CALLS_AT_ONCE, CALLS_A_SECOND, self._clock)
        return self._of[session]
