"""What finding calls costs, on an idle line and in a call, beside the bare spectra that any such detector needs.

The line comes in blocks as long as a card's, as the recorder is given it.
"""

import numpy as np

from appliance.audio import BLOCK, Frame, Samples
from appliance.bench import Progress
from appliance.bench.material import Material, idle, talking
from appliance.bench.row import Limit, Row
from appliance.bench.stopwatch import Contender, own_cpu_s, taken_in_turn
from appliance.capture.detector import Detector
from appliance.capture.features import HOP, STEP, WINDOW
from appliance.capture.tones import plan_for

BODY_S, ROUNDS = 120.0, 12
QUICK_BODY_S, QUICK_ROUNDS = 10.0, 1

IDLE_LIMIT = Limit(1.5, absolute=True)
ACTIVE_LIMIT = Limit(3.0, absolute=True)
"""Processor seconds per hour of audio."""


def measure(quick: bool, progress: Progress) -> list[Row]:
    """Return the cost of idle, disturbed and busy lines."""
    body_s, rounds = (QUICK_BODY_S, QUICK_ROUNDS) if quick else (BODY_S, ROUNDS)
    lines = {
        "idle line": (idle(body_s), IDLE_LIMIT),
        "idle line with a neighbour's speech on it": (idle(body_s, "crosstalk"), None),
        "in a call": (talking(body_s), ACTIVE_LIMIT),
    }
    rows = []
    for name, (material, limit) in lines.items():
        progress(f"detector: {name}")
        taken = taken_in_turn([_ours(material), _spectra(material)], rounds, material.body_s)
        rows.append(Row(name, taken["ours"], "CPU s/h", "numpy FFT, 64 ms each 20 ms", taken["floor"], limit))
    return rows


def _ours(material: Material) -> Contender:
    def run() -> float:
        detector = Detector(plan_for("uk"))
        _observe(detector, material.lead, 0)
        return own_cpu_s(lambda: _observe(detector, material.body, len(material.lead)))

    return Contender("ours", run)


def _observe(detector: Detector, samples: Samples, position: int) -> None:
    for start in range(0, len(samples), BLOCK):
        detector.observe(Frame(position + start, samples[start : start + BLOCK]))


def _spectra(material: Material) -> Contender:
    window = np.hanning(WINDOW).astype(np.float32)

    def work() -> None:
        for start in range(0, len(material.body) - HOP - WINDOW, HOP):
            rows = np.lib.stride_tricks.sliding_window_view(material.body[start : start + HOP + WINDOW - STEP], WINDOW)
            spectrum = np.fft.rfft(rows[::STEP] * window)
            np.square(np.abs(spectrum))

    return Contender("floor", lambda: own_cpu_s(work))
