"""What a soak left behind, held against what the lines said: is each second where it belongs, or in the ledger?"""

import io
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import av
import numpy as np

from appliance.audio import RATE
from appliance.storage.gaps import Ledger
from appliance.storage.gapstore import GapStore
from appliance.storage.sheet import read_sheet
from appliance.storage.spool import Spool
from appliance.storage.streamreader import StreamReader
from sounds import lag_and_likeness

PIECE_S = 1.0
LOUD = 0.008
"""Pieces quieter than this (RMS) cannot be told from one another."""

MARGIN_S = 0.5
"""Beside a gap nobody looks: the resampler, a packet and the card's block lie across its edges."""

BELONGS_S = 0.020
_FAR_S = 0.9

_BEGUN_S = 4.0
"""Before, nobody talks yet: the line's noise and the click of the hook are like any others."""


@dataclass
class Verdict:
    """Of one line. Seconds, but for counts."""

    recordings: int = 0
    placed: int = 0
    misplaced: list = field(default_factory=list)
    unlike: list = field(default_factory=list)
    worst_s: float = 0.0
    late_s: float = 0.0
    unaccounted: list = field(default_factory=list)
    gaps: int = 0
    gap_s: float = 0.0
    overlapping: int = 0

    @property
    def good(self):
        return self.placed > 0 and not (self.misplaced or self.unlike or self.unaccounted or self.overlapping)


def judge(box, until_s):
    """Return a verdict on each line, over its first ``until_s`` seconds."""
    spool = Spool(box.root / "spool")
    calls = [_opened(spool, call_id, box.key) for call_id in spool.ids()]
    chapters = [one.chapter for one in GapStore(box.root / "spool", box.root / "vault").chapters()]
    accounts = {account.line: account for account in Ledger(chapters).accounts()}
    return [
        _of_line(box, line, [call for call in calls if call[0].line == line + 1], accounts[line + 1], until_s)
        for line in range(len(box.cards))
    ]


def _of_line(box, line, calls, account, until_s):
    began, source = box.began(line), box.tapes[line]
    verdict = Verdict(len(calls), gaps=len(account.gaps), gap_s=account.gap_s)
    gaps = [((gap.start - began).total_seconds(), (gap.end - began).total_seconds()) for gap in account.gaps]
    verdict.overlapping = sum(start < end for (_, end), (start, _) in pairwise(gaps))
    held = []
    for opening, closing, samples in calls:
        start_s = (opening.started_at - began).total_seconds()
        lost = [(span.start_s, span.end_s) for span in (closing.spans if closing else ()) if span.kind == "gap"]
        late = _place(samples, start_s, lost, source, verdict)
        held += _held(start_s, len(samples) / RATE, lost)
        verdict.late_s = max(verdict.late_s, abs(late))
    _account(verdict, source, held, gaps, min((start for start, _ in held), default=0.0), until_s)
    return verdict


def _place(samples, start_s, lost, source, verdict):
    """Find where each piece of a recording stands on the line; return by how much all of it is late."""
    lags = []
    for at in range(0, len(samples) - RATE, round(PIECE_S * RATE)):
        a_s, b_s = at / RATE, at / RATE + PIECE_S
        if any(a_s < end + MARGIN_S and b_s > start - MARGIN_S for start, end in lost):
            continue
        first = round((start_s + a_s) * RATE)
        heard, said = samples[at : at + RATE], source[max(0, first) : first + RATE]
        if first < _BEGUN_S * RATE or len(said) < RATE or min(_rms(heard), _rms(said)) < LOUD:
            continue
        lag, likeness = lag_and_likeness(heard, said, _FAR_S)
        if likeness < 0.7:  # a shift so large that the two halves have little in common is found with a wider look
            lag, likeness = _looked_for(heard, source, first)
        if likeness < 0.7:
            verdict.unlike.append((round(start_s + a_s, 1), round(likeness, 2), _rms(heard), _rms(said)))
        else:
            lags.append((start_s + a_s, lag / RATE))
    usual = float(np.median([lag for _, lag in lags])) if lags else 0.0
    for at_s, lag in lags:
        verdict.placed += 1
        verdict.worst_s = max(verdict.worst_s, abs(lag - usual))
        if abs(lag - usual) > BELONGS_S:
            verdict.misplaced.append((round(at_s, 1), round(lag - usual, 3)))
    return usual


def _looked_for(heard, source, first):
    begin = max(0, first - 2 * RATE)
    around = source[begin : first + 3 * RATE]
    n = len(around) + len(heard)
    products = np.fft.irfft(np.fft.rfft(around, n) * np.conj(np.fft.rfft(heard, n)), n)[: len(around) - len(heard)]
    at = int(np.argmax(products))
    return first - (begin + at), float(np.corrcoef(heard, around[at : at + len(heard)])[0, 1])


def _held(start_s, length_s, lost):
    """Return the stretches that a recording holds."""
    held, at = [], start_s
    for start, end in sorted(lost):
        held.append((at, start_s + start))
        at = start_s + end
    return [*held, (at, start_s + length_s)]


def _account(verdict, source, held, gaps, first_s, until_s):
    """See that each half second is held or in the ledger."""
    for half in range(int(first_s * 2) + 2, int(until_s * 2)):
        at_s = half / 2 + 0.25
        said = source[round((at_s - 0.25) * RATE) : round((at_s + 0.25) * RATE)]
        if any(start - MARGIN_S <= at_s <= end + MARGIN_S for start, end in (*held, *gaps)):
            continue
        if _rms(said) >= LOUD:
            verdict.unaccounted.append(round(at_s, 1))


def _opened(spool, call_id, key):
    whole = read_sheet(spool.meta(call_id)).unseal(key)
    ogg = b""
    if spool.audio(call_id).exists():
        with spool.audio(call_id).open("rb") as raw:
            ogg = StreamReader(raw, whole.data_key, call_id.encode()).read()
    samples = _decoded(ogg) if ogg else np.empty(0, np.float32)
    if whole.closing:
        samples = samples[: round(whole.closing.duration_s * RATE)]
    return whole.opening, whole.closing, samples


def _decoded(ogg):
    with av.open(io.BytesIO(ogg)) as container:
        to_line = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        frames = [out for frame in container.decode(audio=0) for out in to_line.resample(frame)]
        frames += to_line.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]) if frames else np.empty(0, np.float32)


def _rms(samples):
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


def ended(box, line, at):
    """Return where line ``line`` was at the world time ``at``, in its own seconds."""
    return (at - box.began(line)) / timedelta(seconds=1)
