"""Which of the detector's events prove that a line and its tap work: they cannot come of a dead or wrong wire."""

from appliance.events import CallClosed, CallMissed, Event, Phase, PhaseChanged
from appliance.model.proof import ProofKind

_PHASES = {
    Phase.RINGING: ProofKind.RINGING,
    Phase.DIALLING: ProofKind.TONE,
    Phase.RINGBACK: ProofKind.TONE,
    Phase.TALK: ProofKind.CALL,
}


def proof_in(event: Event) -> ProofKind | None:
    """Return what ``event`` proves the line by; None where it proves nothing. An off-hook click alone does not."""
    match event:
        case PhaseChanged():
            return _PHASES.get(event.phase)
        case CallMissed():
            return ProofKind.RINGING
        case CallClosed():
            return ProofKind.CALL if event.facts.answered or event.facts.speech else None
    return None
