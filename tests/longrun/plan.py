"""What a month of the practice holds: when its lines are listened to, and what goes wrong and is done meanwhile."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from appliance.clock import LONDON


class Trouble(StrEnum):
    """What goes wrong; the first five are of one line's card."""

    UNPLUGGED = "card unplugged"
    LONG_UNPLUGGED = "card unplugged for long"
    SILENT = "card silent"
    OVERRUN = "overrun"
    DEAD = "card delivers zeros"
    DISK_FULL = "spool full"
    RECORDER_KILLED = "recorder killed"
    KEEPER_KILLED = "keeper killed"
    RESTARTED = "box restarted"
    POWER_CUT = "power cut"
    POWER_CUT_CLOCK_UNSURE = "power cut, clock unsure after it"


LASTS_S = {
    Trouble.UNPLUGGED: (3.0, 15.0),
    Trouble.LONG_UNPLUGGED: (25.0, 70.0),
    Trouble.SILENT: (4.0, 14.0),
    Trouble.OVERRUN: (0.3, 2.0),
    Trouble.DEAD: (13.0, 30.0),
    Trouble.DISK_FULL: (6.0, 30.0),
    Trouble.RECORDER_KILLED: (2.0, 6.0),
    Trouble.KEEPER_KILLED: (2.0, 6.0),
    Trouble.RESTARTED: (40.0, 90.0),
    Trouble.POWER_CUT: (40.0, 240.0),
    Trouble.POWER_CUT_CLOCK_UNSURE: (40.0, 120.0),
}


class Deed(StrEnum):
    """What people do at the site."""

    LISTEN = "listen"
    SEARCH = "search"
    MISTYPE = "mistype"
    HOLD = "hold"
    RELEASE = "release"
    ACCESS = "access request"
    POLICE = "police request"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Size:
    """How long a run is. ``shifts`` of ``shift_s`` seconds in the month, on each line; talk and pauses in seconds."""

    shifts: int
    shift_s: float
    old_s: float
    talk_s: float
    longest_s: float
    pause_s: float
    troubles: int
    """Of each kind."""
    deeds: int
    longest_off_s: float
    night_step_s: float
    year_step_s: float


DAY_S = 86400.0
FULL = Size(24, 3600.0, 240.0, 90.0, 900.0, 450.0, 9, 9, 240.0, 2 * 3600.0, DAY_S)
SMALL = Size(3, 45.0, 12.0, 5.0, 7.0, 4.0, 1, 1, 20.0, 6 * 3600.0, 6 * DAY_S)

BEGAN = datetime(2025, 9, 29, 8, 0, tzinfo=UTC)
OLD = (date(2025, 9, 30), date(2025, 10, 20), date(2025, 11, 3), date(2025, 11, 20))
"""A year before. At the end the first two are destroyed, the third lies in the trash, and the last is still kept."""

GONE, IN_TRASH, KEPT = OLD[:2], OLD[2:3], OLD[3:]

FIRST, LAST, END = date(2026, 10, 5), date(2026, 11, 4), datetime(2026, 11, 6, 12, tzinfo=UTC)
CLOCKS_BACK = date(2026, 10, 25)


@dataclass(frozen=True, slots=True)
class Event:
    """Something at ``at_s`` of a shift; ``line`` from 0, ``lasts_s`` of a trouble."""

    at_s: float
    what: Trouble | Deed
    line: int = 0
    lasts_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch in which the lines are listened to."""

    starts: datetime
    length_s: float
    events: tuple[Event, ...] = ()
    old: bool = False


def shifts(size, seed):
    """Return the old shifts and those of the month, in order."""
    chance = random.Random(seed)
    old = [Shift(_local(day, time(9, 30)), size.old_s, old=True) for day in OLD]
    days = _days(size.shifts)
    troubles = _dealt([kind for kind in Trouble for _ in range(size.troubles)], len(days), chance)
    deeds = _dealt([deed for deed in Deed for _ in range(size.deeds)], len(days), chance)
    deeds[-1].append(Deed.LISTEN)
    month = []
    for day, wrong, done in zip(days, troubles, deeds, strict=True):
        at = time(0, 40) if day == CLOCKS_BACK else time(chance.randrange(8, 17), chance.randrange(60))
        events = [_event(what, size, chance) for what in (*wrong, *done)]
        month.append(Shift(_local(day, at), size.shift_s, tuple(sorted(events, key=lambda event: event.at_s))))
    return old + month


def _days(count):
    """Return ``count`` days of the month: working days, and the night in which the clocks go back."""
    span = (LAST - FIRST).days + 1
    working = [day for day in (FIRST + timedelta(days=n) for n in range(span)) if day.weekday() < 5]
    picked = [working[round(n * (len(working) - 1) / (count - 2))] for n in range(count - 1)]
    return sorted({*picked, CLOCKS_BACK})


def _dealt(cards, hands, chance):
    chance.shuffle(cards)
    return [cards[hand::hands] for hand in range(hands)]


def _event(what, size, chance):
    lasts_s = min(chance.uniform(*LASTS_S[what]), size.longest_off_s) if isinstance(what, Trouble) else 0.0
    return Event(chance.uniform(15.0, size.shift_s - 5.0), what, chance.randrange(4), lasts_s)


def _local(day, at):
    return datetime.combine(day, at, tzinfo=LONDON).astimezone(UTC)
