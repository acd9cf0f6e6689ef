"""What a detector found on a line, held against what really happened there.

A recording belongs to the calls it overlaps. Right ends lie between the last sound of the call and the hang-up.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from statistics import quantiles

from appliance.audio import positions, seconds
from appliance.capture.simulator.truth import TrueCall, Truth
from appliance.model.calls import CallerIdentity, CallFacts, Direction, MarkKind

TOUCHED = positions(1.0)
TOUCHED_PART = 0.3
"""A recording holds a call when it has more than a second of it, or of a very short one this part."""

PIECE = positions(0.5)
PIECE_PART = 0.2
"""The same for a recording to be a piece of an answered call: less strict, so that every split shows."""

NEAR = positions(1.0)
"""A recording further than this from every call is false."""

RUNG_BEFORE, RUNG_AFTER = positions(2.0), positions(8.0)
"""A missed call may be reported from this long before it began until this long after its ringing gave up."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over one or many lines, which add up; seconds of speech lost and end errors per call.

    ``merges`` counts the answered calls too many in one recording, ``joined`` the attempts nobody answered in a
    recording of another call, ``splits`` the pieces too many of one call. ``numbers`` are outgoing calls with a dialled
    number that were recorded, ``callers`` calls whose caller the line told, answered or missed; ``spurious`` callers
    were told where the line told none or another. ``audible`` missed calls rang or were announced where it could be
    heard; ``directed`` calls came where a line lets ringing through. ``waiting`` callers were told within a call.
    """

    answered: int = 0
    found: int = 0
    splits: int = 0
    merges: int = 0
    joined: int = 0
    false: int = 0
    speech_s: float = 0.0
    lost_start_s: float = 0.0
    lost_middle_s: float = 0.0
    lost_end_s: float = 0.0
    end_errors_s: tuple[float, ...] = ()
    directed: int = 0
    directions: int = 0
    numbers: int = 0
    numbers_exact: int = 0
    callers: int = 0
    callers_exact: int = 0
    spurious: int = 0
    audible: int = 0
    missed_found: int = 0
    waiting: int = 0
    waiting_exact: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(**{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)})

    def end_error_s(self, percent: int) -> float:
        """Return the percentile of how far ends lie outside where they may."""
        errors = sorted(abs(error) for error in self.end_errors_s)
        return quantiles(errors, n=100, method="inclusive")[percent - 1] if len(errors) > 1 else sum(errors)


def score(truth: Truth, found: Sequence[CallFacts], *, rings: bool = True) -> Score:
    """Return how well ``found`` tells what ``truth`` holds; ``rings`` says that the line lets ringing through."""
    recordings = sorted((facts for facts in found if not facts.missed), key=lambda facts: facts.start)
    reports = [facts for facts in found if facts.missed]
    total = Score()
    for recording in recordings:
        total += _recorded(truth, recording)
    for call in truth.calls:
        if call.missed:
            total += _missed(truth, call, reports, rings)
        elif call.answered:
            total += _answered(truth, call, recordings, rings)
        else:
            total += _attempt(truth, call, recordings)
    return total


def _missed(truth: Truth, call: TrueCall, reports: list[CallFacts], rings: bool) -> Score:
    start, end = span(truth, call)
    start, end = start - RUNG_BEFORE, end + RUNG_AFTER
    near = [facts for facts in reports if _overlap(facts.start, facts.end + 1, start, end) > 0]
    audible = rings or call.clip is not None
    reported = Score(audible=1, missed_found=int(bool(near))) if audible else Score()
    return reported + _told(call, near[0] if near else None)


def _attempt(truth: Truth, call: TrueCall, recordings: list[CallFacts]) -> Score:
    """Score a call out that nobody answered: it may be recorded, and need not be."""
    start, end = span(truth, call)
    pieces = [facts for facts in recordings if _overlap(facts.start, facts.end, start, end) > PIECE]
    return _keyed(call, _most_of(pieces, start, end)) if pieces else Score()


def _answered(truth: Truth, call: TrueCall, recordings: list[CallFacts], rings: bool) -> Score:
    start, end = core(truth, call)
    least = min(PIECE, PIECE_PART * (end - start))
    pieces = [facts for facts in recordings if _overlap(facts.start, facts.end, start, end) > least]
    speech = [(max(a, start), min(b, end)) for a, b, who in truth.speech if who != "m" and a < end and b > start]
    heard = Score(answered=1, speech_s=seconds(sum(b - a for a, b in speech)), directed=int(rings))
    if not pieces:
        return heard + Score(lost_middle_s=heard.speech_s) + _told(call, None) + _keyed(call, None)
    best = _most_of(pieces, start, end)
    return (
        heard
        + Score(found=1, splits=len(pieces) - 1, end_errors_s=_end_error(truth, call, pieces[-1]))
        + Score(directions=int(rings and best.direction.value == call.direction))
        + _lost(speech, pieces)
        + _told(call, best)
        + _keyed(call, best)
        + _waited(call, pieces)
    )


def _lost(speech: list[tuple[int, int]], pieces: list[CallFacts]) -> Score:
    first, last = pieces[0].start, max(facts.end for facts in pieces)
    unheard = list(_uncovered(speech, [(facts.start, facts.end) for facts in pieces]))
    at_start = sum(b - a for a, b in unheard if b <= first)
    at_end = sum(b - a for a, b in unheard if a >= last)
    middle = sum(b - a for a, b in unheard) - at_start - at_end
    return Score(lost_start_s=seconds(at_start), lost_middle_s=seconds(middle), lost_end_s=seconds(at_end))


def _end_error(truth: Truth, call: TrueCall, last: CallFacts) -> tuple[float, ...]:
    """Return by how much the call's last recording ends outside where it may; nothing where it ends in a later call."""
    start, end = core(truth, call)
    if any(core(truth, other)[0] > start for other in _held(truth, last)):
        return ()
    late = last.end - span(truth, call)[1]
    return (seconds(late if late > 0 else min(0, last.end - end)),)


def _told(call: TrueCall, facts: CallFacts | None) -> Score:
    heard = facts.caller.number if facts and facts.direction is not Direction.OUT else None
    if call.withheld:
        right = facts is not None and facts.caller.identity is CallerIdentity.WITHHELD
        return Score(callers=1, callers_exact=int(right), spurious=int(heard is not None))
    if call.caller is None:
        return Score(spurious=int(heard is not None))
    return Score(callers=1, callers_exact=int(heard == call.caller), spurious=int(heard not in (None, call.caller)))


def _keyed(call: TrueCall, facts: CallFacts | None) -> Score:
    if call.dialled is None:
        return Score()
    return Score(numbers=1, numbers_exact=int(facts is not None and facts.dialled == call.dialled))


def _waited(call: TrueCall, pieces: list[CallFacts]) -> Score:
    marks = [mark for facts in pieces for mark in facts.marks if mark.kind is MarkKind.CALL_WAITING]
    exact = sum(
        any(mark.detail == caller and mark.start < end and mark.end > start for mark in marks)
        for start, end, caller in call.waiting
    )
    return Score(waiting=len(call.waiting), waiting_exact=exact)


def _recorded(truth: Truth, recording: CallFacts) -> Score:
    held = _held(truth, recording)
    merges = max(0, sum(call.answered for call in held) - 1)
    spans = (span(truth, call) for call in truth.calls)
    near = any(_overlap(recording.start, recording.end, start - NEAR, end + NEAR) > 0 for start, end in spans)
    return Score(merges=merges, joined=max(0, len(held) - 1) - merges, false=int(not near))


def _held(truth: Truth, recording: CallFacts) -> list[TrueCall]:
    """Return the calls of which a recording holds more than an edge."""
    held = []
    for call in truth.calls:
        start, end = core(truth, call)
        least = min(TOUCHED, TOUCHED_PART * (end - start))
        if not call.missed and _overlap(recording.start, recording.end, start, end) > least:
            held.append(call)
    return held


def span(truth: Truth, call: TrueCall) -> tuple[int, int]:
    """Return the call from its first sign to the hang-up, or to the end of its ringing."""
    end = call.on_hook if call.on_hook is not None else call.seize_end
    return call.seize, truth.duration if end is None else end


def core(truth: Truth, call: TrueCall) -> tuple[int, int]:
    """Return an answered call from lifting the receiver to the last sound that belongs to it; else its span."""
    start, end = span(truth, call)
    if not call.answered:
        return start, end
    return call.off_hook if call.off_hook is not None else start, end if call.talk_end is None else call.talk_end


def _most_of(pieces: list[CallFacts], start: int, end: int) -> CallFacts:
    return max(pieces, key=lambda facts: _overlap(facts.start, facts.end, start, end))


def _overlap(start: int, end: int, other_start: int, other_end: int) -> int:
    return max(0, min(end, other_end) - max(start, other_start))


def _uncovered(stretches: Iterable[tuple[int, int]], covers: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in stretches:
        at = start
        for cover_start, cover_end in sorted(covers):
            if cover_start > at:
                yield at, min(cover_start, end)
            at = max(at, min(cover_end, end))
            if at >= end:
                break
        if at < end:
            yield at, end
