"""Opening sheets with the key of somebody signed in."""

from dataclasses import replace
from pathlib import Path
from types import TracebackType

from appliance.codec import from_json, to_json
from appliance.errors import SealBroken
from appliance.model.calls import Caller, CallId
from appliance.storage.holds import HoldRecord, HoldWords
from appliance.storage.index import Known
from appliance.storage.keyring import Keyring
from appliance.storage.labels import newest_labels
from appliance.storage.sealing import SealTo
from appliance.storage.sheet import Whole, read_sheet
from appliance.storage.unsealing import PrivateKey


class RecordingKeys:
    """Recording keys opened for one piece of work, and forgotten at its end: ``with RecordingKeys(...) as keys``."""

    def __init__(self, keyring: Keyring, by: PrivateKey) -> None:
        """Open with ``by`` what it is granted."""
        self._keyring, self._by = keyring, by
        self._opened: dict[str, PrivateKey] = {}

    def __enter__(self) -> "RecordingKeys":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        for key in self._opened.values():
            key.forget()
        self._opened = {}

    def of(self, kid: str) -> PrivateKey:
        """Return a recording key.

        Raises:
            NotAllowed: it is not granted to them. SealBroken: there is no such key. VaultLocked: they signed out.
        """
        if kid not in self._opened:
            self._opened[kid] = self._keyring.open(kid, self._by)
        return self._opened[kid]

    def whole(self, path: Path) -> Whole:
        """Open the sheet at ``path``.

        Raises:
            SealBroken: it is damaged. FileNotFoundError: it is not there.
        """
        sheet = read_sheet(path)
        return sheet.unseal(self.of(sheet.opening.kid))


def known_of(whole: Whole) -> Known:
    """Return what lists show of an opened sheet: the last that was said."""
    said = whole.closing or (whole.notes[-1] if whole.notes else None)
    return Known(
        call_id=whole.opening.call_id,
        line_name=whole.opening.line_name,
        caller=said.caller if said else whole.opening.caller,
        dialled=said.dialled if said else None,
        answered=said.answered if said else False,
        labels=newest_labels(whole.later),
    )


def unknown(call_id: CallId, line_name: str) -> Known:
    """Return what can be shown of a call whose sheet does not open."""
    return Known(call_id, line_name, Caller(), None, answered=False)


def sealed_words(words: HoldWords, call_id: CallId, key: SealTo) -> bytes:
    """Seal what people wrote about a hold."""
    return key.seal(_hold_info(call_id), to_json(words))


def opened_words(hold: HoldRecord, call_id: CallId, keys: RecordingKeys) -> HoldWords:
    """Open what people wrote about a hold; where it does not open, say so in its place."""
    try:
        return from_json(keys.of(hold.kid).unseal(_hold_info(call_id), hold.sealed), HoldWords)
    except SealBroken:
        return HoldWords("(cannot be read)", "")


def resealed_hold(hold: HoldRecord, call_id: CallId, key: PrivateKey, to: SealTo) -> HoldRecord:
    """Return a hold with what people wrote sealed to another key.

    Raises:
        SealBroken: it does not open with ``key``.
    """
    info = _hold_info(call_id)
    sealed = to.seal(info, key.unseal(info, hold.sealed)) if hold.sealed else b""
    why = to.seal(info, key.unseal(info, hold.why_sealed)) if hold.why_sealed else b""
    return replace(hold, kid=to.kid, sealed=sealed, why_sealed=why)


def _hold_info(call_id: CallId) -> bytes:
    return f"linekeeper hold 1\n{call_id}".encode()
