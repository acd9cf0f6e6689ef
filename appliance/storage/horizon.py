"""The deletion horizon: the day up to which anything may be deleted at all.

Retention asks what is older than twelve months; the horizon says how far "now" may be believed. It moves only on a
confirmed clock and only a few days for each day that the box was on, so that a clock that leaps years ahead, even one
that the network vouches for, deletes next to nothing before somebody sees the alarm.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from appliance.clock import LONDON, Clock, ClockQuality
from appliance.errors import SealBroken
from appliance.files import REAL_DISK, Disk
from appliance.storage.checkedfile import read_checked, write_checked

DAYS_A_POWERED_DAY = 3.0
"""How fast the horizon may catch up after the box was off."""

MOST_CREDIT_DAYS = 6.0
"""What can be saved up of it."""

FARTHEST_AHEAD_DAYS = 35
"""A clock farther ahead of the horizon than this waits for a person."""


class Waiting(StrEnum):
    """Why nothing may be deleted now, or not everything that is due."""

    NOTHING = ""
    CLOCK_UNSURE = "clock unsure"
    CLOCK_WENT_BACK = "clock went back"
    TOO_FAR_AHEAD = "too far ahead"
    UNREADABLE = "unreadable"
    CATCHING_UP = "catching up"


@dataclass(frozen=True, slots=True)
class HorizonState:
    """What rests on disk: the day, days of movement saved up, and when powered time was last counted."""

    upto: date
    credit: float = 0.0
    boot_id: str = ""
    counted_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Permission:
    """``upto``: what was kept until a day before it may go; None: nothing may. ``waiting`` says why."""

    upto: date | None
    waiting: Waiting = Waiting.NOTHING


class Horizon:
    """The horizon on disk. One owner; not safe for several threads."""

    def __init__(self, path: Path, clock: Clock, disk: Disk = REAL_DISK) -> None:
        """Keep it at ``path``. A file that cannot be read is not made anew: nothing is deleted until a person acts."""
        self._path, self._clock, self._disk = path, clock, disk

    def advance(self, newest: date | None) -> Permission:
        """Move as far as the clock and the powered time allow, durably, and say what may be deleted now.

        ``newest`` is the day of the newest recording: a horizon that is missing starts no later than that.
        """
        try:
            state = read_checked(self._path, HorizonState)
        except SealBroken:
            return Permission(None, Waiting.UNREADABLE)
        now = self._clock.now()
        today = now.at.astimezone(LONDON).date()
        if now.quality is not ClockQuality.SYNCHRONISED:
            if state is not None:
                self._keep(self._counted(state))
            return Permission(None, Waiting.CLOCK_UNSURE)
        if state is None:
            state = HorizonState(min(today, newest or today), 0.0, self._clock.boot_id(), self._clock.monotonic())
        moved, permission = stepped(self._counted(state), today)
        self._keep(moved)
        return permission

    def upto(self) -> date | None:
        """Return where it stands, without moving it; None where it has not begun, or cannot be read."""
        try:
            state = read_checked(self._path, HorizonState)
        except SealBroken:
            return None
        return state.upto if state else None

    def confirm(self) -> date:
        """Take today as right because a person said so; returns it. The caller has checked who and written it down."""
        today = self._clock.now().at.astimezone(LONDON).date()
        self._keep(HorizonState(today, 0.0, self._clock.boot_id(), self._clock.monotonic()))
        return today

    def _counted(self, state: HorizonState) -> HorizonState:
        """Add the credit of the powered time since the last count; a new boot has been on since it began."""
        boot_id, now_s = self._clock.boot_id(), self._clock.monotonic()
        powered_s = now_s - state.counted_s if boot_id == state.boot_id else now_s
        credit = state.credit + max(0.0, powered_s) / 86400 * DAYS_A_POWERED_DAY
        return replace(state, credit=min(credit, MOST_CREDIT_DAYS), boot_id=boot_id, counted_s=now_s)

    def _keep(self, state: HorizonState) -> None:
        write_checked(self._path, state, self._disk)


def stepped(state: HorizonState, today: date) -> tuple[HorizonState, Permission]:
    """Move ``state`` towards ``today`` on a confirmed clock; pure."""
    ahead = (today - state.upto).days
    if ahead < 0:
        return state, Permission(None, Waiting.CLOCK_WENT_BACK)
    if ahead > FARTHEST_AHEAD_DAYS:
        return state, Permission(None, Waiting.TOO_FAR_AHEAD)
    step = min(ahead, int(state.credit))
    moved = replace(state, upto=state.upto + timedelta(days=step), credit=state.credit - step)
    return moved, Permission(moved.upto, Waiting.CATCHING_UP if step < ahead else Waiting.NOTHING)
