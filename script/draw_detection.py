"""Spectrograms of simulated calls, and under them what the detector heard: the pictures of docs/detection.md."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image

from appliance.audio import BLOCK, RATE, Frame, Samples, seconds
from appliance.capture.detector import Detector
from appliance.capture.detector.hops import Hopper
from appliance.capture.detector.senses import Evidence, Senses
from appliance.capture.features import STEP, WINDOW
from appliance.capture.simulator.pair import SimulatedPair
from appliance.capture.simulator.profile import Profile
from appliance.capture.tones import plan_for
from appliance.events import CallClosed, CallOpened
from appliance.model.calls import CallFacts

mpl.use("Agg")
from matplotlib import pyplot as plt

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
LANES = ("click", "ringing", "caller", "tone", "digit", "voice", "recall", "call")
COLOURS = dict(
    zip(LANES, ("#222222", "#b8560a", "#7a3fa0", "#0b6b8f", "#a01845", "#5c7a29", "#7a3fa0", "#0b5759"), strict=True)
)
COLOURS_KEPT = 48
LABEL_PART = 0.085
"""Of the picture's width: a bar that holds its words."""
LEAST_TONE = RATE // 4
"""Shorter ones are keyed digits and vowels."""


@dataclass
class Heard:
    """What was heard, by lane: start and end in samples, and a word."""

    spans: dict[str, list[tuple[int, int, str]]] = field(default_factory=lambda: {lane: [] for lane in LANES})

    def add(self, lane: str, start: int, end: int, word: str = "") -> None:
        """Note one thing."""
        self.spans[lane].append((start, end, word))

    def take(self, evidence: Evidence) -> None:
        """Note what is in a hop."""
        for click in evidence.clicks:
            self.add("click", click.at, click.at + 200)
        for ring in evidence.rings:
            self.add("ringing", ring.start, ring.end)
        for told in evidence.announced:
            self.add("caller", told.start, told.end, told.caller.number or told.caller.identity.value)
        for tone in (one for one in evidence.tones if one.length > LEAST_TONE):
            low, high = (tone.middle_hz + side * tone.spread_hz / 2 for side in (-1, 1))
            self.add("tone", tone.start, tone.end, f"{low:.0f}+{high:.0f} Hz" if high - low > 1 else f"{low:.0f} Hz")
        for digit in evidence.digits:
            self.add("digit", digit.start, digit.end, digit.key)
        for row, voiced in enumerate(evidence.voiced):
            if voiced and evidence.tone is None and not evidence.digits:
                self.add("voice", evidence.at + row * STEP, evidence.at + (row + 1) * STEP)

    def call(self, facts: CallFacts) -> None:
        """Note a call and its recalls."""
        what = f"{facts.direction.value}, {facts.cause.value.replace('_', ' ')}"
        self.add("call", facts.off_hook or facts.start, facts.end, what)
        for mark in facts.marks:
            if mark.kind.value in ("flash", "transfer"):
                self.add("recall", mark.start, mark.end, mark.kind.value)


def incoming(pair: SimulatedPair) -> None:
    """Ring, be answered, talk, hang up."""
    pair.idle(4.0)
    pair.ring(2.2, caller="01632960846")
    pair.lift()
    pair.talk(7.0)
    pair.hang_up()
    pair.idle(3.0)


def dialled(pair: SimulatedPair) -> None:
    """Dial, hear ringback, talk, hang up."""
    pair.idle(4.0)
    pair.lift()
    pair.dial("01632960412")
    pair.ringback(2.0)
    pair.answer()
    pair.talk(5.0)
    pair.hang_up()
    pair.idle(3.0)


def transferred(pair: SimulatedPair) -> None:
    """Answer, recall, speak with an extension, go back, hang up."""
    pair.idle(4.0)
    pair.ring(1.2, caller="01632960846")
    pair.lift()
    pair.talk(5.0)
    pair.transfer("204", consult_s=4.0)
    pair.talk(4.0)
    pair.hang_up()
    pair.idle(3.0)


PICTURES: dict[str, tuple[str, Callable[[SimulatedPair], None]]] = {
    "incoming": ("A call comes in: ringing with caller display, answered, hung up", incoming),
    "dialled": ("A call is made: dial tone, digits, ringback, answered, hung up", dialled),
    "transfer": ("A call is passed on: recall, dial tone, an extension, ringback, back again", transferred),
}


def listen(samples: Samples) -> Heard:
    """Return what the detector hears, and what each of its features does."""
    heard, detector = Heard(), Detector(plan_for("uk"))
    hopper, senses = Hopper(), Senses(detector.memory())
    for at in range(0, len(samples), BLOCK):
        frame = Frame(at, samples[at : at + BLOCK])
        for event in detector.observe(frame):
            if isinstance(event, CallOpened | CallClosed):
                senses.receiver_down = isinstance(event, CallClosed)
            if isinstance(event, CallClosed):
                heard.call(event.facts)
        for hop in hopper.hops(frame):
            evidence = senses.of(hop)
            heard.take(evidence)
            if senses.receiver_down and evidence.ringing_since is None:
                senses.floor.learn(evidence.features)
    return heard


def spectrogram(samples: Samples) -> np.ndarray:
    """Return levels in dBFS, frequency by time, in steps of 4 dB: what the eye tells apart, and small to keep."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[:: 2 * STEP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW)) / (WINDOW / 4)) ** 2
    return np.clip(np.round(10 * np.log10(power.T + 1e-12) / 4) * 4, -92, -24)


def draw(title: str, samples: Samples, heard: Heard) -> bytes:
    """Return the picture as PNG."""
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(11, 5.6), dpi=88, sharex=True, gridspec_kw={"height_ratios": (3, 2), "hspace": 0.06}
    )
    lasts_s = seconds(len(samples))
    above.imshow(
        spectrogram(samples), origin="lower", aspect="auto", extent=(0, lasts_s, 0, RATE / 2000), cmap="magma",
        interpolation="nearest",
    )  # fmt: skip
    above.set(title=title, ylabel="kHz")
    for lane, name in enumerate(LANES):
        for start, end, word in heard.spans[name]:
            begins, width = seconds(start), max(seconds(end - start), lasts_s / 500)
            below.barh(-lane, width, left=begins, height=0.62, color=COLOURS[name], linewidth=0)
            _label(below, name, word, begins, width, -lane, width / lasts_s)
    below.set(yticks=[-lane for lane in range(len(LANES))], yticklabels=LANES, xlabel="seconds", xlim=(0, lasts_s))
    below.grid(axis="x", color="#dddddd", linewidth=0.6)
    below.set_axisbelow(True)
    data = io.BytesIO()
    figure.savefig(data, format="png", bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return small(data.getvalue())


def _label(axes: plt.Axes, lane: str, word: str, begins: float, width: float, y: float, part: float) -> None:
    """Write the word into its bar where it fits, beside it where there is room, and a digit above its own."""
    if lane == "digit":
        axes.text(begins + width / 2, y + 0.36, word, ha="center", va="bottom", fontsize=7)
    elif part > LABEL_PART:
        axes.text(begins + width / 2, y, word, ha="center", va="center", fontsize=7, color="white")
    elif lane in ("caller", "recall") and word != "flash":
        axes.text(begins + width + 0.1, y, word, ha="left", va="center", fontsize=7)


def small(png: bytes) -> bytes:
    """Return the same picture in few colours."""
    kept = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS_KEPT, dither=Image.Dither.NONE).save(
        kept, format="png", optimize=True
    )
    return kept.getvalue()


def main() -> None:
    """Draw all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (title, play) in PICTURES.items():
        pair = SimulatedPair(Profile(), seed=7)
        play(pair)
        samples = pair.audio()
        path = FOLDER / f"detection-{name}.png"
        path.write_bytes(draw(title, samples, listen(samples)))
        print(f"{path.stat().st_size:8d}  {path.name}")


if __name__ == "__main__":
    main()
