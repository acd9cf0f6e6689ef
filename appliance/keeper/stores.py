"""All that the keeper owns on disk, opened in the order in which each needs the others."""

from dataclasses import dataclass
from pathlib import Path

from appliance.clock import Clock
from appliance.config import Folders
from appliance.files import REAL_DISK, Disk, usable_folder
from appliance.storage.boots import Boots
from appliance.storage.casebook import Casebook
from appliance.storage.catalogue import Catalogue
from appliance.storage.custody import Custody
from appliance.storage.disposal import Disposal
from appliance.storage.filing import Filing
from appliance.storage.holds import Holds
from appliance.storage.horizon import Horizon
from appliance.storage.index import NumberIndex
from appliance.storage.intake import Intake
from appliance.storage.journal import Journal
from appliance.storage.keydisposal import KeyDisposal
from appliance.storage.keyring import Keyring
from appliance.storage.people import People
from appliance.storage.people.slots import Hardness
from appliance.storage.people.throttle import Throttle
from appliance.storage.settings import Settings
from appliance.storage.shares import Shares
from appliance.storage.vault import Trash, Vault


@dataclass(frozen=True, slots=True)
class Stores:
    """The vault's parts, each the only writer of its files. See docs/architecture.md."""

    folders: Folders
    clock: Clock
    disk: Disk
    vault: Vault
    keyring: Keyring
    people: People
    setup_tries: Throttle
    boots: Boots
    catalogue: Catalogue
    index: NumberIndex
    holds: Holds
    journal: Journal
    trash: Trash
    horizon: Horizon
    custody: Custody
    disposal: Disposal
    intake: Intake
    shares: Shares
    settings: Settings
    keys: KeyDisposal
    casebook: Casebook

    @property
    def journal_folder(self) -> Path:
        """Where the journal's files lie."""
        return self.vault.folder / "journal"


def open_stores(folders: Folders, clock: Clock, disk: Disk = REAL_DISK, hardness: Hardness | None = None) -> Stores:
    """Open everything below ``folders``, and see that the recorder knows a key to seal to.

    Raises:
        FolderUnusable: a folder cannot be written.
        SealBroken: the list of people or the keyring is damaged.
    """
    for folder in (folders.intake, folders.spool, folders.run, folders.tls, folders.health):  # live is the recorder's
        usable_folder(folder)
    new = not (usable_folder(folders.vault, 0o700) / "recordings").is_dir()
    settings = Settings(folders.vault / "settings.json", new=new, disk=disk)
    vault = Vault(folders.vault, disk)
    keyring = Keyring(folders.vault, folders.intake, clock, disk)
    keyring.current()
    boots = Boots(folders.vault / "boots.json", clock, disk)
    catalogue = Catalogue(folders.vault / "catalogue", Filing(vault, boots).day, disk)
    index = NumberIndex(folders.vault / "index", disk)
    holds = Holds(vault.holds, disk)
    journal = Journal(folders.vault / "journal", clock, disk)
    trash = Trash(vault, disk)
    horizon = Horizon(folders.vault / "horizon.json", clock, disk)
    shares = Shares(folders.vault, clock, disk)
    custody = Custody(vault, trash, catalogue, holds, journal, boots, index, shares, settings, clock, disk)
    casebook = Casebook(folders.vault / "cases", disk)
    keys = KeyDisposal(keyring, vault, folders.spool, catalogue, holds, settings, journal, casebook.kids)
    return Stores(
        folders=folders,
        clock=clock,
        disk=disk,
        vault=vault,
        keyring=keyring,
        people=People(folders.vault, keyring, clock, disk, hardness),
        setup_tries=Throttle(folders.vault / "setup-tries.json", clock, disk),
        boots=boots,
        catalogue=catalogue,
        index=index,
        holds=holds,
        journal=journal,
        trash=trash,
        horizon=horizon,
        custody=custody,
        disposal=Disposal(custody, catalogue, trash, holds, journal, boots, horizon, settings, keys),
        intake=Intake(folders.spool, vault, catalogue, boots, keyring, clock, disk),
        shares=shares,
        settings=settings,
        keys=keys,
        casebook=casebook,
    )
