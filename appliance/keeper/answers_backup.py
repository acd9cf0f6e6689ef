"""Backups: how they stand, and having one made."""

from appliance.keeper.desk import Desk, Handlers
from appliance.link.messages.backup import AskBackup, BackupState, CheckBackup, StartBackup
from appliance.link.messages.base import Done
from appliance.model.people import Right


class BackupAnswers:
    """Answers about backups. Where they go is in the settings: no path crosses the link."""

    def __init__(self, desk: Desk) -> None:
        """Work with ``desk``."""
        self._desk = desk

    def handlers(self) -> Handlers:
        """Return what answers which request."""
        return {StartBackup: self.start, CheckBackup: self.check, AskBackup: self.state}

    def start(self, request: StartBackup) -> Done:
        """Have a backup made; it is written down as it begins."""
        session = self._desk.gate.freshly(request, Right.CHANGE_SETTINGS)
        self._desk.backups.ask(session.person.username)
        return Done()

    def check(self, request: CheckBackup) -> Done:
        """Have the backup looked through; what was found is written down at the end."""
        session = self._desk.gate.freshly(request, Right.CHANGE_SETTINGS)
        self._desk.backups.check.ask(session.person.username)
        return Done()

    def state(self, request: AskBackup) -> BackupState:
        """Return how backups stand."""
        self._desk.gate.with_right(request, Right.SEE_HEALTH)
        return self._desk.backups.state()
