"""Intake: what the recorder has finished goes from the spool into the vault and onto the list.

A recording without its end whose recorder has gone is taken in too, marked as cut short, with what of it is genuine.
"""

import logging
from collections.abc import Set as AbstractSet
from pathlib import Path

from appliance.clock import Clock
from appliance.errors import SealBroken
from appliance.files import REAL_DISK, Disk
from appliance.model.calls import CallId
from appliance.storage.boots import Boots
from appliance.storage.catalogue import Catalogue
from appliance.storage.entry import Entry
from appliance.storage.filing import Filing
from appliance.storage.keyring import Keyring
from appliance.storage.records import CutClear
from appliance.storage.sheet import Sheet, read_sheet, rewrite
from appliance.storage.spool import Spool
from appliance.storage.stream import HEADER, SEGMENT, TAG
from appliance.storage.vault import Vault, sheets_in

log = logging.getLogger(__name__)

QUIET_S = 5.0
"""A file that has not grown for so long is nobody's any more; the recorder syncs each second."""

_BYTES_PER_S = 3000
"""Of Opus at 24 kbit/s, constant: how the length of a cut recording is told without its key."""


class Intake:
    """Takes in. One owner."""

    def __init__(
        self,
        spool: Path,
        vault: Vault,
        catalogue: Catalogue,
        boots: Boots,
        keyring: Keyring,
        clock: Clock,
        disk: Disk = REAL_DISK,
    ) -> None:
        """Move from ``spool`` into ``vault``."""
        self._folder, self._spool = spool, Spool(spool, disk)
        self._vault, self._catalogue, self._boots, self._keyring = vault, catalogue, boots, keyring
        self._filing, self._clock, self._disk = Filing(vault, boots), clock, disk
        self._grown: dict[CallId, tuple[int, float]] = {}

    def take(self, open_now: AbstractSet[CallId]) -> list[Entry]:
        """Take in everything that is ready; ``open_now`` is what the recorder says it is recording. Returns entries."""
        ids = self._spool.ids()
        self._grown = {call_id: seen for call_id, seen in self._grown.items() if call_id in ids}
        self._finish_moves(ids)
        return [entry for call_id in ids if (entry := self._taken(call_id, open_now)) is not None]

    def open_calls(self) -> list[tuple[CallId, Sheet]]:
        """Return the recordings going on, oldest first, with what stands of them in clear."""
        found = []
        for call_id in self._spool.ids():
            try:
                sheet = read_sheet(self._spool.meta(call_id))
            except (SealBroken, FileNotFoundError):
                continue
            if not sheet.finished:
                found.append((call_id, sheet))
        return found

    def _taken(self, call_id: CallId, open_now: AbstractSet[CallId]) -> Entry | None:
        try:
            sheet = read_sheet(self._spool.meta(call_id))
        except SealBroken as wrong:
            if self._is_going_on(call_id, open_now):
                return None
            log.error("recording %s is taken in damaged: %s", call_id, wrong)
            self._boots.heard_of(call_id)  # its boot cannot be read: see Filing
            return self._filed(call_id)
        if not sheet.finished:
            if self._is_going_on(call_id, open_now):
                return None
            self._cut(call_id, sheet)
        self._boots.heard_of(sheet.opening.boot_id)
        return self._filed(call_id)

    def _filed(self, call_id: CallId) -> Entry:
        self._vault.take(call_id, self._folder)
        entry = self._filing.entry(call_id)
        self._catalogue.put(entry)
        return entry

    def _is_going_on(self, call_id: CallId, open_now: AbstractSet[CallId]) -> bool:
        """Return whether the recorder still has the call: it says so, or its files grew within ``QUIET_S``."""
        paths = self._spool.meta(call_id), self._spool.audio(call_id)
        size, now_s = sum(path.stat().st_size for path in paths if path.exists()), self._clock.monotonic()
        before = self._grown.get(call_id)
        if before is None or before[0] != size or call_id in open_now:
            self._grown[call_id] = size, now_s
            return True
        return now_s - before[1] < QUIET_S

    def _cut(self, call_id: CallId, sheet: Sheet) -> None:
        """Write down that a recording was cut short, in the place of its closing."""
        audio = self._spool.audio(call_id)
        length = _whole_segments(audio.stat().st_size) if audio.exists() else 0
        cut = CutClear(call_id, self._clock.now().at, length, round(length / _BYTES_PER_S, 1))
        key = self._keyring.seal_to(sheet.opening.kid)
        rewrite(self._spool.meta(call_id), sheet.with_cut(cut, key), self._disk)
        log.warning("recording %s was cut short and is taken in with %.0f s", call_id, cut.duration_s)

    def _finish_moves(self, ids: tuple[CallId, ...]) -> None:
        """Bring audio after its sheet, where a power cut came between the two."""
        for audio in self._folder.glob("*.audio"):
            call_id = CallId(audio.stem)
            if call_id not in ids and self._vault.has(call_id):
                self._vault.take(call_id, self._folder)


def _whole_segments(stored: int) -> int:
    """Return the plain bytes in the whole segments of a stream without its end."""
    segments = stored // SEGMENT
    return segments * (SEGMENT - TAG) - HEADER if segments else 0


def missing_days(vault: Vault, catalogue: Catalogue) -> list[str]:
    """Return the days whose recordings are more or fewer than their entries: what a power cut left between the two."""
    return [
        day
        for day in sorted(vault.days() | catalogue.files())
        if {entry.call_id for entry in catalogue.filed(day)} != set(sheets_in(vault.recordings / day))
    ]
