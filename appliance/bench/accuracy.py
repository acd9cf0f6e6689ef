"""How well calls are found on the project's own corpus, beside recorders that go by loudness."""

from dataclasses import dataclass

from appliance.bench import Progress
from appliance.bench.listening import VOX_S, heard
from appliance.bench.row import Limit, Row
from appliance.bench.scoring import Score


@dataclass(frozen=True, slots=True)
class _Claim:
    """What is claimed of the detector, by audio alone and with hook edges. Shares are of what really was there."""

    merges: int
    end_p95_s: float


_AUDIO, _HOOK = _Claim(merges=1, end_p95_s=3.0), _Claim(merges=0, end_p95_s=0.5)
_DIRECTION = _DIALLED = Limit(0.97, least=True)
_CALLERS = Limit(0.98, least=True)
_ALL = Limit(1.0, least=True)
_NONE = Limit(0.0, absolute=True)


def measure(quick: bool, progress: Progress) -> list[Row]:
    """Return the table of the corpus, once by audio alone and once with the true hook edges."""
    whole = heard(quick, progress)
    peer = whole.voxes[0]
    return [
        *_rows("audio", whole.audio_only, peer, _AUDIO),
        *_rows("hook", whole.hooked, peer, _HOOK),
        *(_torn_row(whole.audio_only, pause_s, score) for pause_s, score in zip(VOX_S, whole.voxes, strict=True)),
    ]


def _rows(how: str, ours: Score, peer: Score, claim: _Claim) -> list[Row]:
    vox = f"VOX {VOX_S[0]:.0f} s"
    return [
        _share(f"{how}: answered calls found", ours.found, ours.answered, _ALL),
        Row(f"{how}: splits", ours.splits, "pieces too many", vox, peer.splits, _NONE),
        Row(f"{how}: merges", ours.merges, "calls too many", vox, peer.merges, Limit(claim.merges, absolute=True)),
        Row(f"{how}: unanswered attempts joined to a call", ours.joined, "calls", vox, peer.joined),
        Row(f"{how}: false recordings", ours.false, "recordings", vox, peer.false, _NONE),
        Row(f"{how}: speech lost at start", ours.lost_start_s, "s", vox, peer.lost_start_s, _NONE),
        Row(f"{how}: speech lost in the middle", ours.lost_middle_s, "s", vox, peer.lost_middle_s, _NONE),
        Row(f"{how}: speech lost at end", ours.lost_end_s, "s", vox, peer.lost_end_s, _NONE),
        Row(f"{how}: end error, median", ours.end_error_s(50), "s", vox, peer.end_error_s(50)),
        Row(
            f"{how}: end error, p95",
            ours.end_error_s(95),
            "s",
            vox,
            peer.end_error_s(95),
            Limit(claim.end_p95_s, absolute=True),
        ),
        _share(f"{how}: direction right", ours.directions, ours.directed, _DIRECTION),
        _share(f"{how}: dialled numbers exact", ours.numbers_exact, ours.numbers, _DIALLED),
        _share(f"{how}: callers exact", ours.callers_exact, ours.callers, _CALLERS),
        Row(f"{how}: callers spurious", ours.spurious, "calls", "truth", 0, _NONE),
        _share(f"{how}: missed calls found", ours.missed_found, ours.audible, _ALL),
        _share(f"{how}: callers waiting exact", ours.waiting_exact, ours.waiting, _CALLERS),
    ]


def _share(name: str, right: int, of: int, limit: Limit) -> Row:
    return Row(name, right, "calls", "truth", of, limit if of else None)


def _torn_row(ours: Score, pause_s: float, vox: Score) -> Row:
    """Return splits and merges together: a rule of silence can only trade the ones for the others."""
    name = "audio: splits and merges together"
    return Row(name, ours.splits + ours.merges, "errors", f"VOX {pause_s:.0f} s", vox.splits + vox.merges)
