"""The journal's files: one a month, in the order they were written."""

from dataclasses import dataclass
from pathlib import Path

from appliance.errors import JournalBroken
from appliance.files import REAL_DISK, Disk, replace_durably
from appliance.storage.journalline import FIRST_SUM, Act, JournalLine, decode, peek, sum_of


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a chain ends: how many lines it has, and the sum of the last."""

    count: int
    sum: str


def months(folder: Path) -> list[Path]:
    """Return the files, oldest first: ``2026-11.jsonl``, and ``2026-11.r1.jsonl`` where it was resumed after damage."""
    return sorted(folder.glob("????-??.*jsonl"))


def lines_of(path: Path) -> list[bytes]:
    """Return the raw lines of a file, each with its newline; one without is the last of a live or torn file."""
    return path.read_bytes().splitlines(keepends=True)


def mended(path: Path, disk: Disk = REAL_DISK) -> int:
    """Remove a last line that the power cut tore: without its newline, or with zeros the disk never wrote over.

    Returns how many bytes were removed. Such a line was never acknowledged, so what it describes was not done.
    """
    lines = lines_of(path)
    torn = bool(lines) and (not lines[-1].endswith(b"\n") or b"\0" in lines[-1])
    if not torn:
        return 0
    replace_durably(path, b"".join(lines[:-1]), disk)
    return len(lines[-1])


def tail_of(files: list[Path]) -> Tail:
    """Check the newest file's chain and return where it ends.

    Raises:
        JournalBroken: a line in it does not add up.
    """
    return followed(files[-1], start_of(files)) if files else Tail(0, FIRST_SUM)


def start_of(files: list[Path]) -> Tail:
    """Return what the newest of ``files`` follows on, by the word of the file before.

    Raises:
        JournalBroken: the file before does not end in a line.
    """
    resumed = _resumption(files[-1])
    if resumed is not None:
        return Tail(resumed.number, FIRST_SUM)
    if len(files) == 1:
        return Tail(0, FIRST_SUM)
    before = lines_of(files[-2])
    if not before:
        return start_of(files[:-1])
    last = peek(before[-1])
    if last is None:
        raise JournalBroken(f"The last line of {files[-2].name} cannot be read.")
    return Tail(last.number + 1, sum_of(before[-1]))


def followed(path: Path, start: Tail) -> Tail:
    """Check every line of a file that goes on from ``start``; return where it ends.

    Raises:
        JournalBroken: a line does not add up.
    """
    number, total = start.count, start.sum
    for raw in lines_of(path):
        _, total = decode(raw, total, number)
        number += 1
    return Tail(number, total)


def good_until(files: list[Path]) -> int:
    """Return the number of the last entry that adds up in a newest file that does not; -1 for none."""
    number = -1
    try:
        start = start_of(files)
        number, total = start.count, start.sum
        for raw in lines_of(files[-1]):
            _, total = decode(raw, total, number)
            number += 1
    except JournalBroken:
        pass
    return max(number - 1, -1)


def next_number(path: Path) -> int:
    """Return a number above those of all lines in a damaged file."""
    return max((line.number for raw in lines_of(path) if (line := peek(raw))), default=-1) + 1


def broken_before(files: list[Path]) -> int | None:
    """Return after which entry the journal was once found not to add up, if it ever was."""
    found = [line for path in files if (line := _resumption(path)) is not None]
    return int(found[0].more.get("after", "-1")) if found else None


def _resumption(path: Path) -> JournalLine | None:
    """Return a file's first line if it resumes a damaged journal."""
    if path.name.count(".") != 2:
        return None
    with path.open("rb") as file:
        line = peek(file.readline())
    return line if line is not None and line.act == Act.RESUMED else None
