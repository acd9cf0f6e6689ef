"""The vault as a backup sees it: it reads, beside a keeper that may be writing, and takes no lock.

Every file of the vault is replaced in one step or only grows, so whatever is read is whole: the old or the new. What
has moved away between listing and reading has gone to the trash, and is seen to the next time.
"""

from collections.abc import Iterator
from pathlib import Path

from appliance.errors import BackupRefused, JournalBroken
from appliance.model.calls import CallId
from appliance.storage.journal import Anchor, public_key_of
from appliance.storage.journalcheck import check, mentions
from appliance.storage.journalfiles import lines_of, months
from appliance.storage.journalline import Act, peek, sum_of

_LEFT_OUT = frozenset(
    {
        "recordings",
        "trash",
        "catalogue",
        "index",
        "ballast",
        "first-key.json",
        "tries.json",
        "setup-tries.json",
        "backup.json",
    }
)
"""Of the vault: what is copied by itself, what is made anew from the recordings, and what is of no use elsewhere."""


class Source:
    """A vault to be backed up."""

    def __init__(self, vault: Path) -> None:
        """Read ``vault``.

        Raises:
            BackupRefused: there is none, or it has not been set up: its first key lies in clear.
        """
        if not (vault / "recordings").is_dir():
            raise BackupRefused(f"There is no vault at {vault}. Check “folder” in the configuration.")
        if (vault / "first-key.json").exists() or not (vault / "people.json").exists():
            raise BackupRefused("Set the box up first: until then there is no key that only people have.")
        self.vault, self.journal = vault, vault / "journal"

    @property
    def box(self) -> str:
        """What names the box: its journal's public key, in hex.

        Raises:
            JournalBroken: the key cannot be read.
        """
        return public_key_of(self.journal).hex()

    def days(self) -> list[str]:
        """Return the days that have recordings, newest first."""
        return sorted((path.name for path in (self.vault / "recordings").iterdir() if path.is_dir()), reverse=True)

    def of_day(self, day: str) -> dict[str, Path]:
        """Return the finished recordings' files of a day: audio before its sheet, as the sheet says it is there."""
        folder = self.vault / "recordings" / day
        files = [path for path in folder.glob("*") if path.suffix in (".audio", ".meta")] if folder.is_dir() else []
        return {path.name: path for path in sorted(files)}

    def in_trash(self) -> frozenset[str]:
        """Return the recordings that are past their time and can still come back."""
        return frozenset(path.stem for path in (self.vault / "trash").glob("*/*.meta"))

    def rest(self) -> Iterator[tuple[str, Path]]:
        """Yield everything else that a new box would need, by its path below the vault; the journal last."""
        found = [path for path in sorted(self.vault.rglob("*")) if path.is_file() and self._wanted(path)]
        for path in sorted(found, key=lambda path: path.parent == self.journal):
            yield path.relative_to(self.vault).as_posix(), path

    def destroyed(self) -> frozenset[CallId]:
        """Return the recordings that the journal says were destroyed because their time was over."""
        told = mentions(self.journal, f'"act":"{Act.DESTROYED}"'.encode())
        return frozenset(line.call for line in told if line.act == Act.DESTROYED and line.call is not None)

    def destroyed_cases(self) -> frozenset[str]:
        """Return the references of the cases whose records the journal says were destroyed."""
        told = mentions(self.journal, f'"act":"{Act.CASE_DESTROYED}"'.encode())
        return frozenset(line.more.get("case", "") for line in told if line.act == Act.CASE_DESTROYED)

    def adds_up(self, anchor: Anchor | None) -> bool:
        """Return whether the journal does, and still holds what it held when ``anchor`` was noted elsewhere."""
        try:
            report = check(self.journal, public_key_of(self.journal), [anchor] if anchor else [])
        except JournalBroken:
            return False
        return report.intact

    def _wanted(self, path: Path) -> bool:
        parts = path.relative_to(self.vault).parts
        return parts[0] not in _LEFT_OUT and not path.name.startswith(".") and path.suffix != ".new"


def last_of(journal: Path) -> Anchor | None:
    """Return where the journal in ``journal`` ends, by the word of its last whole line."""
    for path in reversed(months(journal)):
        for raw in reversed(lines_of(path)):
            line = peek(raw) if raw.endswith(b"\n") else None
            if line is not None:
                return Anchor(line.number, sum_of(raw))
    return None
