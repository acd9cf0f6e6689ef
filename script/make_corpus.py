"""Writes the project's own corpus of simulated lines to a folder: WAV files, truth.json, hook.json and ring.json."""

import argparse
import sys
import time
from pathlib import Path

from appliance.audio import RATE
from appliance.capture.simulator.corpus import write_corpus


def main() -> None:
    """Write the corpus and say how far it has got."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the files go; made if it is missing")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another corpus (default: 1)")
    parser.add_argument("--calls", type=int, default=320, help="at least so many calls (default: 320)")
    wish = parser.parse_args()
    wish.folder.mkdir(parents=True, exist_ok=True)
    started, calls, length_s, said = time.monotonic(), 0, 0.0, ""
    for number, line in enumerate(write_corpus(wish.folder, wish.seed, wish.calls), 1):
        calls, length_s = calls + len(line.truth.calls), length_s + len(line.samples) / RATE
        said = f"{calls} of {wish.calls} calls on {number} lines, {length_s / 3600:.1f} h"
        if sys.stderr.isatty():
            print(f"\r{said}", end="", file=sys.stderr, flush=True)
    print(f"\r{said}, in {time.monotonic() - started:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
