"""Dialled numbers and callers' numbers, beside the best known decoders.

Ours must find them in whole lines. The peers are given each cut out, filtered and levelled, and told which modem sends.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from appliance.audio import Samples
from appliance.bench import Progress
from appliance.bench.listening import Cut, heard
from appliance.bench.peers import Multimon, Spandsp
from appliance.bench.row import Limit, Row
from appliance.capture.simulator.signals import CallerIdSystem

AT_LEAST_EQUAL = Limit(1.0, least=True)

_Decoder = Callable[[Sequence[Cut]], list[str]]


def measure(quick: bool, progress: Progress) -> list[Row]:
    """Return how many numbers were decoded exactly, for each kind of signal and each peer."""
    whole = heard(quick, progress)
    v23 = [cut for cut in whole.announced if cut.system is not CallerIdSystem.BELL_202]
    bell = [cut for cut in whole.announced if cut.system is CallerIdSystem.BELL_202]
    rows = []
    with tempfile.TemporaryDirectory(prefix="linekeeper-bench-") as folder:
        for name, peer in (("spandsp", Spandsp.built(Path(folder))), ("multimon-ng", Multimon.found())):
            progress(f"decoders: {name}")
            rows += [
                _row("dialled by DTMF", whole.dialled, name, _digits(peer) if peer else None),
                _row("caller by V.23", v23, name, _callers(peer) if peer else None),
                _row("caller by Bell 202", bell, name, _callers(peer) if peer else None),
            ]
    return rows


def _digits(peer: Spandsp | Multimon) -> _Decoder:
    return lambda cuts: peer.digits([cut.samples for cut in cuts])


def _callers(peer: Spandsp | Multimon) -> _Decoder:
    def decode(cuts: Sequence[Cut]) -> list[str]:
        told: list[tuple[Samples, CallerIdSystem]] = [(cut.samples, cut.system) for cut in cuts if cut.system]
        return peer.callers(told)

    return decode


def _row(what: str, cuts: Sequence[Cut], peer: str, decode: _Decoder | None) -> Row:
    name, ours = f"{what}: exact of {len(cuts)}", sum(cut.found == cut.wanted for cut in cuts)
    if decode is None:
        return Row(name, ours, "numbers", f"{peer}: not installed", None, AT_LEAST_EQUAL)
    theirs = sum(said == cut.wanted for said, cut in zip(decode(cuts), cuts, strict=True))
    return Row(name, ours, "numbers", peer, theirs, AT_LEAST_EQUAL)
