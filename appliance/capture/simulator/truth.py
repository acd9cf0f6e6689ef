"""What really happened on a simulated line: the oracle that detection is measured against.

Positions are samples of the line.
"""

from dataclasses import dataclass, field
from typing import Any

from appliance.audio import seconds

Span = tuple[int, int]


@dataclass(slots=True)
class TrueCall:
    """One call, filled in as it goes on.

    ``seize`` is where the line first showed it (line reversal, first ring, or off-hook), ``seize_end`` where a missed
    call's ringing gave up. ``talk_end`` is the end of the last sound that belongs to the call; a right end lies from
    there to ``on_hook``. ``waiting`` are callers told within it. ``ending`` is who ended it and with what: local,
    remote+tone, busy, no answer, abandoned.
    """

    direction: str
    seize: int
    first_ring: int | None = None
    off_hook: int | None = None
    answer: int | None = None
    talk_end: int | None = None
    on_hook: int | None = None
    seize_end: int | None = None
    dialled: str | None = None
    caller: str | None = None
    caller_name: str | None = None
    withheld: bool = False
    clip: Span | None = None
    rings: int = 0
    keyed: str = ""
    ending: str | None = None
    tail_tone: tuple[int, int, str] | None = None
    holds: list[Span] = field(default_factory=list)
    silences: list[Span] = field(default_factory=list)
    flashes: list[Span] = field(default_factory=list)
    transfers: list[tuple[int, str]] = field(default_factory=list)
    waiting: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        """True where two parties were connected."""
        return self.answer is not None

    @property
    def missed(self) -> bool:
        """True where it rang here and nobody lifted."""
        return self.direction == "in" and self.off_hook is None


@dataclass(slots=True)
class Truth:
    """Everything that happened on one line, in order.

    ``hook`` has the true edges (True: off-hook), ``contacts`` what a sensor of the loop's current sees of them: every
    bounce, and every break of the line. ``rings`` are the bursts of power ringing; ``speech`` is (start, end, who) with
    n near, f far, m hold music; ``tones`` is (start, end, name).
    """

    duration: int = 0
    calls: list[TrueCall] = field(default_factory=list)
    hook: list[tuple[int, bool]] = field(default_factory=list)
    contacts: list[tuple[int, bool]] = field(default_factory=list)
    rings: list[Span] = field(default_factory=list)
    speech: list[tuple[int, int, str]] = field(default_factory=list)
    tones: list[tuple[int, int, str]] = field(default_factory=list)
    disturbances: list[tuple[int, str]] = field(default_factory=list)

    def clear(self) -> None:
        """Forget all: a line that lives for months keeps no truth."""
        for told in (self.calls, self.hook, self.contacts, self.rings, self.speech, self.tones, self.disturbances):
            told.clear()


def truth_json(name: str, truth: Truth, country: str = "uk", flags: tuple[str, ...] = ()) -> dict[str, Any]:
    """One file's truth as plain JSON values, times in seconds from the file's start."""
    return {
        "file": name,
        "duration": _s(truth.duration),
        "country": country,
        "flags": list(flags),
        "calls": [_call_json(number, call) for number, call in enumerate(truth.calls)],
        "hook": hook_json(truth),
        "ring": [_span(span) for span in truth.rings],
        "speech": [[*_span((start, end)), who] for start, end, who in truth.speech],
        "tones": [[*_span((start, end)), tone] for start, end, tone in truth.tones],
        "traps": [[_s(at), what] for at, what in truth.disturbances],
    }


def hook_json(truth: Truth) -> list[list[float | None]]:
    """The hook's edges as ``analyse --hook`` reads them: seconds, then 1 off-hook or 0 on-hook."""
    return [[_s(at), int(off_hook)] for at, off_hook in truth.hook]


def ring_json(truth: Truth) -> list[list[float | None]]:
    """The edges of a ring sensor as ``analyse --ring`` reads them: seconds, then 1 for ringing or 0 for none."""
    return [[_s(at), on] for start, end in truth.rings for at, on in ((start, 1), (end, 0))]


def _s(at: int | None) -> float | None:
    return None if at is None else round(seconds(at), 4)


def _span(span: Span) -> list[float | None]:
    return [_s(span[0]), _s(span[1])]


def _call_json(number: int, call: TrueCall) -> dict[str, Any]:
    return {
        "id": number,
        "direction": call.direction,
        "seize": _s(call.seize),
        "seize_end": _s(call.seize_end),
        "first_ring": _s(call.first_ring),
        "clip_t": _span(call.clip) if call.clip else None,
        "offhook": _s(call.off_hook),
        "answer": _s(call.answer),
        "talk_end": _s(call.talk_end),
        "onhook": _s(call.on_hook),
        "answered": call.answered,
        "missed": call.missed,
        "dialled": call.dialled,
        "caller": call.caller,
        "caller_name": call.caller_name,
        "withheld": call.withheld,
        "rings": call.rings,
        "holds": [_span(span) for span in call.holds],
        "silences": [_span(span) for span in call.silences],
        "flashes": [_span(span) for span in call.flashes],
        "transfers": [{"t": _s(at), "kind": "flash", "digits": digits} for at, digits in call.transfers],
        "waiting": [[*_span((start, end)), caller] for start, end, caller in call.waiting],
        "post_digits": call.keyed,
        "ending": call.ending,
        "tail_tone": [_s(call.tail_tone[0]), _s(call.tail_tone[1]), call.tail_tone[2]] if call.tail_tone else None,
    }
