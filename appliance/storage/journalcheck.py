"""Does the journal add up? And reading it, page by page."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.codec import read_json
from appliance.errors import JournalBroken, SealBroken
from appliance.storage.journal import Anchor, signed
from appliance.storage.journalfiles import broken_before, lines_of, months
from appliance.storage.journalline import FIRST_SUM, Act, JournalLine, decode, peek


@dataclass(frozen=True, slots=True)
class JournalReport:
    """What a check found. ``broken_after`` is the last entry that can be relied on; None if all can."""

    count: int
    broken_after: int | None

    @property
    def intact(self) -> bool:
        """Whether everything adds up."""
        return self.broken_after is None


def check(
    folder: Path,
    public_key: bytes,
    anchors: Iterable[Anchor] = (),
    saw: Callable[[JournalLine], None] = lambda _line: None,
) -> JournalReport:
    """Follow the whole chain, its checkpoints, and every anchor noted elsewhere; ``saw`` is given each good line."""
    files = months(folder)
    wanted = {anchor.number: anchor.sum for anchor in (*anchors, *_own_anchor(folder))}
    number, total, good = 0, FIRST_SUM, True
    for path in files:
        for raw in lines_of(path):
            try:
                line, now = decode(raw, total, number)
            except JournalBroken:
                good = False
                break
            forged = line.act == Act.CHECKPOINT and not signed(public_key, line, total)
            if forged or wanted.pop(number, now) != now:
                good = False
                break
            saw(line)
            number, total = number + 1, now
        if not good:
            break
    earlier = broken_before(files)
    if not good or wanted:
        return JournalReport(number, number - 1)
    return JournalReport(number, earlier)


def pages(folder: Path, page: int, per_page: int) -> tuple[int, list[JournalLine]]:
    """Return how many lines there are, and the ``page``-th (from 1) ``per_page`` of them, newest first."""
    skip, total, found = (page - 1) * per_page, 0, list[JournalLine]()
    for path in reversed(months(folder)):
        lines = lines_of(path)
        start = max(0, skip - total)
        wanted = lines[::-1][start : start + per_page - len(found)] if total + len(lines) > skip else []
        found += [line for raw in wanted if (line := peek(raw)) is not None]
        total += len(lines)
    return total, found


def mentions(folder: Path, words: bytes) -> Iterator[JournalLine]:
    """Yield the lines that hold ``words``, newest first, unchecked."""
    for path in reversed(months(folder)):
        for raw in reversed(lines_of(path)):
            if words in raw and (line := peek(raw)) is not None:
                yield line


def _own_anchor(folder: Path) -> list[Anchor]:
    """Return the checkpoint noted beside the journal; one that cannot be read is as good as none."""
    try:
        anchor = read_json(folder / "anchor.json", Anchor)
    except SealBroken:
        return []
    return [anchor] if anchor is not None else []
