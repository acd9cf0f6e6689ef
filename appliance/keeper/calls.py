"""Calls as they are told to somebody entitled: clear facts, the opened sheet, and the audio behind it."""

from dataclasses import dataclass, replace
from pathlib import Path

from appliance.errors import NoSuchCall, NotAllowed, SealBroken
from appliance.keeper.opening import RecordingKeys, known_of, unknown
from appliance.keeper.playing import AudioShelf, Integrity, Sound, open_audio
from appliance.keeper.stores import Stores
from appliance.link.messages.calls import CallRow
from appliance.model.calls import CallId
from appliance.storage.daycolumns import Glance
from appliance.storage.entry import Entry
from appliance.storage.filing import Filing
from appliance.storage.index import Known
from appliance.storage.sheet import Sheet, Whole


@dataclass(frozen=True, slots=True)
class Found:
    """One call. ``whole`` is None where its sheet does not open; ``open`` while it is still being recorded."""

    entry: Entry
    whole: Whole | None
    open: bool = False


class Calls:
    """Finds calls in the vault, and in the spool while they go on."""

    def __init__(self, stores: Stores, shelf: AudioShelf) -> None:
        """Look in ``stores``; keep audio open on ``shelf``."""
        self._stores, self._shelf = stores, shelf
        self._filing = Filing(stores.vault, stores.boots)

    def find(self, call_id: CallId, keys: RecordingKeys) -> Found:
        """Return a call with its sheet opened.

        Raises:
            NoSuchCall: there is none.
        """
        for open_id, sheet in self._stores.intake.open_calls():
            if open_id == call_id:
                return self.going_on(sheet, keys)
        entry = self._stores.catalogue.get(call_id)
        return Found(entry, _opened(self._stores.vault.meta(call_id), keys))

    def all_going_on(self, keys: RecordingKeys) -> list[Found]:
        """Return the calls being recorded now, newest first."""
        return [self.going_on(sheet, keys) for _, sheet in reversed(self._stores.intake.open_calls())]

    def going_on(self, sheet: Sheet, keys: RecordingKeys) -> Found:
        """Return a call that is still being recorded."""
        entry = self._filing.of_sheet(sheet.opening.id, sheet)
        lasted_s = (self._stores.clock.now().at - entry.started_at).total_seconds()
        entry = replace(entry, cut_short=False, duration_s=max(0.0, lasted_s))
        try:
            return Found(entry, sheet.unseal(keys.of(sheet.opening.kid)), open=True)
        except (SealBroken, NotAllowed):
            return Found(entry, None, open=True)

    def audio(self, found: Found) -> tuple[Sound | None, Integrity]:
        """Return a call's audio, if any of it can be played, and what its seals say."""
        call_id = found.entry.call_id
        if found.open:
            return None, Integrity.OPEN
        if found.whole is None:
            return None, Integrity.DAMAGED
        if found.entry.missed:
            return None, Integrity.UNCHANGED
        audio = self._shelf.get(call_id) or open_audio(self._stores.vault.audio(call_id), found.whole)
        if audio is None:
            nothing_yet = found.entry.cut_short and not self._stores.vault.audio(call_id).exists()
            return None, Integrity.CUT_SHORT if nothing_yet else Integrity.DAMAGED
        kept = self._shelf.put(call_id, audio)
        return kept, kept.integrity

    def known(self, found: Found, line_name: str) -> Known:
        """Return what lists show of a call; ``line_name`` where its sheet does not open."""
        return known_of(found.whole) if found.whole else unknown(found.entry.call_id, line_name)

    def listed(self, entry: Entry | Glance, keys: RecordingKeys, line_name: str) -> tuple[Known, bool]:
        """Return what lists show of a call, and whether its sheet is damaged; from the index where that has it."""
        known = self._stores.index.get(entry.call_id)
        if known is not None and known.line_name:
            return known, False
        whole = _opened(self._stores.vault.meta(entry.call_id), keys)
        if whole is None:
            return unknown(entry.call_id, line_name), True
        return known_of(whole), False

    def whole(self, entry: Entry, keys: RecordingKeys) -> Whole | None:
        """Return a call's opened sheet; None where it does not open, or has gone this moment."""
        try:
            return _opened(self._stores.vault.meta(entry.call_id), keys)
        except NoSuchCall:
            return None

    def held(self, call_id: CallId) -> bool:
        """Return whether a legal hold stands on a call."""
        return self._stores.holds.is_held(call_id)


def row(found: Found, known: Known, held: bool, damaged: bool) -> CallRow:
    """Return a call as a line of a list."""
    return row_of(found.entry, known, held, damaged, going_on=found.open)


def row_of(entry: Entry | Glance, known: Known, held: bool, damaged: bool, *, going_on: bool = False) -> CallRow:
    """As ``row``, of the clear facts alone."""
    return CallRow(
        call_id=entry.call_id,
        line=entry.line,
        line_name=known.line_name,
        started_at=entry.started_at,
        duration_s=entry.duration_s,
        direction=entry.direction,
        number=known.number,
        caller=known.caller,
        answered=known.answered,
        missed=entry.missed,
        held=held,
        open=going_on,
        cut_short=entry.cut_short,
        damaged=damaged,
        tags=known.labels.tags,
        handler=known.labels.handler,
    )


def continued_by(stores: Stores, entry: Entry) -> CallId | None:
    """Return the recording that goes on where this one was cut short: it began within a day of it."""
    days = sorted(day for day in stores.catalogue.files() if day >= entry.call_id[:10])[:2]
    going_on = ((call_id, sheet.opening.continues) for call_id, sheet in stores.intake.open_calls())
    filed = ((one.call_id, one.continues) for day in days for one in stores.catalogue.filed(day))
    return next((call_id for call_id, before in (*filed, *going_on) if before == entry.call_id), None)


def _opened(path: Path, keys: RecordingKeys) -> Whole | None:
    """Open a sheet; None where it is damaged.

    Raises:
        NoSuchCall: it is not there any more.
    """
    try:
        return keys.whole(path)
    except FileNotFoundError as wrong:
        raise NoSuchCall("There is no such call.") from wrong
    except (SealBroken, NotAllowed):
        return None
