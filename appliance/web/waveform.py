"""A recording's waveform and marks as the player draws them. Pure."""

import base64
from dataclasses import dataclass
from itertools import pairwise

from appliance.model.calls import MarkKind, Span
from appliance.web.gapwords import CAUSES

MOST_POINTS = 1600
"""Columns of the picture: twice the widest player's pixels would be wasted bytes."""

_WIDTH = 1000.0

SPEECH = "speech"
_WORDS = {
    SPEECH: "Speech",
    MarkKind.ANSWERED: "Answered",
    MarkKind.HELD: "Caller on hold",
    MarkKind.FLASH: "Recall pressed",
    MarkKind.TRANSFER: "Transferred",
    MarkKind.CALL_WAITING: "Another call waiting",
    MarkKind.KEYED_DIGIT: "Key pressed",
    MarkKind.TONE: "Tone",
    MarkKind.GAP: "Gap: nothing could be recorded",
    MarkKind.ANNOUNCEMENT: "The caller was told of the recording",
    MarkKind.BEEP: "Beep",
    MarkKind.REMOTE_CLEAR: "The other side hung up",
}
_DRAWN = {SPEECH: "speech", MarkKind.HELD: "held", MarkKind.GAP: "gap"}


@dataclass(frozen=True, slots=True)
class Stripe:
    """A mark as drawn: ``x`` and ``width`` of a picture 1000 wide; ``look`` for the style sheet."""

    x: float
    width: float
    look: str
    words: str
    start_s: float


def thinned(peaks: bytes, most: int = MOST_POINTS) -> bytes:
    """Return the peaks in at most ``most`` columns, each the loudest of those it stands for."""
    if len(peaks) <= most:
        return peaks
    edges = [index * len(peaks) // most for index in range(most + 1)]
    return bytes(max(peaks[start:end]) for start, end in pairwise(edges))


def encoded(peaks: bytes) -> str:
    """Return the thinned peaks as base64, for the page's own script."""
    return base64.b64encode(thinned(peaks)).decode("ascii")


def stripes(spans: tuple[Span, ...], duration_s: float) -> list[Stripe]:
    """Return the marks as drawn under the waveform; a moment is at least two columns wide."""
    if duration_s <= 0:
        return []
    return [_stripe(span, _WIDTH / duration_s) for span in spans if span.start_s < duration_s]


def moments(spans: tuple[Span, ...], duration_s: float) -> list[Stripe]:
    """Return the marks worth going to, in order: all but speech and single keys."""
    plain = {SPEECH, str(MarkKind.KEYED_DIGIT), str(MarkKind.TONE)}
    chosen = tuple(span for span in spans if span.kind not in plain)
    return sorted(stripes(chosen, duration_s), key=lambda stripe: stripe.start_s)


def speech(spans: tuple[Span, ...]) -> list[list[float]]:
    """Return where somebody speaks, in order: start and end in seconds."""
    return sorted([round(span.start_s, 1), round(span.end_s, 1)] for span in spans if span.kind == SPEECH)


def _stripe(span: Span, per_s: float) -> Stripe:
    x = max(0.0, span.start_s * per_s)
    width = max(2.0, min(_WIDTH, span.end_s * per_s) - x)
    look = _DRAWN.get(span.kind, "other")
    return Stripe(round(x, 1), round(width, 1), look, _words(span), max(0.0, span.start_s))


def _words(span: Span) -> str:
    if span.kind == MarkKind.GAP and span.detail in CAUSES:
        return f"Gap: {CAUSES[span.detail]}"
    return _WORDS.get(span.kind, "Mark")
