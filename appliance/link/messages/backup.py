"""Backups."""

from datetime import datetime

import msgspec

from appliance.link.messages.base import Message, Signed


class StartBackup(Signed, frozen=True):
    """Make a backup now, to the folder that the settings name -> ``Done``, or BackupRefused.

    Needs CHANGE_SETTINGS and a fresh sign-in.
    """


class CheckBackup(Signed, frozen=True):
    """Look through the backup now: is all of it sound? -> ``Done``, or BackupRefused. It is written down.

    Needs CHANGE_SETTINGS and a fresh sign-in.
    """


class AskBackup(Signed, frozen=True):
    """-> ``BackupState``. Needs SEE_HEALTH."""


class BackupCheckState(msgspec.Struct, frozen=True):
    """Whether somebody looks through the backup, how many recordings were ``seen`` so far, and what the last found.

    ``at`` is None and ``words`` empty where there was none since the keeper started.
    """

    running: bool
    seen: int
    at: datetime | None
    words: str
    sound: bool


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
    check: BackupCheckState = BackupCheckState(False, 0, None, "", True)


Request = StartBackup | CheckBackup | AskBackup

Reply = BackupState
