"""The words of the pages: dates, lengths, numbers and states as the practice reads them (Europe/London, UK English)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

from appliance.clock import LONDON
from appliance.link.messages.calls import CallRow
from appliance.model.calls import CallerIdentity, Direction
from appliance.model.holds import HoldReason
from appliance.model.people import Purpose, Role
from appliance.model.status import STATE_WORDS, LineState, LineStatus
from appliance.web import phone

STATES: Mapping[str, str] = MappingProxyType(
    {**{str(state): said for state, said in STATE_WORDS.items()}, "unknown": "Not known"}
)
"""The same words as on the lamp's card."""

LAMPS = (
    ("Green, steady", STATES[LineState.IDLE], "Ready. The next call will be recorded"),
    ("Green, flashing slowly", STATES[LineState.RINGING], "A call is coming in"),
    ("Red, steady", STATES[LineState.RECORDING], "The call is being recorded"),
    (
        "Amber, winking",
        f"{STATES[LineState.PAUSED]}; {STATES[LineState.OBJECTED]}",
        "Somebody wants the call silent in its recording just now",
    ),
    ("Amber, flashing", STATES[LineState.FAULT], "Calls still work but are NOT recorded. Tell the practice manager"),
    ("Amber, steady", STATES[LineState.OFF], "Deliberate"),
    ("All colours in turn", STATES[LineState.STARTING], "Up to a minute"),
)
"""The card beside the box: lamp, state, meaning (docs/hardware.md)."""

DIRECTIONS: Mapping[Direction, str] = MappingProxyType(
    {Direction.IN: "Incoming", Direction.OUT: "Outgoing", Direction.UNKNOWN: "Not known"}
)

REASONS: Mapping[HoldReason, str] = MappingProxyType(
    {
        HoldReason.COMPLAINT: "An ongoing complaint",
        HoldReason.REQUEST: "A request in progress",
        HoldReason.POLICE: "Police or a court",
        HoldReason.CLAIM: "A legal claim",
        HoldReason.OTHER: "Another reason",
    }
)

PURPOSES: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.TRAINING: "Staff training needs",
        Purpose.PROTECT_STAFF: "Abusive or nuisance call",
        Purpose.BOTH_PARTIES: "Protect both parties",
        Purpose.FACTS: "Establish the facts",
        Purpose.PROCESSES: "Improve how we work",
    }
)
"""The five purposes of the practice's recording policy, in its order."""

ROLES: Mapping[Role, str] = MappingProxyType(
    {
        Role.MANAGER: "Practice manager",
        Role.PARTNER: "Partner",
        Role.SENIOR: "Senior staff",
        Role.STAFF: "Staff",
        Role.TECHNICIAN: "Technician",
        Role.AUDITOR: "Auditor",
    }
)

ROLE_HINTS: Mapping[Role, str] = MappingProxyType(
    {
        Role.MANAGER: "Listens, places and releases holds, adds people, changes settings",
        Role.PARTNER: "Listens, places and releases holds, reads the records",
        Role.SENIOR: "Listens and places holds",
        Role.STAFF: "Hears only calls shared with them",
        Role.TECHNICIAN: "Mends the box; never hears a call",
        Role.AUDITOR: "Reads the records; never hears a call",
    }
)

INTEGRITY: Mapping[str, str] = MappingProxyType(
    {
        "unchanged": "Unchanged since recording",
        "cut short": "Genuine, but its end is missing: the power or the recorder failed during the call",
        "damaged": "Damaged: do not rely on it",
        "open": "Still being recorded",
    }
)

RELATED: Mapping[str, str] = MappingProxyType(
    {
        "same_number": "the same number, within 10 minutes",
        "while_on_hold": "on another line, while the caller was on hold or being transferred",
        "at_its_end": "on another line, within 30 seconds of the other’s end",
    }
)
"""Why another recording is probably the same call."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NUMBER_UNKNOWN = {
    CallerIdentity.WITHHELD: "Number withheld",
    CallerIdentity.UNAVAILABLE: "Number unavailable",
}
_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S
_TENTHS_BELOW_GB = 10
_FAR_OFF_MONTHS = 24


def day(when: date) -> str:
    """Return "Mon 23 November 2026"."""
    return f"{_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]} {when.year}"


def day_time(when: datetime) -> str:
    """Return "Mon 23 November 2026, 16:33"."""
    here = when.astimezone(LONDON)
    return f"{day(here.date())}, {here:%H:%M}"


def short_day_time(when: datetime) -> str:
    """Return "Mon 23 Nov 2026, 16:33", for a column."""
    here = when.astimezone(LONDON)
    return f"{_DAYS[here.weekday()]} {here.day} {_MONTHS[here.month - 1][:3]} {here.year}, {here:%H:%M}"


def time_of_day(when: datetime) -> str:
    """Return "16:33"."""
    return f"{when.astimezone(LONDON):%H:%M}"


def length(seconds: float) -> str:
    """Return "3 min 5 s"."""
    whole = round(seconds)
    hours, minutes, left = whole // _HOUR_S, whole % _HOUR_S // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"


def position(seconds: float) -> str:
    """Return "3:05", or "1:03:05" from an hour on."""
    whole = int(seconds)
    hours, minutes, left = whole // _HOUR_S, whole % _HOUR_S // 60, whole % 60
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def other_party(row: CallRow) -> str:
    """Return the other party's number, or why there is none."""
    if row.number:
        return phone.spaced(row.number)
    if row.direction is Direction.OUT:
        return "Number not known"
    return _NUMBER_UNKNOWN.get(row.caller.identity, "Number not known")


def call_title(row: CallRow) -> str:
    """Return "Call from 01632 960846", or what comes nearest."""
    link = {Direction.IN: "Call from", Direction.OUT: "Call to", Direction.UNKNOWN: "Call with"}[row.direction]
    known = other_party(row)
    who = known if row.number else f"a {known.lower()}" if known == "Number withheld" else "a number not known"
    return f"{link} {who.replace('a number withheld', 'a withheld number')}"


def spaced_key(key: str) -> str:
    """Return a key in groups of four, as people type it."""
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def decibels(dbfs: float) -> str:
    """Return "−38 dB"."""
    return f"{dbfs:.0f} dB".replace("-", "−")


def counted(count: int, one: str, many: str) -> str:
    """Return "1 call" or "1,204 calls"."""
    return f"{count:,} {one if count == 1 else many}"


def room(months_left: float | None) -> str:
    """Return for how long the disk has room; None is too little to forecast from."""
    if months_left is None:
        return "Enough so far"
    if months_left >= _FAR_OFF_MONTHS:
        return "Over 2 years"
    return counted(int(months_left), "month", "months")


def gigabytes(count: int) -> str:
    """Return "118 GB", or "0.6 GB" below ten."""
    size = count / 1e9
    return f"{size:.0f} GB" if size >= _TENTHS_BELOW_GB else f"{size:.1f} GB"


def running_for(seconds: float) -> str:
    """Return "12 days", or "3 h 20 min" on the first."""
    days = int(seconds // _DAY_S)
    return counted(days, "day", "days") if days else f"{int(seconds // _HOUR_S)} h {int(seconds % _HOUR_S // 60)} min"


def how_long_ago(when: datetime, today: date) -> str:
    """Return "Today", "Yesterday" or "12 days ago"."""
    days = (today - when.astimezone(LONDON).date()).days
    return {0: "Today", 1: "Yesterday"}.get(max(0, days), f"{days} days ago")


def day_of(when: datetime) -> str:
    """Return the UK day of an instant: "Mon 23 November 2026"."""
    return day(when.astimezone(LONDON).date())


def headline(lines: Sequence[LineStatus], *, contact: bool) -> str:
    """Say in one sentence how the lines stand."""
    if not contact:
        return "The recorder is not answering"
    if not lines:
        return "No line is connected yet"
    bad = [line.name for line in lines if line.state in (LineState.FAULT, LineState.OFF)]
    if bad:
        return f"{_listed(bad)} {'is' if len(bad) == 1 else 'are'} not being recorded"
    if any(line.state is LineState.STARTING for line in lines):
        return "The recorder is starting"
    return {1: "The line is being recorded", 2: "Both lines are being recorded"}.get(
        len(lines), f"All {len(lines)} lines are being recorded"
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


FILTERS = MappingProxyType(
    {
        "day": day,
        "day_time": day_time,
        "short_day_time": short_day_time,
        "time_of_day": time_of_day,
        "call_length": length,
        "position": position,
        "other_party": other_party,
        "call_title": call_title,
        "spaced_key": spaced_key,
    }
)
"""What templates may call, by name."""
