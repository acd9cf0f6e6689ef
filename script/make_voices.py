"""Speaks the simulator's dialogues with espeak-ng: telephone band, 8 kHz, one small Ogg Opus file each."""

import io
import json
import subprocess
import sys
import tomllib
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import soxr

VOICES = Path(__file__).resolve().parents[1] / "appliance/capture/simulator/voices"
RATE = 8000
BIT_RATE = 11_000
PAUSE = np.zeros(RATE * 3 // 10, np.float32)
PEAK = 0.8
CREST = 4.0


def main() -> None:
    """Speak every dialogue and write down when each turn begins and ends."""
    script = tomllib.loads((VOICES / "script.toml").read_text(encoding="utf-8"))
    times: dict[str, list[list[int]]] = {}
    for dialogue in script["dialogue"]:
        sound, times[dialogue["name"]] = spoken(dialogue)
        size = keep(sound, VOICES / f"{dialogue['name']}.opus")
        print(f"{dialogue['name']:14} {len(sound) / RATE:5.1f} s {size / 1000:6.1f} kB", file=sys.stderr)
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(turns)}" for name, turns in times.items())
    (VOICES / "turns.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def spoken(dialogue: dict[str, Any]) -> tuple[np.ndarray, list[list[int]]]:
    """All turns one after another, and each turn's first and last sample."""
    parts, turns, at = [PAUSE], [], len(PAUSE)
    for turn in dialogue["turns"]:
        [(party, text)] = turn.items()
        sound = in_telephone_band(said(text, dialogue[party]))
        parts += [sound, PAUSE]
        turns.append([at, at + len(sound)])
        at += len(sound) + len(PAUSE)
    return np.concatenate(parts), turns


def said(text: str, voice: str) -> np.ndarray:
    """One sentence by one of espeak-ng's voices, at 8 kHz."""
    wav = subprocess.run(["espeak-ng", "-v", voice, "-s", "158", "--stdout", text], check=True, capture_output=True)
    with wave.open(io.BytesIO(wav.stdout)) as sound:
        rate = sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float32)
    return soxr.resample(samples, rate, RATE, quality="VHQ")


def in_telephone_band(samples: np.ndarray) -> np.ndarray:
    """300 to 3400 Hz with soft edges, without the silence around it."""
    spectrum = np.fft.rfft(samples)
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum *= np.clip((frequencies - 220) / 80, 0, 1) * np.clip((3550 - frequencies) / 150, 0, 1)
    heard = np.fft.irfft(spectrum, len(samples)).astype(np.float32)
    loud = np.flatnonzero(np.abs(heard) > 0.01 * np.abs(heard).max())
    return evened(heard[loud[0] : loud[-1] + 1])


def evened(samples: np.ndarray) -> np.ndarray:
    """Soft-limited to ``CREST`` times its RMS, as a microphone amplifier does, with its peak at ``PEAK``."""
    limit = CREST * np.sqrt(np.mean(samples**2))
    limited = np.tanh(samples / limit)
    return (limited * (PEAK / np.abs(limited).max())).astype(np.float32)


def keep(samples: np.ndarray, path: Path) -> int:
    """Write ``samples`` as Ogg Opus; return the file's size."""
    with av.open(str(path), "w", format="ogg", options={"serial_offset": "1"}) as file:
        stream = file.add_stream("libopus", rate=RATE, options={"application": "voip", "vbr": "on"})
        stream.bit_rate, stream.layout = BIT_RATE, "mono"
        frame = av.AudioFrame.from_ndarray((samples * 32767).astype(np.int16)[None, :], format="s16", layout="mono")
        frame.sample_rate = RATE
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path.stat().st_size


if __name__ == "__main__":
    main()
