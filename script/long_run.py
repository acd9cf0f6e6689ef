"""``script/long-run``: 24 hours of four lines over a simulated month, and a table; exit 1 where something is wrong."""

import argparse
import sys
import tempfile
from pathlib import Path

from longrun.running import long_run, quick_folder, sized


def main() -> int:
    """Do what was asked; return 0 where all agrees."""
    parser = argparse.ArgumentParser(prog="script/long-run", description="Live a month and hold it against the truth.")
    parser.add_argument("--hours", type=float, default=24.0, help="hours that four lines are listened to (24)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="the folder to live in, empty or new; it stays")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="linekeeper-long-run-", dir=quick_folder()) as folder:
        where = args.keep or Path(folder)
        where.mkdir(parents=True, exist_ok=True)
        report = long_run(where, sized(args.hours), args.seed, None, lambda words: print(words, flush=True))
    width = max(len(name) for name, _ in report.figures)
    for name, figure in report.figures:
        print(f"{name:{width}}  {figure}")
    for words in report.wrong:
        print(f"NOT GOOD: {words}")
    print("not good" if report.wrong else "good")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
