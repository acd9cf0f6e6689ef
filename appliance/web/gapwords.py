"""The words for what could not be recorded and for how a line was last proved."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from appliance.clock import LONDON
from appliance.model.gaps import MEANT, Gap, GapCause
from appliance.model.proof import LineTest, Proof, ProofKind
from appliance.web import words

CAUSES: Mapping[str, str] = MappingProxyType(
    {
        GapCause.POWER: "The box was off",
        GapCause.STOPPED: "The recorder was not running",
        GapCause.CARD: "The sound card or modem gave no sound",
        GapCause.OVERRUN: "The box was too busy for a moment",
        GapCause.FAILED: "The recorder failed and began again",
        GapCause.CLOCK: "The box’s clock had gone back: how long is not known",
        GapCause.DISK: "Heard, but could not be kept: the disk took nothing",
        GapCause.PAUSED: "Paused",
        GapCause.OBJECTED: "The caller objected",
        GapCause.SWITCHED_OFF: "Switched off",
        GapCause.ENDED: "The sound file had ended",
    }
)

_MORE: Mapping[str, str] = MappingProxyType(
    {
        "shut down": "it was shut down",
        "cut off": "its power was cut",
        "restarted": "it was started again",
        "crashed": "it ended by itself",
        "not running": "it still is not",
        "went back": "",
        "in memory": "it was in memory alone",
    }
)

_BY: Mapping[str, str] = MappingProxyType(
    {"button": "(by the button)", "page": "(on the page)", "restart": "(as before a restart)"}
)

_PROOFS: Mapping[ProofKind, str] = MappingProxyType(
    {
        ProofKind.CALL: "by a call",
        ProofKind.RINGING: "by ringing",
        ProofKind.TONE: "by the exchange’s tones",
        ProofKind.TEST_CALL: "by a test call",
    }
)


def cause(gap: Gap) -> str:
    """Return why there is a gap: "The box was off: its power was cut", "Paused by the manager"."""
    said, detail = CAUSES[gap.why.cause], gap.why.detail
    if not detail:
        return said
    if gap.why.cause in MEANT:
        return f"{said} {_BY[detail]}" if detail in _BY else f"{said} (by {detail})"
    more = _MORE.get(detail, detail)
    return f"{said}: {more}" if more else said


def length(gap: Gap) -> str:
    """Return how long a gap was: "12 s", "0.4 s", "not known"."""
    if gap.why.cause is GapCause.CLOCK:
        return "not known"
    return f"{max(0.1, gap.length_s):.1f} s" if gap.length_s < 2 else words.length(gap.length_s)


def proved(proof: Proof | None, now: datetime) -> str:
    """Return when a line was last proved: "Last proved 08:41 by a call"."""
    if proof is None:
        return "Not proved yet: nothing has come over this line since it was connected"
    today = proof.at.astimezone(LONDON).date() == now.astimezone(LONDON).date()
    when = words.time_of_day(proof.at) if today else words.short_day_time(proof.at)
    return f"Last proved {when} {_PROOFS[proof.by]}"


def tested(test: LineTest, now: datetime) -> str:
    """Return how a test call stands."""
    if test.proof is not None:
        return f"The line is heard: the test call came at {words.time_of_day(test.proof.at)}."
    if now <= test.until:
        until = words.time_of_day(test.until)
        return f"Ring this line now from another telephone, and let it ring or answer it. Waiting until {until}."
    between = f"{words.time_of_day(test.started_at)} and {words.time_of_day(test.until)}"
    return (
        f"Nothing came between {between}. If you did ring: "
        "this line is not heard. Check that its tap is plugged in on the wire that rang, then test again."
    )
