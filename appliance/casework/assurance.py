"""The monthly report for the data controller: one page, made of counts alone. It names no caller and no listener."""

import re
from dataclasses import dataclass
from datetime import date

from appliance.casework.duewords import day_month

LEAST_MONTHS_LEFT = 2.0
"""Months of disk below which the report asks for a larger one."""

BACKUP_DAYS = 7
RESTORE_DAYS = 366
"""Days after which a restore counts as untested; the user guide asks for one twice a year."""

CLOCK_UNSURE_MIN = 60
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """A month as the keeper counted it. None means that it cannot be known, which the report never calls good.

    ``clock_unsure_min``: minutes of calls whose time no confirmed clock vouches for. ``restore_tested_on``: when a call
    was last got back out of a backup. ``gaps_s``: seconds in which a line could not be recorded; ``anchor``: the
    journal's last sum, hex SHA-256.
    """

    first: date
    last: date
    lines: int
    recorded: int
    missed: int
    gaps: int | None
    gaps_s: float
    damaged: int
    heard: int
    exported: int
    held: int
    deleted: int
    expired_not_deleted: int
    requests_open: int
    requests_overdue: int
    complaints_open: int
    complaints_overdue: int
    disclosures: int
    announcements_wrong: int
    disk_months_left: float | None
    clock_unsure_min: float | None
    backup_on: date | None
    restore_tested_on: date | None
    journal_entries: int
    journal_intact: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line: ``good`` is None where a count is neither good nor bad. ``advice`` says what to do if it is not."""

    label: str
    value: str
    good: bool | None = None
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The page: a title, one sentence, its rows in groups, and what asks for attention."""

    title: str
    verdict: str
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    attention: tuple[str, ...]
    anchor: str


def monthly_report(practice: str, counts: MonthCounts) -> Report:
    """Return the report of a month."""
    groups = (
        ("Recording", _recording(counts)),
        ("Use of recordings", _use(counts)),
        ("Keeping and deleting", _keeping(counts)),
        ("Requests and complaints", _duties(counts)),
        ("The box", _box(counts)),
    )
    attention = tuple(row.advice for _, rows in groups for row in rows if row.good is False)
    period = f"{day_month(counts.first, counts.last)} to {day_month(counts.last)}"
    verdict = "Everything the policy asks for was done." if not attention else _asks(len(attention))
    return Report(f"Call recording at {practice}, {period}", verdict, groups, attention, counts.anchor)


def _asks(count: int) -> str:
    return "1 matter asks for attention." if count == 1 else f"{count} matters ask for attention."


def _recording(counts: MonthCounts) -> tuple[Row, ...]:
    gaps = f"{counts.gaps}, together {_minutes(counts.gaps_s)}" if counts.gaps else _none_of(counts.gaps)
    return (
        Row("Calls recorded", f"{counts.recorded:,} on {counts.lines} line{'' if counts.lines == 1 else 's'}"),
        Row("Missed calls", f"{counts.missed:,}"),
        Row("Gaps in recording", gaps, counts.gaps == 0, "Look at the gaps and their causes on each line’s page."),
        Row("Damaged recordings", f"{counts.damaged}", counts.damaged == 0, "Damaged recordings: call support."),
    )


def _none_of(count: int | None) -> str:
    return "not known" if count is None else "none"


def _use(counts: MonthCounts) -> tuple[Row, ...]:
    return (
        Row("Times listened to", f"{counts.heard:,}"),
        Row("Copies given out", f"{counts.exported:,}"),
        Row("Disclosures to police and other bodies", f"{counts.disclosures}"),
    )


def _keeping(counts: MonthCounts) -> tuple[Row, ...]:
    late = counts.expired_not_deleted
    return (
        Row("On hold", f"{counts.held:,}"),
        Row("Deleted", f"{counts.deleted:,}"),
        Row("Past their time and not deleted", f"{late}", late == 0, "Recordings outstay their time: check the clock."),
    )


def _duties(counts: MonthCounts) -> tuple[Row, ...]:
    wrong = counts.announcements_wrong
    return (
        _overdue("Access requests", counts.requests_open, counts.requests_overdue),
        _overdue("Complaints", counts.complaints_open, counts.complaints_overdue),
        Row(
            "Message, leaflet, website",
            "checked" if wrong == 0 else f"{wrong} to check or put right",
            wrong == 0,
            "Check what callers are told: see the announcement register.",
        ),
    )


def _overdue(label: str, opened: int, overdue: int) -> Row:
    return Row(label, f"{opened} open, {overdue} overdue", overdue == 0, f"{label}: answer those that are overdue.")


def _box(counts: MonthCounts) -> tuple[Row, ...]:
    months, unsure = counts.disk_months_left, counts.clock_unsure_min
    broken = not counts.journal_intact or not _HEX.fullmatch(counts.anchor)
    return (
        Row(
            "Room on the disk",
            "not known" if months is None else f"about {months:.0f} months",
            months is not None and months >= LEAST_MONTHS_LEFT,
            "The disk is filling up, or its room is not known: see the Health page.",
        ),
        Row(
            "Clock",
            "not known" if unsure is None else "right for every call" if unsure == 0 else _unsure(unsure),
            unsure is not None and unsure <= CLOCK_UNSURE_MIN,
            "The clock was unsure for long: see that the box reaches the network’s time (Health page).",
        ),
        _backup(counts),
        _restore(counts),
        Row(
            "Records",
            f"{counts.journal_entries:,} entries " + ("do not add up" if broken else "add up"),
            not broken,
            "The records do not add up: keep the box on and call support.",
        ),
    )


def _unsure(minutes: float) -> str:
    return f"unsure for {max(1.0, minutes):.0f} min of calls"


def _restore(counts: MonthCounts) -> Row:
    tested = counts.restore_tested_on
    fresh = tested is not None and (counts.last - tested).days <= RESTORE_DAYS
    return Row("Restore tested", _on(tested), fresh, _TEST)


_TEST = (
    "Try a restore twice a year: have a backup rehearsed with the recovery sheet, as the Backup page says. The "
    "box sees it when the disk is back."
)


def _backup(counts: MonthCounts) -> Row:
    fresh = counts.backup_on is not None and (counts.last - counts.backup_on).days <= BACKUP_DAYS
    return Row("Last backup", _on(counts.backup_on), fresh, "There is no backup of the last week: make one.")


def _on(day: date | None) -> str:
    return day_month(day) if day else "never"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.0f} min"
