"""Moves every threshold of the detector by 20 %, up and down; prints what changes on the project's own corpus."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from functools import cache

from appliance.bench.listening import lines
from appliance.bench.scoring import Score
from appliance.bench.sensitivity import Moved, Threshold, differences, moved, table, thresholds
from appliance.capture.simulator.corpus import CorpusLine


def main() -> None:
    """Print a line for each movement that changes anything, then how many change nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2, help="which corpus (default: 2)")
    parser.add_argument("--calls", type=int, default=100, help="at least so many calls of it (default: 100)")
    parser.add_argument("--processes", type=int, default=1, help="how many to use (default: 1)")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only thresholds with one of these words in them")
    wish = parser.parse_args()
    chosen = [one for one in thresholds() if not wish.words or any(word in str(one) for word in wish.words)]
    before = table(_lines(wish.seed, wish.calls))
    print(f"as it stands: {_said(before)}")
    quiet = 0
    with ProcessPoolExecutor(wish.processes, initializer=_lines, initargs=(wish.seed, wish.calls)) as pool:
        jobs = [pool.submit(_one, wish.seed, wish.calls, threshold) for threshold in chosen]
        for number, job in enumerate(jobs, start=1):
            for one in job.result():
                quiet += not _report(before, one)
            if sys.stderr.isatty():
                print(f"\r{number} of {len(jobs)} thresholds", end="", file=sys.stderr, flush=True)
    print(f"{quiet} of {2 * len(chosen)} movements change nothing")


def _report(before: Score, one: Moved) -> bool:
    words = differences(before, one.score)
    if words:
        print(f"{one.threshold} {one.part:+.0%} ({one.before} -> {one.value}): {words}", flush=True)
    return bool(words)


def _one(seed: int, calls: int, threshold: Threshold) -> list[Moved]:
    return list(moved(_lines(seed, calls), [threshold]))


@cache
def _lines(seed: int, calls: int) -> Sequence[CorpusLine]:
    return tuple(lines(seed, calls, an_hour=False))


def _said(score: Score) -> str:
    counts = ((field.name, getattr(score, field.name)) for field in fields(Score) if field.name != "end_errors_s")
    told = ", ".join(f"{name} {value:.4g}" for name, value in counts)
    return f"{told}, end_p50_s {score.end_error_s(50):.2f}, end_p95_s {score.end_error_s(95):.2f}"


if __name__ == "__main__":
    main()
