"""What the detector knows of a call, in positions of the line, told as a recording tells it: in its own seconds."""

import secrets
from collections.abc import Iterable
from dataclasses import replace

from appliance.audio import seconds
from appliance.capture.peaks import PEAKS_PER_S
from appliance.model.calls import CallFacts, CallId, Closing, MarkKind, Opening, Span, call_id
from appliance.model.gaps import GapCause
from appliance.recorder.instant import Instant
from appliance.storage.records import CallSoFar

SPEECH = "speech"
"""The kind of span in which somebody speaks."""


def opening(
    line: int, line_name: str, first_sample: Instant, facts: CallFacts, continues: CallId | None = None
) -> Opening:
    """Return the opening of a recording whose first sample was heard at ``first_sample``."""
    return Opening(
        call_id=call_id(first_sample.moment.at, line, secrets.token_hex(3)),
        line=line,
        line_name=line_name,
        started_at=first_sample.moment.at,
        clock=first_sample.moment.quality,
        boot_id=first_sample.boot_id,
        boottime_s=first_sample.boottime_s,
        direction=facts.direction,
        caller=facts.caller,
        continues=continues,
    )


def renamed(opening: Opening) -> Opening:
    """Return ``opening`` under another id: a try that the disk refused may have used up its own."""
    return replace(opening, call_id=call_id(opening.started_at, opening.line, secrets.token_hex(3)))


def so_far(facts: CallFacts) -> CallSoFar:
    """Return what is worth keeping at once while the call goes on."""
    return CallSoFar(facts.direction, facts.caller, facts.dialled, facts.answered)


def closing(
    facts: CallFacts,
    first: int,
    last: int,
    ended: Instant,
    gaps: Iterable[tuple[int, int, GapCause]] = (),
    audio_bytes: int = 0,
    peaks: bytes = b"",
) -> Closing:
    """Return the closing of a recording of the positions ``first`` to ``last``, whose last sample was at ``ended``."""
    return Closing(
        ended_at=ended.moment.at,
        duration_s=seconds(last - first),
        audio_bytes=audio_bytes,
        direction=facts.direction,
        caller=facts.caller,
        dialled=facts.dialled,
        answered=facts.answered,
        missed=facts.missed,
        rings=facts.rings,
        cause=facts.cause,
        end_uncertain=facts.end_uncertain,
        spans=spans(facts, first, last, gaps),
        peaks=peaks,
        peaks_per_s=PEAKS_PER_S,
    )


def spans(facts: CallFacts, first: int, last: int, gaps: Iterable[tuple[int, int, GapCause]]) -> tuple[Span, ...]:
    """Return speech, marks and gaps within ``first`` to ``last``, in seconds from ``first``, in order of time.

    A gap's detail is its cause; the gaps that the detector marked are these, without it.

    What lies wholly outside is left out: it belongs to the recording before, or to nobody.
    """
    told = [(SPEECH, start, end, "") for start, end in facts.speech]
    marks = [mark for mark in facts.marks if mark.kind is not MarkKind.GAP]
    told += [(str(mark.kind), mark.start, mark.end, mark.detail) for mark in marks]
    told += [(str(MarkKind.GAP), start, end, str(cause)) for start, end, cause in gaps]
    within = [
        Span(kind, seconds(max(start, first) - first), seconds(min(end, last) - first), detail)
        for kind, start, end, detail in told
        if end >= first and start < last
    ]
    return tuple(sorted(within, key=lambda span: (span.start_s, span.end_s)))
