"""Making the demo's data folder: the keeper's own parts, a clock that runs through a month, and simulated calls."""

from dataclasses import replace
from datetime import timedelta

from appliance.clock import FakeClock, SystemClock
from appliance.config import Config, LineConfig, Tap
from appliance.demo.caseload import CASES
from appliance.demo.month import DAYS, DueCall, Lines, Progress, planned_month
from appliance.demo.people import DemoPerson, Staff
from appliance.files import usable_folder
from appliance.keeper.chores import Chores
from appliance.keeper.service import KeeperService
from appliance.model.people import Purpose
from appliance.service import Stopping

LINES = (LineConfig(name="Reception", tap=Tap.SIMULATED), LineConfig(name="Back office", tap=Tap.SIMULATED))

_SEED = 7
_LISTENS = ((0.2, Purpose.FACTS), (0.5, Purpose.TRAINING), (0.9, Purpose.PROCESSES))
"""At which part of the month, and what for."""


def build(config: Config, progress: Progress) -> list[DemoPerson]:
    """Fill the data folder of ``config`` with a month; return the people to sign in as."""
    now = SystemClock().now()
    clock = FakeClock(now.at - timedelta(days=DAYS, hours=1))
    stopping = Stopping()
    keeper = KeeperService(config, stopping, clock)
    staff = Staff(keeper.answers, clock)
    code = (config.folders.run / "setup-code").read_text(encoding="ascii").strip()
    people = staff.found(code)
    chores = Chores(keeper.desk, stopping)
    lines = Lines(config, clock)
    calls = planned_month(now.at, len(config.line), _SEED)
    yesterday = 0
    for done, due in enumerate(calls, start=1):
        lines.perform(due)
        progress(done, len(calls))
        if _is_day_over(calls, done):
            chores.take_in()
            chores.change_key()
            _act(staff, people, yesterday / len(calls), done / len(calls))
            yesterday = done
    lines.stop()
    stopping.ask()
    keeper.run()
    return people


def demo_config(config: Config) -> Config:
    """Return ``config`` with the demo's lines."""
    usable_folder(config.folders.live)
    return replace(config, line=LINES)


def _is_day_over(calls: list[DueCall], done: int) -> bool:
    return done == len(calls) or calls[done].starts.date() != calls[done - 1].starts.date()


def _act(staff: Staff, people: list[DemoPerson], before: float, after: float) -> None:
    """Do what people do between two parts of the month, each at the end of a day."""
    manager, senior, _ = people
    for case in CASES:
        if before < case.at <= after:
            staff.open_case(manager, case)
    for at, purpose in _LISTENS:
        if before < at <= after:
            staff.listen(senior, purpose)
