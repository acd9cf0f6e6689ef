"""Tombstones: what was destroyed on the box goes from the backup too, before anything is copied.

Only what the journal says was destroyed. A recording that the box merely lacks may have been lost by a failing card or
an intruder: of that the backup is the last copy, and it is kept and counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.storage.backup.folder import BackupFolder
from appliance.storage.backup.source import Source
from appliance.storage.backup.sums import FileSum


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of what the box has no more: recordings removed, and recordings that only the backup has."""

    removed: int = 0
    only_here: int = 0


class Tombstones:
    """Removes from a backup. The caller has found that the journal adds up."""

    def __init__(self, source: Source, target: BackupFolder) -> None:
        """Compare ``target`` with ``source``."""
        self._source, self._target = source, target

    def apply(self, *, trusted: bool) -> Removed:
        """Remove what was destroyed; only count it where the journal is not ``trusted``."""
        if trusted:
            self._drop_cases()
        gone = {day: calls for day in self._target.days() if (calls := self._gone(day))}
        if not gone:
            return Removed()
        destroyed = self._source.destroyed() if trusted else frozenset()
        removed = 0
        for day, calls in gone.items():
            removed += self._removed(day, calls & destroyed)
        return Removed(removed, sum(map(len, gone.values())) - removed)

    def drop_keys(self) -> int:
        """Remove grants that the box has destroyed and that no recording here needs; return how many."""
        sums = self._target.sums("vault")
        gone = [name for name in sums if name.startswith("grants/") and not (self._source.vault / name).exists()]
        needed = self._kids() if gone else frozenset()
        unneeded = [name for name in gone if not needed & {Path(name).stem, ""}]
        if unneeded:
            self._target.keep_sums("vault", {name: told for name, told in sums.items() if name not in unneeded})
            self._target.remove((self._target.vault / name for name in unneeded), self._target.vault / "grants")
        return len(unneeded)

    def _gone(self, day: str) -> set[str]:
        here = {Path(name).stem for name in self._target.sums(day)}
        there = {Path(name).stem for name in self._source.of_day(day) if name.endswith(".meta")}
        return here - there - self._source.in_trash() if here - there else set()

    def _removed(self, day: str, calls: set[str]) -> int:
        if not calls:
            return 0
        folder = self._target.recordings / day
        for call in sorted(calls):  # the sheet first: with it goes the key of the audio
            self._target.remove((folder / f"{call}.meta", folder / f"{call}.audio"), folder)
            self._drop_hold(call)
        left = {name: told for name, told in self._target.sums(day).items() if Path(name).stem not in calls}
        self._target.keep_sums(day, left)
        return len(calls)

    def _drop_hold(self, call: str) -> None:
        name, sums = f"holds/{call}.json", self._target.sums("vault")
        if name in sums and not (self._source.vault / name).exists():
            self._target.remove([self._target.vault / name], self._target.vault / "holds")
            self._target.keep_sums("vault", {kept: told for kept, told in sums.items() if kept != name})

    def _drop_cases(self) -> None:
        """Remove the records of casework whose time was over."""
        sums = self._target.sums("vault")
        lacking = [name for name in sums if name.startswith("cases/") and not (self._source.vault / name).exists()]
        destroyed = self._source.destroyed_cases() if lacking else frozenset()
        gone = [name for name in lacking if Path(name).stem in destroyed]
        if gone:
            self._target.remove((self._target.vault / name for name in gone), self._target.vault / "cases")
            self._target.keep_sums("vault", {name: told for name, told in sums.items() if name not in gone})

    def _kids(self) -> frozenset[str]:
        """Return the names of the keys that recordings here need; an empty one among them where that is not known."""
        return frozenset(told.kid for told in self._sheets())

    def _sheets(self) -> Iterator[FileSum]:
        for day in self._target.days():
            yield from (told for name, told in self._target.sums(day).items() if name.endswith(".meta"))
