"""Does the journal add up? And reading it, page by page."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.codec import read_json
from appliance.errors import JournalBroken, SealBroken
from appliance.model.calls import CallId
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
    wanted = _by_number([*anchors, *_own_anchor(folder)])
    number, total = 0, FIRST_SUM
    # A last line without its newline is being written, or was torn: it is not part of the journal.
    for raw in (raw for path in files for raw in lines_of(path) if raw.endswith(b"\n")):
        followed = _follow(raw, total, number, public_key)
        if followed is None or wanted.pop(number, {followed[1]}) != {followed[1]}:
            return JournalReport(number, number - 1)
        saw(followed[0])
        number, total = number + 1, followed[1]
    # What was noted elsewhere and is not here was cut off the end.
    return JournalReport(number, number - 1 if wanted else broken_before(files))


def holds(folder: Path, public_key: bytes, anchor: Anchor) -> bool:
    """Return whether everything up to an anchor noted elsewhere is still as it was then."""
    report = check(folder, public_key, [anchor])
    return report.broken_after is None or (0 <= anchor.number <= report.broken_after)


def _by_number(anchors: list[Anchor]) -> dict[int, set[str]]:
    """Return every sum that was noted of a line: two that differ can never both be met."""
    wanted = dict[int, set[str]]()
    for anchor in anchors:
        wanted.setdefault(anchor.number, set()).add(anchor.sum)
    return wanted


def _follow(raw: bytes, sum_before: str, number: int, public_key: bytes) -> tuple[JournalLine, str] | None:
    """Return a line and its sum; None where it does not add up, or signs with another key."""
    try:
        line, total = decode(raw, sum_before, number)
    except JournalBroken:
        return None
    forged = line.act == Act.CHECKPOINT and not signed(public_key, line, sum_before)
    return None if forged else (line, total)


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


def chosen(
    folder: Path, page: int, per_page: int, acts: Collection[Act], call: CallId | None = None
) -> tuple[int, list[JournalLine]]:
    """As ``pages``, of the lines that tell of one of ``acts`` (all, if there are none) and of ``call``."""
    skip, total, found = (page - 1) * per_page, 0, list[JournalLine]()
    marks = tuple(f'"act":"{act}"'.encode() for act in acts)
    of_call = f'"call":"{call}"'.encode() if call else b""
    for path in reversed(months(folder)):
        for raw in reversed(lines_of(path)):
            # Looked for in the raw line first: a year has too many to be read one by one.
            if of_call not in raw or not (not marks or any(mark in raw for mark in marks)):
                continue
            line = peek(raw)
            if line is None or (acts and line.act not in acts) or (call and line.call != call):
                continue
            total += 1
            if skip < total <= skip + per_page:
                found.append(line)
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
