"""The casebook: requests, complaints and the other records of casework, sealed one file each.

In clear is only what the box must know while nobody is signed in: that a case is open, and which recordings it keeps.
The rest names patients and staff. It is sealed to the recording key of the month, so whoever may list calls may read
it, and to those it names besides; anybody can be let log a case, for sealing needs no key of theirs.

A recording key goes when its month has wholly expired. A case lives longer: ``kids`` says which keys are still needed,
and the keeper reseals to the current one whenever somebody entitled is there.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from appliance.codec import to_json
from appliance.errors import CaseChanged, NoSuchCase, SealBroken
from appliance.files import REAL_DISK, Disk, made_folder, sync_folder
from appliance.model.calls import CallId
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.sealing import SealTo
from appliance.storage.unsealing import PrivateKey

PADDING = 512
"""What is sealed is filled up to a multiple of this, so that its length tells little."""

Opener = Callable[[str], PrivateKey | None]
"""Returns the private half of a key by its name; None where the reader has it not."""


@dataclass(frozen=True, slots=True)
class CaseHead:
    """What is in clear of a case. ``version`` counts its changes; ``calls`` are kept while it ``is_open``.

    ``changed_at`` is when somebody last acted on it: of a closed case, when it was closed.
    """

    reference: str
    kind: str
    version: int
    changed_at: datetime
    is_open: bool
    calls: tuple[CallId, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    """``sealed``: by the name of each key that opens it, the same record."""

    head: CaseHead
    sealed: dict[str, bytes]


class Casebook:
    """All cases, their heads in memory. Safe to use from several threads; the only writer of its folder."""

    def __init__(self, folder: Path, disk: Disk = REAL_DISK) -> None:
        """Read the heads in ``folder``, which is made if it is missing. A damaged file stays, and keeps its name."""
        self._folder, self._disk = made_folder(folder, disk, 0o700), disk
        self._lock = threading.RLock()
        self._files: dict[str, _File] = {}
        self.damaged: frozenset[str] = frozenset()
        self.read()

    def read(self) -> None:
        """Read every head from disk again; ``damaged`` then names those that cannot be read."""
        files, damaged = dict[str, _File](), set[str]()
        with self._lock:
            for path in sorted(self._folder.glob("*.json")):
                try:
                    files[path.stem] = _read(path)
                except (SealBroken, OSError):
                    damaged.add(path.stem)
            self._files, self.damaged = files, frozenset(damaged)

    def references(self) -> frozenset[str]:
        """Return every reference that was ever given, also of what cannot be read: none is given twice."""
        return self.damaged | frozenset(self._files)

    def heads(self, kind: str = "") -> tuple[CaseHead, ...]:
        """Return the heads, of one kind or of all, by reference."""
        with self._lock:
            found = (file.head for file in self._files.values())
            return tuple(sorted((one for one in found if kind in ("", one.kind)), key=lambda one: one.reference))

    def head(self, reference: str) -> CaseHead:
        """Return one head.

        Raises:
            NoSuchCase: there is none. SealBroken: its file is damaged.
        """
        if reference in self.damaged:
            raise SealBroken("The record of this case is damaged. Put it back from a backup.")
        if reference not in self._files:
            raise NoSuchCase("There is no such case.")
        return self._files[reference].head

    def needing(self, call_id: CallId) -> tuple[CaseHead, ...]:
        """Return the open cases that need a recording."""
        return tuple(one for one in self.heads() if one.is_open and call_id in one.calls)

    def opened(self, reference: str, opener: Opener) -> bytes:
        """Return the sealed part of a case.

        Raises:
            NoSuchCase: there is none, or none of its keys is the reader's. SealBroken: it was changed.
        """
        head = self.head(reference)
        file = self._files[reference]
        for kid, sealed in file.sealed.items():
            key = opener(kid)
            if key is not None:
                return key.unseal(_info(head), sealed).rstrip(b" ")
        raise NoSuchCase("There is no such case.")

    def keep(self, head: CaseHead, plain: bytes, to: Iterable[SealTo]) -> None:
        """Write a case in the place of the version before it; durable when this returns.

        Raises:
            CaseChanged: somebody else wrote meanwhile. SealBroken: what lies there is damaged.
            OSError: the disk failed; the old version stays.
        """
        padded = plain + b" " * (-len(plain) % PADDING)
        sealed = {key.kid: key.seal(_info(head), padded) for key in to}
        with self._lock:
            before = self._files[head.reference].head.version if head.reference in self._files else 0
            if head.reference in self.damaged:
                raise SealBroken("The record of this case is damaged. Put it back from a backup.")
            if head.version != before + 1:
                raise CaseChanged("Somebody else changed this case first. Look at how it stands now.")
            file = _File(head, sealed)
            write_checked(self._folder / f"{head.reference}.json", file, self._disk)
            self._files[head.reference] = file

    def destroy(self, reference: str) -> None:
        """Remove a closed case for good; durable when this returns. The caller has written it down.

        Raises:
            NoSuchCase: there is none, or it is open. SealBroken: it is damaged. OSError: the disk failed.
        """
        with self._lock:
            if self.head(reference).is_open:
                raise NoSuchCase("There is no closed case of that name.")
            self._disk.unlink(str(self._folder / f"{reference}.json"))
            sync_folder(self._folder, self._disk)
            del self._files[reference]

    def kids(self) -> frozenset[str]:
        """Return the names of the keys that cases are sealed to: a recording key among them may not be destroyed."""
        with self._lock:
            return frozenset(kid for file in self._files.values() for kid in file.sealed)

    def not_sealed_to(self, kid: str) -> tuple[CaseHead, ...]:
        """Return the cases that a key does not open."""
        with self._lock:
            return tuple(file.head for file in self._files.values() if kid not in file.sealed)


def damaged_cases(folder: Path) -> tuple[int, tuple[str, ...]]:
    """Return how many records lie in ``folder`` and the references of those that cannot be read. Reads only."""
    wrong = list[str]()
    paths = sorted(folder.glob("*.json"))
    for path in paths:
        try:
            _read(path)
        except (SealBroken, OSError):
            wrong.append(path.stem)
    return len(paths), tuple(wrong)


def _read(path: Path) -> _File:
    file = read_checked(path, _File)
    if file is None or file.head.reference != path.stem:
        raise SealBroken("A file of the casebook is another case's.")
    return file


def _info(head: CaseHead) -> bytes:
    """Return what the seal is bound to: no case passes for another, an older version or another head."""
    return f"linekeeper case 1\n{hashlib.sha256(to_json(head)).hexdigest()}".encode()
