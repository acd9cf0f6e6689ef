"""What ``linekeeper run --demo`` shows: how the month comes about, and whom to sign in as."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from appliance.config import Config
from appliance.demo.build import build
from appliance.demo.people import DemoPerson


def build_with_progress(config: Config, console: Console) -> list[DemoPerson]:
    """Make the demo's data folder, showing how far it is; return the people."""
    if not console.is_terminal:
        console.print("Recording a month of simulated calls: this takes a minute or so.")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Recording a month of simulated calls", total=None)
        return build(config, lambda done, total: bar.update(task, completed=done, total=total))


def sign_ins(people: list[DemoPerson]) -> Table:
    """Return the people as a table, with the codes that are good now."""
    now = time.time()
    table = Table(box=None, padding=(0, 3, 0, 0))
    for heading in ("Sign in as", "Username", "Password", f"Code (for {30 - int(now) % 30} s more)"):
        table.add_column(heading)
    for person in people:
        table.add_row(person.name, person.username, person.password, person.code(now))
    return table


def sign_in_words(people: list[DemoPerson]) -> list[str]:
    """Return the people in lines, with what an authenticator app needs: for where no table can be kept up to date."""
    return [
        f"{person.name}: {person.username} / {person.password}, code {person.code(time.time())} ({person.totp_secret})"
        for person in people
    ]
