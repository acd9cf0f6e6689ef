"""Backups."""

from datetime import datetime

from appliance.link.messages.base import Message, Signed


class StartBackup(Signed, frozen=True):
    """Make a backup now, to the folder that the settings name -> ``Done``, or BackupRefused.

    Needs CHANGE_SETTINGS and a fresh sign-in.
    """


class AskBackup(Signed, frozen=True):
    """-> ``BackupState``. Needs SEE_HEALTH."""


class BackupState(Message, frozen=True):
    """``configured``: the settings name a folder; ``there``: it is there now. ``done`` of ``total`` days while running.

    ``trouble`` is what was wrong with the last one, fit to be shown; empty if nothing was.
    """

    configured: bool
    there: bool
    last_at: datetime | None
    running: bool
    done: int
    total: int
    trouble: str


Request = StartBackup | AskBackup

Reply = BackupState
