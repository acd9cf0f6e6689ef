"""Backup: the vault's ciphertext on another disk, without what was destroyed, and the way back."""

from appliance.storage.backup.manifest import Manifest, read_manifest
from appliance.storage.backup.rehearsal import Rehearsal, Rehearsed, note_rehearsal, read_rehearsal, rehearse
from appliance.storage.backup.restore import Restore, Restored
from appliance.storage.backup.run import BackupRun, Outcome, Progress, same_disk

__all__ = [
    "BackupRun",
    "Manifest",
    "Outcome",
    "Progress",
    "Rehearsal",
    "Rehearsed",
    "Restore",
    "Restored",
    "note_rehearsal",
    "read_manifest",
    "read_rehearsal",
    "rehearse",
    "same_disk",
]
