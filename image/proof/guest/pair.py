"""Runs in the booted box: a pair of wires on one of its looped-back cards, at rest until a call is put on it.

A tap hears a line's noise at all times. So one player never stops: it plays the sound of rest over and over, and a call
between two pieces of that.
"""

import fcntl
import os
import subprocess
import sys
import wave
from pathlib import Path

REST = Path("/run/proof/nothing.wav")
PIECE_S = 0.1
_HEADER_BYTES = 44
_PIPE_BYTES = 4096  # the least: what waits there is a delay


def main(card: str) -> None:
    """Play for as long as the box runs."""
    wish = Path(f"/run/pair-{card}.wav")
    with wave.open(str(REST)) as rest:
        rate = rest.getframerate()
        sound = rest.readframes(rest.getnframes())
    size = 2 * int(PIECE_S * rate)
    with os.fdopen(_player(card, rate), "wb") as player:
        while True:
            for at in range(0, len(sound), size):
                player.write(sound[at : at + size])
                if wish.exists():
                    call = wish.read_bytes()
                    wish.unlink()
                    player.write(call[_HEADER_BYTES:])


def _player(card: str, rate: int) -> int:
    """Start the player; return the pipe that it plays from, as one channel of 16 bits."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    form = ["-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(rate), "--buffer-time=400000"]
    subprocess.Popen(["aplay", *form, "-D", f"hw:CARD={card},DEV=0"], stdin=reading)
    os.close(reading)
    return writing


if __name__ == "__main__":
    main(sys.argv[1])
