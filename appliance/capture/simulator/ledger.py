"""Who is calling whom at this moment: opens, fills in and closes the true calls of one line."""

from appliance.capture.simulator.truth import TrueCall, Truth


class Ledger:
    """Keeps ``truth`` as calls come and go on a pair. Positions are samples."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.truth = Truth()
        self._call: TrueCall | None = None
        self._outcome = "abandoned"

    @property
    def call(self) -> TrueCall:
        """The call going on.

        Raises:
            ValueError: there is none.
        """
        if self._call is None:
            raise ValueError("There is no call on this simulated line: ring() or lift() first.")
        return self._call

    def rest(self) -> None:
        """The line is on-hook and quiet now: whoever rang it in vain has given up.

        Raises:
            ValueError: it is off-hook.
        """
        if self._call is not None:
            if not self._call.missed:
                raise ValueError("This simulated line is off-hook: hang_up() first.")
            self._call.seize_end = self.truth.rings[-1][1]
            self._call = None

    def rung(self, at: int) -> TrueCall:
        """Somebody calls in."""
        self.rest()
        return self._begin(TrueCall("in", at))

    def lifted(self, at: int) -> None:
        """The receiver is taken off: that answers whoever rings, or begins a call out."""
        ringing = self._call is not None
        if not ringing:
            self._begin(TrueCall("out", at))
        elif not self.call.missed:
            raise ValueError("This simulated line is off-hook already.")
        self.call.off_hook, self.call.answer = at, at if ringing else None
        self._outcome = "abandoned"

    def met(self, outcome: str) -> None:
        """The call out met with ``outcome``; the last one is how it ended unless somebody answered."""
        self._outcome = outcome

    def belongs(self, end: int) -> None:
        """What was heard up to ``end`` belongs to the talk."""
        if self.call.answered:
            self.call.talk_end = end

    def spoken(self) -> None:
        """The last spoken word belongs to the talk; what little silence came after it may be missed."""
        self.belongs(max(self.truth.speech[-1][1] if self.truth.speech else 0, self.call.answer or 0))

    def hung_up(self, at: int) -> None:
        """The receiver is put down."""
        call = self.call
        call.on_hook = at
        call.talk_end = call.talk_end if call.answered and call.talk_end else at
        call.ending = call.ending or ("local" if call.answered else self._outcome)
        self._call = None

    def forget(self) -> None:
        """Drop what is over."""
        if self._call is None:
            self.truth.clear()

    def _begin(self, call: TrueCall) -> TrueCall:
        self.truth.calls.append(call)
        self._call = call
        return call
