"""Asking a person, and the keeper in that person's name, from the command line."""

import getpass
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from appliance.config import Config
from appliance.errors import BackupRefused
from appliance.link.client import Link
from appliance.link.messages.backup import AskBackup, BackupState, StartBackup
from appliance.link.messages.base import Done
from appliance.link.messages.sessions import SignedIn, SignIn, SignOut

_ADDRESS = "the box itself"
_LOOK_EVERY_S = 0.5


def typed(question: str, *, secret: bool = True) -> str:
    """Ask; what is ``secret`` is not shown on a terminal. Empty where nothing more comes."""
    if sys.stdin.isatty() and secret:
        return getpass.getpass(question, stream=sys.stderr).strip()
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def ask_keeper(config: Config, console: Console) -> int:
    """Have the running keeper make a backup, signed in as somebody who may; return the exit code.

    Raises:
        LinekeeperError: the keeper's refusal.
    """
    console.print("The keeper is running and makes the backup. Sign in as a practice manager.")
    name, password = typed("Username: ", secret=False), typed("Password: ")
    code = typed("Six-digit code: ", secret=False)
    with Link(config.folders.keeper_socket) as link:
        token = link.ask(SignIn(name, password, code, _ADDRESS), SignedIn).token
        try:
            link.ask(StartBackup(token), Done)
            state = _waited(link, token, console)
        finally:
            link.ask(SignOut(token), Done)
    if state.trouble:
        raise BackupRefused(state.trouble)
    print(f"Backed up at {state.last_at:%Y-%m-%d %H:%M} UTC")
    return 0


def _waited(link: Link, token: bytes, console: Console) -> BackupState:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Backing up, newest first", total=None)
        while (state := link.ask(AskBackup(token), BackupState)).running:
            bar.update(task, completed=state.done, total=state.total or None)
            time.sleep(_LOOK_EVERY_S)
    return state
