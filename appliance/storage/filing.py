"""From a recording's files to its entry in the catalogue: what intake and reindex have in common."""

from datetime import UTC, datetime
from pathlib import Path

from appliance.clock import ClockQuality
from appliance.errors import SealBroken
from appliance.model.calls import CallId, Direction
from appliance.storage.boots import Boots
from appliance.storage.entry import Entry, Stated
from appliance.storage.records import ClosingClear, NoteClear
from appliance.storage.sheet import Sheet, read_sheet
from appliance.storage.vault import Vault


class Filing:
    """Makes entries from the files in the vault and what is known of the machine's boots."""

    def __init__(self, vault: Vault, boots: Boots) -> None:
        """Read from ``vault``."""
        self._vault, self._boots = vault, boots

    def entry(self, call_id: CallId, folder: Path | None = None) -> Entry:
        """Return the entry of a recording in the vault, or in the ``folder`` of the trash it lies in.

        Raises:
            FileNotFoundError: it is not there.
        """
        try:
            sheet = read_sheet(folder / f"{call_id}.meta" if folder else self._vault.meta(call_id))
        except SealBroken:
            return self._of_name(call_id)
        return self.of_sheet(call_id, sheet)

    def day(self, day: str) -> list[Entry]:
        """Return the entries of all recordings in one day's folder."""
        return [self.entry(call_id) for call_id in self._vault.ids(day)]

    def of_sheet(self, call_id: CallId, sheet: Sheet) -> Entry:
        """Return the entry that a sheet tells of; its files may still be in the spool."""
        opening, closing, cut = sheet.opening, sheet.closing, sheet.cut
        stated = Stated(opening.started_at, opening.clock, opening.boot_id, opening.boottime_s)
        ended = closing or cut
        return Entry(
            call_id=call_id,
            line=opening.line,
            started_at=self._boots.started_at(stated),
            stated=stated,
            duration_s=ended.duration_s if ended else 0.0,
            direction=direction_of(sheet),
            missed=closing is not None and closing.missed,
            cut_short=closing is None,
            size=self._size(call_id),
            kid=opening.kid,
            continues=opening.continues,
        )

    def _of_name(self, call_id: CallId) -> Entry:
        """Return what the id alone tells. Its age counts from when the box was next sure of the time."""
        day_and_time, line, _salt = call_id.rsplit("-", 2)
        named = datetime.strptime(day_and_time, "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
        stated = Stated(named, ClockQuality.UNSURE, call_id, 0.0)  # no boot is known: it has one of its own
        return Entry(
            call_id=call_id,
            line=int(line),
            started_at=self._boots.started_at(stated),
            stated=stated,
            duration_s=0.0,
            direction=Direction.UNKNOWN,
            missed=False,
            cut_short=True,
            size=self._size(call_id),
            kid="",
            damaged=True,
        )

    def _size(self, call_id: CallId) -> int:
        paths = self._vault.meta(call_id), self._vault.audio(call_id)
        return sum(path.stat().st_size for path in paths if path.exists())


def direction_of(sheet: Sheet) -> Direction:
    """Return the last that was said of a call's direction."""
    said = [line.clear.direction for line in sheet.lines if isinstance(line.clear, NoteClear | ClosingClear)]
    return said[-1] if said else sheet.opening.direction
