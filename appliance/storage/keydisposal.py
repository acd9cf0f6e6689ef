"""Destroying recording keys that nothing needs any more: the last step of a month's deletion.

With the grants of its key gone, what a flash card may still hold of a destroyed recording opens for nobody, whatever
password or sheet they have. A key is destroyed only when its successor is itself past the time that recordings are
kept, and no sheet in vault, trash or spool, no hold and no case is sealed to it. One sheet that cannot be read, and no
key is destroyed at all.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from dateutil.relativedelta import relativedelta

from appliance.errors import SealBroken
from appliance.storage.catalogue import Catalogue
from appliance.storage.holds import Holds
from appliance.storage.journal import Journal
from appliance.storage.journalline import Act
from appliance.storage.keyring import Keyring
from appliance.storage.settings import Settings
from appliance.storage.sheet import read_sheet
from appliance.storage.vault import Vault, sheets_in

log = logging.getLogger(__name__)

Needed = Callable[[], frozenset[str]]
"""Gives the names of keys that something else than a recording is sealed to."""


class KeyDisposal:
    """Finds old keys, and destroys those that nothing needs. Belongs to the thread that sweeps."""

    def __init__(
        self,
        keyring: Keyring,
        vault: Vault,
        spool: Path,
        catalogue: Catalogue,
        holds: Holds,
        settings: Settings,
        journal: Journal,
        needed_elsewhere: Needed,
    ) -> None:
        """Bring together everything that may need a key."""
        self._keyring, self._vault, self._spool = keyring, vault, spool
        self._catalogue, self._holds, self._settings, self._journal = catalogue, holds, settings, journal
        self._needed_elsewhere = needed_elsewhere

    def old(self, horizon: date) -> dict[str, date]:
        """Return the keys whose successors have been in use for longer than recordings are kept, and since when."""
        before = horizon - relativedelta(months=self._settings.now.months)
        return {kid: made for kid, (made, followed) in self._keyring.lives().items() if followed and followed < before}

    def destroy_unneeded(self, horizon: date) -> int:
        """Destroy the old keys that nothing needs on the day ``horizon``; return how many those were.

        Raises:
            JournalRefused: it could not be written down, and was not done.
            SealBroken: the settings or the keyring cannot be read: nothing was destroyed.
        """
        old = self.old(horizon)
        unneeded = old.keys() - self._needed_elsewhere() - self._holds.kids()
        # The list knows at once what only reading every sheet can prove: so that is done once a month, not each day.
        unneeded -= {entry.kid for entry in self._catalogue.everything()} if unneeded else set()
        if not unneeded:
            return 0
        try:
            unneeded -= set(self._sealed_to())
        except (SealBroken, FileNotFoundError) as wrong:
            log.warning("no recording key is destroyed: %s", wrong)
            return 0
        for kid in sorted(unneeded, key=lambda kid: old[kid]):
            self._journal.append(Act.KEY_DESTROYED, month=f"{old[kid]:%Y-%m}", key=kid)
            self._keyring.destroy(kid)
        return len(unneeded)

    def _sealed_to(self) -> Iterator[str]:
        """Yield the names of the keys that sheets are sealed to: trash first, for from there one may come back.

        Raises:
            SealBroken: a sheet cannot be read.
        """
        folders = [*sorted((self._vault.folder / "trash").iterdir()), self._spool]
        folders += [self._vault.recordings / day for day in sorted(self._vault.days())]
        for folder in folders:
            for call_id in sheets_in(folder):
                yield read_sheet(folder / f"{call_id}.meta").opening.kid
