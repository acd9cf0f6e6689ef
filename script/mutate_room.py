"""``script/mutate``: mutates a copy of one room, runs that room's tests on each mutant, and tells the survivors.

Rooms are tables under ``tool.mutation`` in ``pyproject.toml``; survivors that no test can kill, and why, are in
``tests/mutation.toml``. Exit 1 where a survivor is not explained there.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tomli_w
from mutmut import configuration
from mutmut.__main__ import collect_source_file_mutation_data, create_mutants
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir

HOME = Path(__file__).parents[1]
SCRATCH = HOME / "build" / "mutation"
KILLED = {"killed", "segfault"}


@dataclass(frozen=True, slots=True)
class Room:
    """What is mutated, and the tests that should notice: those of ``tests`` that ``-k chosen`` picks, or all."""

    name: str
    code: list[str]
    tests: list[str]
    chosen: str
    sample: int


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. ``diff`` is empty where the mutant was killed; a timeout may be an endless loop or a busy machine."""

    name: str
    status: str
    diff: str = ""


def main() -> int:
    """Mutate a room; return 0 where every mutant was killed or is explained."""
    parser = argparse.ArgumentParser(prog="script/mutate", description=__doc__.splitlines()[0])
    parser.add_argument("room", nargs="?", help="which room")
    parser.add_argument("--list", action="store_true", help="name the rooms and stop")
    parser.add_argument("--sample", type=int, help="how many mutants, drawn by --seed; 0 is all (default: the room's)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--matching", default="", help="only mutants with this in their name")
    wish = parser.parse_args()
    rooms = _rooms()
    if wish.list or wish.room not in rooms:
        print("\n".join(f"{room.name}: {', '.join(room.code)}" for room in rooms.values()))
        return 0 if wish.list else 2
    room = rooms[wish.room]
    _copy(room)
    names = _generated(wish.processes, wish.matching)
    count = room.sample if wish.sample is None else wish.sample
    chosen = random.Random(wish.seed).sample(names, count) if 0 < count < len(names) else names  # noqa: S311
    print(f"{room.name}: {len(chosen)} of {len(names)} mutants", flush=True)
    _run(wish.processes, chosen if len(chosen) < len(names) else [])
    return _tell(room, list(_results(set(chosen))), len(names))


def _rooms() -> dict[str, Room]:
    tables = tomllib.loads((HOME / "pyproject.toml").read_text())["tool"]["mutation"]
    return {
        name: Room(name, table["code"], table["tests"], table.get("chosen", ""), table.get("sample", 0))
        for name, table in tables.items()
    }


def _copy(room: Room) -> None:
    """Lay out what is under version control, or soon will be, where mutants do no harm; go there."""
    place = SCRATCH / room.name
    shutil.rmtree(place, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HOME, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (HOME / name).is_file() and name.startswith(("appliance/", "tests/", "docs/", "pyproject.toml")):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(HOME / name, place / name)
    project = tomllib.loads((place / "pyproject.toml").read_text())
    tests = [str(path.relative_to(place)) for pattern in room.tests for path in sorted(place.glob(pattern))]
    tests += ["-k", room.chosen] if room.chosen else []
    project["tool"]["mutmut"] |= {"only_mutate": room.code, "pytest_add_cli_args_test_selection": tests}
    (place / "pyproject.toml").write_text(tomli_w.dumps(project))
    os.chdir(place)
    configuration.reset_config()


def _generated(processes: int, matching: str) -> list[str]:
    Path("mutants").mkdir()
    copy_src_dir()
    copy_also_copy_files()
    create_mutants(processes)
    mutants, _ = collect_source_file_mutation_data(mutant_names=())
    return sorted(name for _, name, _ in mutants if matching in name)


def _run(processes: int, chosen: list[str]) -> None:
    log = Path("mutmut.log")
    with log.open("w") as file:
        command = ["mutmut", "run", "--max-children", str(processes), *chosen]
        ended = subprocess.run(command, check=False, stdout=file, stderr=subprocess.STDOUT)
    if ended.returncode:
        sys.exit(f"mutmut could not run. It says in {log.resolve()} why:\n{log.read_text()[-2000:]}")


def _results(chosen: set[str]) -> Iterator[Mutant]:
    mutants, _ = collect_source_file_mutation_data(mutant_names=())
    for data, name, code in mutants:
        if name in chosen:
            status = status_by_exit_code[code]
            yield Mutant(name, status, "" if status in KILLED else get_diff_for_mutant(name, path=data.path))


def _tell(room: Room, mutants: list[Mutant], of: int) -> int:
    explained = tomllib.loads((HOME / "tests" / "mutation.toml").read_text()).get(room.name, [])
    left = [mutant for mutant in mutants if mutant.diff]
    reasons = {mutant.name: _reason(mutant, explained) for mutant in left}
    for mutant in left:
        print(f"\n{mutant.status}: {mutant.name}\n{_changed(mutant)}\n  {reasons[mutant.name] or 'NOT EXPLAINED'}")
    counts = Counter("explained" if reasons.get(mutant.name) else mutant.status for mutant in mutants)
    print(f"\n{room.name}: {len(mutants)} of {of} mutants; {dict(counts)}")
    return 1 if counts.keys() - KILLED - {"explained", "timeout"} else 0


def _changed(mutant: Mutant) -> str:
    lines = mutant.diff.splitlines()[2:]
    return "\n".join(line for line in lines if line.startswith(("-", "+")))


def _reason(mutant: Mutant, explained: list[dict[str, str]]) -> str:
    """Return why no test can kill it: where an entry's ``line`` becomes its ``becomes`` in this mutant."""
    lines = {line[0]: line[1:].strip() for line in _changed(mutant).splitlines()}
    for entry in explained:
        if lines.get("-") == entry["line"] and entry.get("becomes", lines.get("+")) == lines.get("+"):
            return entry["why"]
    return ""


if __name__ == "__main__":
    sys.exit(main())
