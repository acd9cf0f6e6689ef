"""What recording a line costs from the sound card's samples to the sealed file, beside FFmpeg and bare libopus."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import av
import numpy as np
import soxr
from numpy.typing import NDArray

from appliance.audio import RATE, Samples, positions
from appliance.bench import Progress
from appliance.bench.material import CARD_RATE, Material, as_card, idle, talking
from appliance.bench.row import Limit, Row
from appliance.bench.stopwatch import HOUR_S, Contender, own_cpu_s, program_cpu_s, taken_in_turn
from appliance.capture.cardline import CardLine
from appliance.capture.cardwire import CardBlock, CardForm
from appliance.capture.detector import Detector
from appliance.capture.opus import BIT_RATE, ENCODER, audio_frame, encoder
from appliance.capture.tones import plan_for
from appliance.capture.wiring import LineHealth
from appliance.clock import FakeClock
from appliance.files import REAL_DISK
from appliance.model.calls import EndCause
from appliance.recorder.accounting import Accounting
from appliance.recorder.handover import Handover
from appliance.recorder.instant import read
from appliance.recorder.line_recorder import PREROLL_S, LineRecorder
from appliance.storage.sealing import PUBLIC, SealTo

BODY_S, ROUNDS = 60.0, 8
QUICK_BODY_S, QUICK_ROUNDS = 10.0, 1

_BEGUN_S = 10.0
"""How much of the call is heard before measuring: a recording has begun by then, and its pre-roll is written. The peers
have no pre-roll, so all are measured on the same sound, from there."""

COMPLEXITIES = (10, 5, 0)
CLAIMED = 5
"""The complexity a recorder uses unless told otherwise, for which the ratios are claimed."""

BESIDE_FFMPEG, BESIDE_OPUS = Limit(0.8), Limit(1.35)
IDLE_LIMIT = Limit(1.7, absolute=True)

FFMPEG_PACKETS_MS = 20
"""FFmpeg's own choice. Longer packets are cheaper to fit to a constant bit rate, and just as good."""

_CARD_BLOCK = 3 * CARD_RATE // 10


def measure(quick: bool, progress: Progress) -> list[Row]:
    """Return the whole chain's cost in a call and on an idle line, and what it writes."""
    body_s, rounds = (QUICK_BODY_S, QUICK_ROUNDS) if quick else (BODY_S, ROUNDS)
    call = _begun(talking(_BEGUN_S + body_s))
    rows = []
    for complexity in COMPLEXITIES:
        progress(f"capture: a call at complexity {complexity}")
        rows += _call_rows(call, complexity, rounds)
    progress("capture: an idle line")
    return [*rows, _idle_row(idle(body_s), rounds), _bytes_row(call)]


def _begun(call: Material) -> Material:
    """Return ``call`` without its first seconds, which come before."""
    begun = positions(_BEGUN_S)
    return Material(np.concatenate((call.lead, call.body[:begun])), call.body[begun:])


def _call_rows(call: Material, complexity: int, rounds: int) -> list[Row]:
    contenders = [
        Contender("ours", partial(_chain_cpu_s, call, complexity)),
        Contender(_BARE, lambda: own_cpu_s(lambda: _encode(call.body, complexity))),
        *_ffmpegs(as_card(call.body), complexity),
    ]
    taken = taken_in_turn(contenders, rounds, call.body_s)
    ours, bare, name = taken["ours"], taken[_BARE], f"card to sealed file, complexity {complexity}"
    limits = {_FFMPEG: BESIDE_FFMPEG, _BARE: BESIDE_OPUS} if complexity == CLAIMED else {}
    ffmpeg = _FFMPEG if _FFMPEG in taken else _NO_FFMPEG
    peers = dict.fromkeys([peer for peer in taken if peer != "ours"] + [ffmpeg])
    rows = [Row(name, ours, "CPU s/h", peer, taken.get(peer), limits.get(peer)) for peer in peers]
    return [*rows, Row(f"bare libopus, complexity {complexity}", bare, "CPU s/h", ffmpeg, taken.get(ffmpeg))]


_BARE, _FFMPEG, _NO_FFMPEG = "bare libopus", "ffmpeg silencedetect + libopus", "ffmpeg: not installed"


def _ffmpegs(pcm: NDArray[np.int16], complexity: int) -> list[Contender]:
    """Return FFmpeg as it comes, with our libopus in place of its own, and with packets as it makes them by itself."""
    command, unlike = _ffmpeg(complexity), _ffmpeg(complexity, packets_ms=FFMPEG_PACKETS_MS)
    if not command:
        return []
    return [
        Contender(_FFMPEG, partial(_ffmpeg_cpu_s, command, pcm)),
        *(Contender("ffmpeg with our libopus", partial(_ffmpeg_cpu_s, command, pcm, own)) for own in _our_libopus()),
        Contender(f"ffmpeg, its own packets of {FFMPEG_PACKETS_MS} ms", partial(_ffmpeg_cpu_s, unlike, pcm)),
    ]


def _our_libopus() -> list[dict[str, str]]:
    """Return what has FFmpeg encode with the libopus that PyAV brings along: its packets are then ours, bit for bit."""
    beside = Path(av.__file__).parent.with_name("av.libs")
    return [{"LD_PRELOAD": str(library)} for library in sorted(beside.glob("libopus-*.so*"))[:1]]


def _idle_row(line: Material, rounds: int) -> Row:
    pcm = as_card(line.body)
    contenders = [
        Contender("ours", partial(_chain_cpu_s, line, CLAIMED)),
        Contender("soxr", lambda: own_cpu_s(lambda: _resample(pcm))),
    ]
    taken = taken_in_turn(contenders, rounds, line.body_s)
    return Row("card to detector, idle line", taken["ours"], "CPU s/h", "bare soxr", taken["soxr"], IDLE_LIMIT)


def _bytes_row(call: Material) -> Row:
    with tempfile.TemporaryDirectory(prefix="linekeeper-bench-") as folder:
        _Chain(Path(folder), CLAIMED).settle(call).run()
        written = sum(file.stat().st_size for file in Path(folder).iterdir())
    recorded_s = PREROLL_S + _BEGUN_S + call.body_s
    bare = BIT_RATE / 8 * HOUR_S / 1e6
    return Row("written", written / recorded_s * HOUR_S / 1e6, "MB per hour of call", "24 kbit/s", bare)


def _chain_cpu_s(material: Material, complexity: int) -> float:
    with tempfile.TemporaryDirectory(prefix="linekeeper-bench-") as folder:
        return own_cpu_s(_Chain(Path(folder), complexity).settle(material).run)


class _Chain:
    """All that the recorder does to a card's samples, short of waiting for the disk."""

    def __init__(self, folder: Path, complexity: int) -> None:
        nobody = SealTo(os.urandom(PUBLIC))
        handover = Handover(folder, lambda: nobody, UnsyncedDisk())
        self._clock = FakeClock()
        self._card = CardLine(CardForm(CARD_RATE, 1), 0)
        self._recorder = LineRecorder(1, "Line 1", Detector(plan_for("uk")), handover, complexity)
        self._accounting, self._health = Accounting(1, read(self._clock)), LineHealth()
        self._blocks: list[CardBlock] = []

    def settle(self, material: Material) -> "_Chain":
        """Hear what comes before that which is measured."""
        lead = list(_blocks(as_card(material.lead)))
        self._blocks = list(_blocks(as_card(material.body)))
        self._hear(lead)
        return self

    def run(self) -> None:
        """Hear the rest, and stop: a call in progress is closed."""
        self._hear(self._blocks)
        self._recorder.stop(EndCause.STOPPED, read(self._clock))

    def _hear(self, blocks: list[CardBlock]) -> None:
        for block in blocks:
            self._clock.advance(block.frames / CARD_RATE)
            for frame in self._card.push(block):
                now = read(self._clock)
                self._recorder.feed(frame, now, (), self._accounting.hear(frame, now))
                self._health.hear(frame)
                self._recorder.tick(now)
                self._accounting.turn(now, self._recorder.unkept())


def _blocks(pcm: NDArray[np.int16]) -> Iterator[CardBlock]:
    for start in range(0, len(pcm), _CARD_BLOCK):
        piece = pcm[start : start + _CARD_BLOCK]
        yield CardBlock(start / CARD_RATE, overflowed=False, frames=len(piece), pcm=piece.tobytes())


class UnsyncedDisk:
    """The machine's disk without waiting for it: what syncing costs is the disk's, not the processor's."""

    open = staticmethod(REAL_DISK.open)
    write = staticmethod(REAL_DISK.write)
    close = staticmethod(REAL_DISK.close)
    replace = staticmethod(REAL_DISK.replace)
    unlink = staticmethod(REAL_DISK.unlink)
    mkdir = staticmethod(REAL_DISK.mkdir)

    def fsync(self, fd: int) -> None:
        """Do nothing."""


def _encode(audio: Samples, complexity: int) -> None:
    """Encode with libopus alone, as few calls as may be, and throw the packets away."""
    opus = encoder(complexity)
    for start in range(0, len(audio), RATE):
        opus.encode(audio_frame(audio[start : start + RATE], start))
    opus.encode(None)


def _resample(pcm: NDArray[np.int16]) -> None:
    stream = soxr.ResampleStream(CARD_RATE, RATE, 1, dtype="float32", quality="MQ")
    for start in range(0, len(pcm), _CARD_BLOCK):
        stream.resample_chunk(pcm[start : start + _CARD_BLOCK].astype(np.float32) / 32768.0)


def _ffmpeg(complexity: int, packets_ms: int | None = None) -> list[str]:
    """Return FFmpeg's command for the same work: to 8 kHz, watch for silence, encode; nothing where it is missing.

    Every setting of the encoder is ours, but for ``packets_ms``, where that is given.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        return []
    read_pcm = ["-nostdin", "-threads", "1", "-f", "s16le", "-ar", str(CARD_RATE), "-ac", "1", "-i", "pipe:0"]
    work = ["-af", f"aresample={RATE},silencedetect=noise=-45dB:d=5", "-c:a", "libopus", "-b:a", str(BIT_RATE)]
    settings = ENCODER | ({"frame_duration": str(packets_ms)} if packets_ms else {})
    opus = [word for name, value in settings.items() for word in (f"-{name}", value)]
    opus += ["-compression_level", str(complexity), "-threads", "1"]
    return [program, *read_pcm, *work, *opus, "-page_duration", "180000", "-f", "ogg", "-y", os.devnull]


def _ffmpeg_cpu_s(command: list[str], pcm: NDArray[np.int16], environment: dict[str, str] | None = None) -> float:
    """Return what it takes less what starting takes, as ours is measured."""
    starting_s = program_cpu_s(command, pcm[:_CARD_BLOCK].tobytes(), environment)
    return program_cpu_s(command, pcm.tobytes(), environment) - starting_s
