"""The best known decoders of keyed digits and caller display, given cut-out audio: spandsp and multimon-ng."""

import re
import shutil
import struct
import subprocess
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import soxr

from appliance.audio import RATE, Samples
from appliance.capture.simulator.signals import CallerIdSystem

MULTIMON_RATE = 22_050
"""Samples a second that multimon-ng takes."""

LOUD, LOUD_PERCENT = 0.3, 99
"""Part of full scale that a cut's loudest hundredth is brought to: the peers' gain control, with hindsight."""

DIGITS_HZ = (560.0, 4000.0)
CALLER_HZ = (900.0, 3000.0)
"""What a peer is given of the band: with it spandsp does best."""

Decoder = Callable[[Sequence[Samples]], list[str]]
"""Takes cuts, returns what was decoded in each; empty where nothing was."""

_DIGITS, _CLASS, _CLIP = 0, 1, 2


class Spandsp:
    """libspandsp, through a small program that is built when it is needed."""

    def __init__(self, program: Path) -> None:
        """Use the built program."""
        self._program = program

    @classmethod
    def built(cls, folder: Path) -> "Spandsp | None":
        """Build it in ``folder``; None where there is no compiler or no libspandsp-dev."""
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None:
            return None
        program = folder / "spandsp_peer"
        with resources.as_file(resources.files("appliance.bench") / "spandsp_peer.c") as source:
            made = subprocess.run(
                [compiler, "-O2", "-o", str(program), str(source), "-lspandsp"], capture_output=True, check=False
            )
        return cls(program) if made.returncode == 0 else None

    def digits(self, cuts: Sequence[Samples]) -> list[str]:
        """Decode keyed digits."""
        return self._decoded([(_DIGITS, _levelled(cut, DIGITS_HZ)) for cut in cuts])

    def callers(self, cuts: Sequence[tuple[Samples, CallerIdSystem]]) -> list[str]:
        """Decode callers' numbers; it is told which modem sends."""
        kinds = ((_CLASS if system is CallerIdSystem.BELL_202 else _CLIP, cut) for cut, system in cuts)
        return self._decoded([(kind, _levelled(cut, CALLER_HZ)) for kind, cut in kinds])

    def _decoded(self, records: Sequence[tuple[int, Samples]]) -> list[str]:
        data = b"".join(struct.pack("=III", kind, len(cut), 0) + _pcm(cut) for kind, cut in records)
        done = subprocess.run([str(self._program)], input=data, capture_output=True, check=True)
        return done.stdout.decode("ascii", "replace").split("\n")[: len(records)]


class Multimon:
    """multimon-ng, a program; every cut is a run of its own."""

    def __init__(self, program: str) -> None:
        """Use the program."""
        self._program = program

    @classmethod
    def found(cls) -> "Multimon | None":
        """Return it where it is installed."""
        program = shutil.which("multimon-ng")
        return cls(program) if program else None

    def digits(self, cuts: Sequence[Samples]) -> list[str]:
        """Decode keyed digits."""
        return ["".join(re.findall(r"DTMF: (\S)", self._said("DTMF", _levelled(cut, DIGITS_HZ)))) for cut in cuts]

    def callers(self, cuts: Sequence[tuple[Samples, CallerIdSystem]]) -> list[str]:
        """Decode callers' numbers; one demodulator serves both modems."""
        return [_number_in(self._said("CLIPFSK", _levelled(cut, CALLER_HZ))) for cut, _ in cuts]

    def _said(self, demodulator: str, cut: Samples) -> str:
        wide = soxr.resample(np.pad(cut, RATE // 2), RATE, MULTIMON_RATE)
        command = [self._program, "-q", "-c", "-a", demodulator, "-t", "raw", "-"]
        done = subprocess.run(command, input=_pcm(wide), capture_output=True, check=True)
        return done.stdout.decode("ascii", "replace")


def _number_in(said: str) -> str:
    found = re.search(r"\bCID=(\S+)", said)
    return found.group(1) if found else ""


def _levelled(cut: Samples, hertz: tuple[float, float]) -> Samples:
    """Return the cut with nothing outside ``hertz``, brought to ``LOUD``."""
    spectrum = np.fft.rfft(cut)
    frequencies = np.fft.rfftfreq(len(cut), 1.0 / RATE)
    spectrum[(frequencies < hertz[0]) | (frequencies > hertz[1])] = 0.0
    passed = np.fft.irfft(spectrum, len(cut)).astype(np.float32)
    loudest = float(np.percentile(np.abs(passed), LOUD_PERCENT)) + 1e-9
    levelled: Samples = np.clip(passed * np.float32(LOUD / loudest), -1.0, 1.0)
    return levelled


def _pcm(samples: Samples) -> bytes:
    return bytes(np.rint(samples * 32767.0).astype("<i2").data)
