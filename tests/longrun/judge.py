"""What the box says of its month, held against what truly was: the calls, and the ledger of what was lost."""

from dataclasses import dataclass, replace
from datetime import timedelta

from appliance.audio import RATE, seconds
from appliance.bench.scoring import Score, core, score, span
from appliance.link.messages.sessions import SignedIn, SignIn
from appliance.model.calls import CallFacts, Direction
from longrun.house import NAMES
from longrun.life import listed
from longrun.people import MANAGER, PASSWORDS
from longrun.plan import BEGAN, Trouble
from longrun.verdict import Verdict

PAD_S = 12.0
"""So near a fault a call is not judged by the detector's promise, only by whether each second is there or accounted."""

EDGE_S = 1.5
"""Between what truly was and what the ledger says: a block, the sign of life, and how late a loss is noticed."""

CUT_S = 2.0
"""What a power cut or a kill may take of a call: 1.45 s (docs/recording-format.md), and the block under way."""

BEAT_S = 14.0
"""By so much may a crash be misjudged in the ledger: the sign of life is made durable each 10 s, written each 2 s."""

FULL_S = 3.0
"""The same where the disk took nothing more: a note is made durable each second, the sign of life each other second."""

SHARE = 0.97
_KILLS = {str(kind) for kind in (Trouble.RECORDER_KILLED, Trouble.POWER_CUT, Trouble.POWER_CUT_CLOCK_UNSURE)}
_OFF = {str(kind) for kind in (Trouble.POWER_CUT, Trouble.POWER_CUT_CLOCK_UNSURE, Trouble.RESTARTED)}


@dataclass(frozen=True)
class Row:
    """One call of the list: line from 0, seconds of the world."""

    call_id: str
    line: int
    start_s: float
    end_s: float
    facts: CallFacts


class Judge:
    """Judges a run whose box still stands, signed in as the manager."""

    def __init__(self, run):
        self._run, self._house, self._world = run, run.house, run.diary
        self._desk = run.house.keeper.service.desk
        self.verdict = Verdict()
        self._token = self._sign_in()

    def calls(self, *, old):
        """The call list is the truth: the old shifts before their time is over, and those of the month at the end."""
        rows = [self._row(one) for one in listed(self._house.keeper.service.answers.answer, self._token)]
        total, touched, rest = Score(), 0, []
        for heard in (one for one in self._world.heard if one.old is old):
            clean, near = self._parted(heard, rows)
            touched += len(heard.truth.calls) - len(clean.calls)
            rest += near
            own = [row.facts for row in self._of(heard, rows) if row not in near]
            total += score(clean, own)
        self._judge_score("old calls" if old else "calls", total, touched)
        self._judge_touched(rest)
        self._unaccounted([heard for heard in self._world.heard if heard.old is old], rows)

    def _judge_score(self, what, one, touched):
        v = self.verdict
        directions, numbers, callers = one.directions, one.numbers_exact, one.callers_exact
        v.figure(f"{what}, answered and far from a fault: found", f"{one.found} of {one.answered}")
        v.figure(f"{what}: directions, dialled numbers, callers right",
                 f"{directions} of {one.directed}, {numbers} of {one.numbers}, {callers} of {one.callers}")  # fmt: skip
        v.figure(f"{what}: missed calls found", f"{one.missed_found} of {one.audible}")
        v.figure(f"{what}: end outside where it may lie, p95", f"{one.end_error_s(95):.2f} s")
        v.figure(f"{what} near a fault", touched)
        v.must(one.found == one.answered, f"{one.answered - one.found} answered {what} are not in the list")
        v.must(one.splits + one.merges + one.joined + one.false == 0,
               f"{what}: {one.splits} splits, {one.merges + one.joined} merges, {one.false} of nothing")  # fmt: skip
        lost_s = one.lost_start_s + one.lost_middle_s + one.lost_end_s
        v.must(lost_s < 0.1, f"{what}: {lost_s:.1f} s of speech are in no recording")
        v.must(one.end_error_s(95) <= 3.0, f"{what}: ends lie {one.end_error_s(95):.1f} s off")
        v.must(directions >= SHARE * one.directed, f"{what}: {one.directed - directions} directions are wrong")
        v.must(numbers >= SHARE * one.numbers, f"{what}: {one.numbers - numbers} dialled numbers are wrong")
        v.must(callers >= SHARE * one.callers, f"{what}: {one.callers - callers} callers are wrong")
        v.must(one.spurious == 0, f"{what}: {one.spurious} callers were told that were none")
        v.must(one.missed_found == one.audible, f"{what}: {one.audible - one.missed_found} missed calls are missing")

    def _judge_touched(self, rows):
        """A recording near a fault must be of a call all the same, or of what nobody could hear."""
        spans = [(one.line, one.start_s, one.end_s) for one in self._world.stretches]
        spans += [
            (heard.line, heard.began_s + seconds(start), heard.began_s + seconds(end))
            for heard in self._world.heard
            for start, end in (span(heard.truth, call) for call in heard.truth.calls)
        ]
        of_nothing = [
            row for row in rows
            if not any(line == row.line and row.start_s < end + PAD_S and row.end_s > start - PAD_S
                       for line, start, end in spans)
        ]  # fmt: skip
        self.verdict.must(not of_nothing, f"near faults {len(of_nothing)} recordings are of no call")

    def _parted(self, heard, rows):
        """Return the truth without the calls that a fault came near, and the recordings that belong to those."""
        windows = [(s.start_s - PAD_S, s.end_s + PAD_S) for s in self._world.stretches if s.line == heard.line]
        clean, spoilt = [], []
        for call in heard.truth.calls:
            start, end = (heard.began_s + seconds(at) for at in span(heard.truth, call))
            (spoilt if any(a < end and b > start for a, b in windows) else clean).append((start, end, call))
        around = [*windows, *((start - PAD_S, end + PAD_S) for start, end, _ in spoilt)]
        whole = [(start, end) for start, end, _ in clean]
        near = [
            row for row in self._of(heard, rows)
            if any(row.start_s < b and row.end_s >= a for a, b in around)
            and not any(_overlap(row, *one) > 1.0 or (row.facts.missed and one[0] - 2 <= row.start_s <= one[1] + 8)
                        for one in whole)
        ]  # fmt: skip
        return replace(heard.truth, calls=[call for _, _, call in clean]), near

    def _of(self, heard, rows):
        """Return one line's recordings of a shift, in the line's own samples."""
        until_s = heard.began_s + seconds(heard.truth.duration) + PAD_S
        return [
            replace(row, facts=replace(row.facts, start=self._at(row.start_s, heard), end=self._at(row.end_s, heard)))
            for row in rows
            if row.line == heard.line and heard.began_s - PAD_S <= row.start_s <= until_s
        ]

    def _at(self, world_s, heard):
        return round((world_s - heard.began_s) * RATE)

    # --- every second -----------------------------------------------------------------------------------------------

    def _unaccounted(self, all_heard, rows):
        """Each half second of each call is in a recording or in the ledger, but for what a cut may take."""
        gaps = self.gaps()
        missing = []
        for heard in all_heard:
            known = [(row.start_s, row.end_s) for row in rows if row.line == heard.line]
            known += [(start - EDGE_S, end + EDGE_S) for line, start, end, _ in gaps if line == heard.line]
            known += [
                (one.start_s - CUT_S, one.start_s + EDGE_S)
                for one in self._world.stretches
                if one.line == heard.line and one.what in _KILLS
            ]
            for call in heard.truth.calls:
                if call.off_hook is None:
                    continue
                start, end = (heard.began_s + seconds(at) for at in core(heard.truth, call))
                missing += [
                    (heard.line, at, call) for at in _halves(start, end) if not any(a <= at <= b for a, b in known)
                ]
        self.missing = missing
        lost = {(line, call.seize) for line, _, call in missing if call.answered}
        self.verdict.figure("seconds of calls in no recording and not in the ledger", len(missing) / 2)
        self.verdict.must(not lost, f"{len(missing) / 2} s of {len(lost)} calls are neither recorded nor accounted for")

    def gaps(self):
        """Return the ledger: (line from 0, start, end, cause) in seconds of the world."""
        accounts = self._desk.gaps.accounts(BEGAN - timedelta(days=1), self._house.true_now())
        return [
            (NAMES.index(account.line_name), self._world_s(gap.start), self._world_s(gap.end), gap.why)
            for account in accounts
            for gap in account.gaps
        ]

    def ledger(self):
        """The ledger says what was lost and nothing else; between the shifts the box listened to nothing."""
        gaps, lost = self.gaps(), [one for one in self._world.stretches if one.lost]
        silences = [(b, c) for (_, b), (c, _) in zip(self._world.listened, self._world.listened[1:], strict=False)]
        untold = [one for one in lost if one.end_s - one.start_s > EDGE_S and not _within(one, gaps)]
        untrue = []
        for line in range(len(NAMES)):
            untold += [(line, a, b) for a, b in silences if not _told(line, a, b, gaps, EDGE_S)]
        for line, start, end, why in gaps:
            true = [(o.start_s - _early(o), o.end_s + EDGE_S) for o in self._world.stretches if o.line == line]
            true += [(a - EDGE_S, b + EDGE_S) for a, b in silences]
            true.append((self._world.listened[-1][1] - EDGE_S, self._house.world_s + EDGE_S))
            if end - start > 0.3 and _uncovered(start, end, true) > 0.3:
                untrue.append((line, round(start, 1), round(end, 1), str(why.cause), why.detail))
        self.untold, self.untrue = untold, untrue
        self.verdict.figure("gaps of all lines in the ledger", len(gaps))
        self.verdict.must(not untold, f"{len(untold)} losses are not in the ledger: {untold[:3]}")
        self.verdict.must(not untrue, f"{len(untrue)} gaps of the ledger were none: {untrue[:3]}")

    # --- how --------------------------------------------------------------------------------------------------------

    def _sign_in(self):
        answers, code = self._house.keeper.service.answers, self._run.people._code(MANAGER)
        signed = answers.answer(SignIn(MANAGER, PASSWORDS[MANAGER], code, "192.0.2.9"))
        assert isinstance(signed, SignedIn)
        for _ in range(200):
            self._house.keeper.turn()  # the index is filled
            self._house.sleep(1.0, 1.0)
        return signed.token

    def _row(self, one):
        start_s = self._world_s(one.started_at)
        end_s = start_s + one.duration_s
        dialled = one.number if one.direction is Direction.OUT else None
        facts = CallFacts(0, 0, None if one.missed else 0, one.direction, one.caller, dialled, one.answered)
        return Row(one.call_id, one.line - 1, start_s, end_s, facts)

    def _world_s(self, at):
        return (at - self._house.began_at).total_seconds()


def _overlap(row, start, end):
    return min(row.end_s, end) - max(row.start_s, start)


def _halves(start, end):
    return [start + 0.25 + half / 2 for half in range(int((end - start) * 2))]


def _early(stretch):
    """How long before a loss the ledger may begin it."""
    if stretch.what == str(Trouble.DISK_FULL):
        return FULL_S
    return BEAT_S if stretch.what in _KILLS else EDGE_S


def _within(one, gaps):
    edge_s = 3.0 if one.what in _OFF else EDGE_S
    return _told(one.line, one.start_s, one.end_s, gaps, edge_s)


def _told(line, start, end, gaps, edge_s):
    return _uncovered(start + edge_s, end - edge_s, [(a - 0.3, b + 0.3) for at, a, b, _ in gaps if at == line]) < 0.3


def _uncovered(start, end, covers):
    """Return how many seconds from ``start`` to ``end`` lie in none of ``covers``."""
    left, at = 0.0, start
    for a, b in sorted(covers):
        if a > at:
            left += max(0.0, min(a, end) - at)
        at = max(at, b)
        if at >= end:
            return left
    return left + max(0.0, end - at)
