"""Copies that leave the box: made in the background, recorded in their case, and held in memory until they are taken.

Nothing of a copy in clear is ever on a disk. What is cut is gone from every file of it; the files' hashes stand
in the case and in the journal, and only then can the archive be read.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from appliance.casework.custody import Custody, PackedCall, PackedFile, custody_sheet
from appliance.casework.cuts import Fill, Redaction
from appliance.errors import LinekeeperError
from appliance.keeper.archive import archive, new_passphrase
from appliance.keeper.cutter import CutSound, cut
from appliance.link.messages.packs import PackStage
from appliance.model.calls import CallId
from appliance.storage.journal import Anchor

log = logging.getLogger(__name__)

KEPT_S = 30 * 60
"""How long a finished copy waits to be taken."""

_CUTTING = 0.9  # of the whole work


@dataclass(frozen=True, slots=True)
class Source:
    """One recording to copy: its plain sound, what is cut and what part is given."""

    call_id: CallId
    started_at: datetime
    line_name: str
    recorded_s: float
    seal: str
    sealed_sha256: str
    opus: bytes = field(repr=False)
    redactions: tuple[Redaction, ...] = ()
    part: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: for which case, by and for whom."""

    practice: str
    reference: str
    made_by: str
    made_at: datetime
    to: str
    means: str
    fill: Fill
    sources: tuple[Source, ...]


Made = tuple[str, tuple[Redaction, ...]]
"""Of one call: the SHA-256 of its WAV, and what was cut out of it."""


class Register(Protocol):
    """Where a copy is written down: in the journal when its sound is made, in its case when it can be taken."""

    def write(self, made: Mapping[CallId, Made]) -> Anchor:
        """Write what was made into the journal, if the case still allows it; return where the journal then ends."""
        ...

    def enter(self, made: Mapping[CallId, Made]) -> None:
        """Enter the copy into its case; nobody can take it before this has returned."""
        ...


@dataclass(slots=True)
class Pack:
    """One copy on its way. ``taken`` once a byte of it was read."""

    order: Order
    begun_s: float
    stage: PackStage = PackStage.MAKING
    done: float = 0.0
    why: str = ""
    passphrase: str = ""
    custody: str = ""
    data: bytes = b""
    sha256: str = ""
    taken: bool = False


class Packs:
    """All copies, by person and case. Safe to use from several threads; makes one at a time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """There are none."""
        self._monotonic = monotonic
        self._lock, self._making = threading.Lock(), threading.Lock()
        self._packs: dict[tuple[str, str], Pack] = {}

    def make(self, username: str, order: Order, register: Register) -> threading.Thread:
        """Begin to make a copy, in the place of what this person had of the case."""
        pack = Pack(order, self._monotonic())
        with self._lock:
            self._packs[username, order.reference] = pack
        thread = threading.Thread(target=self._made, args=(pack, register), name="copy", daemon=True)
        thread.start()
        return thread

    def find(self, username: str, reference: str) -> Pack | None:
        """Return somebody's copy for a case, if it has not been dropped."""
        self.drop_old()
        with self._lock:
            return self._packs.get((username, reference))

    def drop(self, username: str, reference: str) -> None:
        """Let go of a copy."""
        with self._lock:
            self._packs.pop((username, reference), None)

    def drop_old(self, signed_in: frozenset[str] | None = None) -> None:
        """Let go of copies whose time is over, and of those whose owner is not among ``signed_in``."""
        oldest = self._monotonic() - KEPT_S
        with self._lock:
            self._packs = {
                (who, reference): pack
                for (who, reference), pack in self._packs.items()
                if pack.begun_s > oldest and (signed_in is None or who in signed_in)
            }

    def _made(self, pack: Pack, register: Register) -> None:
        with self._making:
            try:
                _make(pack, register)
            except LinekeeperError as wrong:
                pack.why, pack.stage = str(wrong), PackStage.FAILED
            except Exception:
                log.exception("a copy could not be made")
                pack.why, pack.stage = "The copy could not be made. Call support.", PackStage.FAILED


def _make(pack: Pack, register: Register) -> None:
    order = pack.order
    files, calls = dict[str, bytes](), list[PackedCall]()
    for number, source in enumerate(order.sources):

        def saw(done: float, before: int = number) -> None:
            pack.done = _CUTTING * (before + done) / len(order.sources)

        sound = cut(source.opus, source.redactions, order.fill, source.part, saw)
        named = _named(number + 1, source, sound)
        files.update(named)
        calls.append(_packed(source, sound, named))
    made = {call.call_id: (call.files[0].sha256, call.redactions) for call in calls}
    pack.custody = custody_sheet(_custody(order, calls, register.write(made)))
    pack.passphrase = new_passphrase()
    pack.data = archive({"Custody sheet.txt": pack.custody.encode(), **files}, pack.passphrase, order.made_at)
    pack.sha256 = hashlib.sha256(pack.data).hexdigest()
    register.enter(made)
    pack.done, pack.stage = 1.0, PackStage.READY


def _named(number: int, source: Source, sound: CutSound) -> dict[str, bytes]:
    """Return the files of one call; their names hold no number and no person."""
    stem = f"Call {number} of {source.started_at:%Y-%m-%d}"
    return {f"{stem}.wav": sound.wav, f"{stem}.mp3": sound.mp3}


def _packed(source: Source, sound: CutSound, named: Mapping[str, bytes]) -> PackedCall:
    files = (PackedFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in named.items())
    return PackedCall(
        call_id=source.call_id,
        started_at=source.started_at,
        line_name=source.line_name,
        recorded_s=source.recorded_s,
        copied_s=sound.seconds,
        seal=source.seal,
        sealed_sha256=source.sealed_sha256,
        redactions=source.redactions,
        part=source.part,
        files=tuple(files),
    )


def _custody(order: Order, calls: Sequence[PackedCall], anchor: Anchor) -> Custody:
    return Custody(
        practice=order.practice,
        reference=order.reference,
        made_by=order.made_by,
        made_at=order.made_at,
        to=order.to,
        means=order.means,
        fill=order.fill,
        calls=tuple(calls),
        entry=anchor.number,
        anchor=anchor.sum,
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
