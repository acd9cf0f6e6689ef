"""``script/soak``: the soaks in full, with their figures; exit 1 where one is not as it should be."""

import argparse
import sys
import tempfile
from pathlib import Path

from soak.soaking import Soaked, paced, storm


def main() -> int:
    """Do what was asked; return 0 where all is as it should be."""
    parser = argparse.ArgumentParser(
        prog="script/soak", description="Soak the recorder on sound cards without hardware."
    )
    parser.add_argument("--lines", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("faults", help="many faults of the cards").add_argument("--count", type=int, default=500)
    steady = kinds.add_parser("paced", help="plain work for a long time")
    steady.add_argument("--minutes", type=float, default=30.0)
    steady.add_argument("--hogs", type=int, default=0, help="processes that never rest, beside it")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="linekeeper-soak-") as folder:
        if args.kind == "faults":
            soaked = storm(Path(folder), args.lines, args.count, args.seed)
        else:
            soaked = paced(Path(folder), args.lines, args.minutes, args.seed, args.hogs)
        return _tell(soaked, args.kind)


def _tell(soaked: Soaked, kind: str) -> int:
    print(f"lasted {soaked.lasted_s:.0f} s, stopped in {soaked.stop_s:.1f} s")
    print(f"before: {soaked.before}\nafter:  {soaked.after}")
    print(f"{soaked.cpu_s_per_line_hour:.1f} CPU s per line-hour, cards' processes and all")
    if soaked.rss:
        print(f"memory of the recorder: {soaked.rss[0]} MB first, {max(soaked.rss)} MB most, {soaked.rss[-1]} MB last")
    for number, one in enumerate(soaked.verdicts, start=1):
        held = f"{one.recordings} recordings, {one.placed} s placed, furthest {1000 * one.worst_s:.0f} ms"
        wrong = f"misplaced {one.misplaced[:4]}, unlike {one.unlike[:4]}, unaccounted {one.unaccounted[:8]}"
        print(f"line {number}: {held}; {one.gaps} gaps, {one.gap_s:.1f} s; wrong: {wrong}")
    lost = kind == "paced" and any(verdict.gap_s > 1.0 for verdict in soaked.verdicts)
    for words in (*soaked.leaks, *(["sound was lost"] if lost else [])):
        print(f"NOT GOOD: {words}")
    good = all(verdict.good for verdict in soaked.verdicts) and not soaked.leaks and not lost
    print("good" if good else "not good")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
