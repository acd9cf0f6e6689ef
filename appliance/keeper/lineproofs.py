"""Whether each line is known to work: its last proof, test calls that somebody asked for, and unusual silence."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from appliance.casework.workingdays import england_and_wales
from appliance.clock import LONDON, Clock
from appliance.config import LineConfig
from appliance.keeper.alarms import Alarms
from appliance.keeper.live import LiveBoard
from appliance.keeper.quiet import PAST, Habits
from appliance.model.proof import LineTest, Proof, ProofKind

TEST_S = 120.0
"""How long a line may be rung after its test was begun."""

CallTimes = Callable[[int, date, date], Sequence[datetime]]
"""When calls of a line began, from one day to another, in order."""


class LineProofs:
    """Safe to use from several threads."""

    def __init__(
        self, lines: Sequence[LineConfig], live: LiveBoard, alarms: Alarms, clock: Clock, calls: CallTimes
    ) -> None:
        """Judge ``lines`` by the recorder's word and by the list of ``calls``."""
        self._lines, self._live, self._alarms, self._clock, self._calls = lines, live, alarms, clock, calls
        self._lock = threading.Lock()
        self._tests: dict[int, LineTest] = {}

    def start_test(self, line: int) -> LineTest:
        """Begin a test call of a line: it is to be rung now."""
        now = self._clock.now().at
        test = LineTest(line, now, now + timedelta(seconds=TEST_S))
        with self._lock:
            self._tests[line] = test
        return test

    def tests(self) -> tuple[LineTest, ...]:
        """Return the newest test of each line that has had one, with what came of it."""
        with self._lock:
            self._tests = {line: self._judged(test) for line, test in self._tests.items()}
            return tuple(self._tests.values())

    def proof(self, line: int) -> Proof | None:
        """Return when a line was last proved, and by what; None where nothing is known."""
        proof = self._recorders_word(line)
        tested = next((test.proof for test in self.tests() if test.line == line), None)
        if proof is None or (tested and proof.at == tested.at):
            return tested
        return proof

    def look(self) -> None:
        """Raise an alarm for each line that has been silent unusually long, and clear those that are not."""
        now = self._clock.now().at
        for number, line in enumerate(self._lines, start=1):
            self._alarms.set(f"quiet-{number}", self._silence(number, line.name, now))

    def _silence(self, number: int, name: str, now: datetime) -> str:
        today = now.astimezone(LONDON).date()
        calls = self._calls(number, today - PAST, today)
        proof = self.proof(number)
        last = max([*calls[-1:], *([proof.at] if proof else [])], default=None)
        if last is None or not Habits(calls, now, england_and_wales().is_working).unusual(last, now):
            return ""
        since = f"{last.astimezone(LONDON):%H:%M on %d %B}"
        return (
            f"{name}: nothing has come over this line since {since}, which is unusual. "
            "Ring it from another telephone: “Test this line” on the Lines page tells whether it is heard."
        )

    def _judged(self, test: LineTest) -> LineTest:
        proof = self._recorders_word(test.line)
        if test.proof is None and proof and test.started_at < proof.at <= test.until:
            return replace(test, proof=Proof(proof.at, ProofKind.TEST_CALL))
        return test

    def _recorders_word(self, line: int) -> Proof | None:
        return next((status.proved for status in self._live.now(0, 0.0).lines if status.line == line), None)
