"""What a backup says of itself: whose it is, when it was last finished, and where the journal ended then."""

from datetime import datetime
from pathlib import Path

import msgspec

from appliance.errors import BackupDamaged, SealBroken
from appliance.files import REAL_DISK, Disk
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.journal import Anchor

FORMAT = 1
NAME = "MANIFEST.json"


class Manifest(msgspec.Struct, frozen=True):
    """``box`` is the public key of the box's journal in hex. ``finished_at`` is None until one run came to its end.

    ``anchor`` is where the journal ended at that run: kept away from the box, it shows whether the box's own journal
    was rewritten since.
    """

    format: int
    box: str
    begun_at: datetime
    finished_at: datetime | None = None
    anchor: Anchor | None = None
    recordings: int = 0


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of the backup in ``folder``; None where there is none.

    Raises:
        BackupDamaged: it cannot be read, or a later release wrote it.
    """
    try:
        manifest = read_checked(folder / NAME, Manifest)
    except SealBroken as wrong:
        raise BackupDamaged("The backup's MANIFEST.json is damaged. Begin a new backup in another folder.") from wrong
    if manifest is not None and manifest.format != FORMAT:
        raise BackupDamaged(f"This backup has format {manifest.format}, which this release cannot read.")
    return manifest


def write_manifest(folder: Path, manifest: Manifest, disk: Disk = REAL_DISK) -> None:
    """Put the manifest in place; durable when this returns."""
    write_checked(folder / NAME, manifest, disk)
