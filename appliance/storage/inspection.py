"""Does everything in a vault add up, as far as that can be told without a key? Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import SealBroken
from appliance.model.calls import CallId
from appliance.storage.casebook import damaged_cases
from appliance.storage.journal import public_key_of
from appliance.storage.journalcheck import JournalReport, check
from appliance.storage.sheet import Sheet, read_sheet
from appliance.storage.stream import HEADER
from appliance.storage.vault import sheets_in


@dataclass(frozen=True, slots=True)
class Inspected:
    """One recording. ``fault`` says what is wrong with it; empty if nothing is, or if only a key could tell."""

    call_id: CallId
    fault: str = ""


def inspect_journal(vault: Path) -> JournalReport:
    """Follow the whole journal.

    Raises:
        JournalBroken: there is none, or its key cannot be read.
    """
    folder = vault / "journal"
    return check(folder, public_key_of(folder))


def inspect_recordings(vault: Path) -> Iterator[Inspected]:
    """Look at every recording's sheet and that its audio is there, oldest first."""
    for day in sorted((vault / "recordings").iterdir()):
        for call_id in sheets_in(day):
            yield Inspected(call_id, _fault(day / f"{call_id}.meta"))


def inspect_cases(vault: Path) -> tuple[int, tuple[str, ...]]:
    """Return how many records of casework there are, and the references of those that are damaged or unreadable."""
    return damaged_cases(vault / "cases")


def _fault(path: Path) -> str:
    try:
        sheet = read_sheet(path)
    except SealBroken as wrong:
        return str(wrong)
    return _audio_fault(sheet, path.with_suffix(".audio"))


def _audio_fault(sheet: Sheet, audio: Path) -> str:
    wanted = sheet.closing.audio_bytes if sheet.closing else 0
    if sheet.closing is not None and sheet.closing.missed:
        return ""
    if not audio.exists():
        return "Its audio is missing." if wanted else ""
    # Sealed bytes are always more than plain ones: so far truncation shows without a key.
    short = audio.stat().st_size < HEADER + wanted
    return "Its audio is shorter than what was recorded." if short else ""
