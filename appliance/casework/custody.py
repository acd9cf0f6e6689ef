"""The custody sheet of a copy: what is in it, what was cut, and the hashes by which anybody can check it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from appliance.casework.cuts import Fill, Redaction, listed
from appliance.casework.duewords import day_month
from appliance.clock import LONDON
from appliance.model.calls import CallId

_HOW_TO_CHECK = (
    "To check a file: on Windows, open PowerShell and type  Get-FileHash FILE ; on a Mac, open Terminal and type",
    "shasum -a 256 FILE . The long number shown must be the one on this sheet.",
)


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file of the archive, by its SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PackedCall:
    """One recording of a copy. ``sealed_sha256`` is of the sealed recording as it lies in the box, whole and uncut."""

    call_id: CallId
    started_at: datetime
    line_name: str
    recorded_s: float
    copied_s: float
    seal: str
    sealed_sha256: str
    redactions: tuple[Redaction, ...]
    part: tuple[float, float] | None
    files: tuple[PackedFile, ...]


@dataclass(frozen=True, slots=True)
class Custody:
    """The whole copy: for which case, by whom, when, with what fill. ``entry`` is the journal's, ``anchor`` its sum."""

    practice: str
    reference: str
    made_by: str
    made_at: datetime
    to: str
    means: str
    fill: Fill
    calls: tuple[PackedCall, ...]
    entry: int
    anchor: str


def custody_sheet(custody: Custody) -> str:
    """Return the sheet as plain text, which every computer can open and print."""
    lines = [
        f"CUSTODY SHEET: {custody.reference}",
        "",
        f"Practice:    {custody.practice}",
        f"Made by:     {custody.made_by}",
        f"Made on:     {_moment(custody.made_at)}",
        f"For:         {custody.to}",
        f"Handed over: {custody.means}",
        f"Records:     entry {custody.entry} of the box's journal, {custody.anchor}",
        "",
        f"{len(custody.calls)} recording{'' if len(custody.calls) == 1 else 's'} of telephone calls.",
    ]
    for number, call in enumerate(custody.calls, start=1):
        lines += ["", *_of_call(number, call, custody.fill)]
    return "\n".join([*lines, "", *_HOW_TO_CHECK, ""])


def _of_call(number: int, call: PackedCall, fill: Fill) -> list[str]:
    part = f", from {call.part[0]:.2f} s to {call.part[1]:.2f} s of it" if call.part else ", the whole call"
    lines = [
        f"{number}. Call of {_moment(call.started_at)}, {call.line_name}",
        f"   Name in the box: {call.call_id}",
        f"   Recorded: {call.recorded_s:.1f} s. In this copy: {call.copied_s:.1f} s{part}",
        f"   Seal: {call.seal}",
        f"   SHA-256 of the sealed recording in the box: {call.sealed_sha256}",
        *_cuts(call.redactions, fill),
    ]
    for file in call.files:
        lines += [f"   File: {file.name} ({file.size:,} bytes)", f"   SHA-256: {file.sha256}"]
    return lines


def _cuts(redactions: Sequence[Redaction], fill: Fill) -> list[str]:
    if not redactions:
        return ["   Nothing was left out."]
    what = "a tone" if fill is Fill.TONE else "silence"
    return [f"   Left out, with {what} in its place; the recording in the box is untouched:"] + [
        f"     {line}" for line in listed(redactions)
    ]


def _moment(at: datetime) -> str:
    here = at.astimezone(LONDON)
    return f"{day_month(here.date())}, {here:%H:%M:%S} ({here.tzname()})"
