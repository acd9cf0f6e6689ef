"""The project's own corpus heard once: what the detector found on each line, and what its peers are given of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from appliance.audio import BLOCK, Frame, Samples, positions
from appliance.bench import Progress
from appliance.bench.scoring import Score, score, span
from appliance.bench.vox import vox
from appliance.capture.detector import Detector
from appliance.capture.simulator.corpus import CorpusLine, corpus
from appliance.capture.simulator.signals import COUNTRIES, CallerIdSystem
from appliance.capture.simulator.truth import TrueCall, Truth
from appliance.capture.tones import plan_for
from appliance.events import CallClosed, CallMissed, Event, HookEdge
from appliance.model.calls import CallFacts, EndCause

SEED, CALLS = 1, 320
QUICK_SEED, QUICK_CALLS = 10, 4
"""A corpus whose first lines are short and have a bit of everything."""

VOX_S = (5.0, 30.0)
"""Seconds of silence after which the peer stops recording."""

AROUND = positions(0.2)
"""Of the line before and after a burst that a peer is given."""

A_DIGIT = positions(0.4)


@dataclass(frozen=True, slots=True)
class Cut:
    """Audio in which a peer is to find ``wanted``; ``found`` is what the detector made of the whole line there."""

    samples: Samples
    wanted: str
    found: str | None
    system: CallerIdSystem | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of the corpus: scores, cut-out dialled numbers and caller display bursts, and how much there was."""

    calls: int
    hours: float
    lines: int
    audio_only: Score
    hooked: Score
    voxes: tuple[Score, ...]
    dialled: tuple[Cut, ...]
    announced: tuple[Cut, ...]


def calls_found(
    samples: Samples, country: str, hook: Sequence[tuple[int, bool]] = (), block: int = BLOCK
) -> list[CallFacts]:
    """Run the detector over a whole line; ``hook`` are the edges that a sensor would give."""
    detector = Detector(plan_for(country))
    edges = [HookEdge(at, off_hook) for at, off_hook in hook]
    events: list[Event] = []
    for start in range(0, len(samples), block):
        frame = Frame(start, samples[start : start + block])
        due = [edge for edge in edges if edge.at < frame.end]
        edges = edges[len(due) :]
        events += detector.observe(frame, due)
    events += detector.finish(len(samples), EndCause.LINE_LOST)
    return [event.facts for event in events if isinstance(event, CallClosed | CallMissed)]


def heard(quick: bool, progress: Progress) -> Heard:
    """Return what came of the corpus, of a few calls of it with ``quick``; it is heard once a run."""
    return _heard(QUICK_SEED, QUICK_CALLS, True, progress) if quick else _heard(SEED, CALLS, False, progress)


@cache
def _heard(seed: int, calls: int, quick: bool, progress: Progress) -> Heard:
    total: Heard | None = None
    for line in lines(seed, calls, an_hour=not quick):
        one = _of_line(line)
        total = one if total is None else _sum(total, one)
        progress(f"corpus: {total.calls} of {calls} calls")
    if total is None:
        raise ValueError("a corpus without a line")
    return total


def lines(seed: int, calls: int, *, an_hour: bool = True) -> Iterator[CorpusLine]:
    """Yield the corpus of at least ``calls`` calls, the hour-long one too or not."""
    for line in corpus(seed, calls):
        if an_hour or line.truth.duration < positions(3600.0):
            yield line


def _of_line(line: CorpusLine) -> Heard:
    truth, country, rings = line.truth, line.profile.country, line.profile.ringing != "none"
    found = calls_found(line.samples, country)
    hooked = calls_found(line.samples, country, truth.hook)
    return Heard(
        calls=len(truth.calls),
        hours=len(line.samples) / positions(3600.0),
        lines=1,
        audio_only=score(truth, found, rings=rings),
        hooked=score(truth, hooked, rings=rings),
        voxes=tuple(score(truth, vox(line.samples, pause_s), rings=rings) for pause_s in VOX_S),
        dialled=tuple(_dialled_cuts(line, found)),
        announced=tuple(_announced_cuts(line, found)),
    )


def _sum(one: Heard, other: Heard) -> Heard:
    return replace(
        one,
        calls=one.calls + other.calls,
        hours=one.hours + other.hours,
        lines=one.lines + other.lines,
        audio_only=one.audio_only + other.audio_only,
        hooked=one.hooked + other.hooked,
        voxes=tuple(a + b for a, b in zip(one.voxes, other.voxes, strict=True)),
        dialled=one.dialled + other.dialled,
        announced=one.announced + other.announced,
    )


def _dialled_cuts(line: CorpusLine, found: list[CallFacts]) -> Iterator[Cut]:
    """Yield the digits of every dialled number, from the end of dial tone until something else sounds."""
    for call in line.truth.calls:
        start = next((end for at, end, name in line.truth.tones if name == "dial" and at >= call.seize), None)
        if call.dialled is None or start is None:
            continue
        later = [at for at, _, _ in (*line.truth.tones, *line.truth.speech) if at >= start]
        end = min([*later, span(line.truth, call)[1], start + (len(call.dialled) + 1) * A_DIGIT])
        best = _found_at(found, line.truth, call)
        yield Cut(line.samples[start - AROUND : end].copy(), call.dialled, best.dialled if best else None)


def _announced_cuts(line: CorpusLine, found: list[CallFacts]) -> Iterator[Cut]:
    """Yield every burst that told a caller's number by frequency-shift keying."""
    system = COUNTRIES[line.profile.country].caller_id
    for call in line.truth.calls:
        if call.clip is None or call.caller is None or system is CallerIdSystem.DTMF:
            continue
        start, end = call.clip
        best = _found_at(found, line.truth, call)
        samples = line.samples[max(0, start - AROUND) : end + AROUND].copy()
        yield Cut(samples, call.caller, best.caller.number if best else None, system)


def _found_at(found: list[CallFacts], truth: Truth, call: TrueCall) -> CallFacts | None:
    """Return the call found that overlaps ``call`` most."""
    start, end = span(truth, call)
    end = max(end, call.clip[1]) if call.clip else end  # a caller may give up before the network has told who it is
    near = [facts for facts in found if facts.start < end and facts.end > start]
    return max(near, key=lambda facts: min(facts.end, end) - max(facts.start, start), default=None)
