"""What the practice has settled: how long recordings are kept, who decided that and why, and how it is reached.

A change of retention is proposed by one person and agreed by another; nothing is kept otherwise before. Where the file
cannot be read, or is missing from a vault that is not new, nobody knows how long recordings are kept, and nothing is
deleted.
"""

import threading
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from appliance.errors import SealBroken, SettingRefused
from appliance.files import REAL_DISK, Disk
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.retention import MONTHS

FEWEST_MONTHS, MOST_MONTHS = 1, 120
LONGEST_REASON, LONGEST_CONTACT = 500, 500


@dataclass(frozen=True, slots=True)
class Decision:
    """That recordings are kept ``months``: who proposed it, why and when, and who agreed."""

    months: int
    reason: str
    by: str
    at: datetime
    agreed_by: str = ""
    agreed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """All that is settled. ``decisions`` are those in force once, oldest first; ``proposed`` waits for agreement."""

    contact: str = ""
    contact_by: str = ""
    contact_at: datetime | None = None
    decisions: tuple[Decision, ...] = ()
    proposed: Decision | None = None

    @property
    def months(self) -> int:
        """How many calendar months recordings are kept: the policy's, unless something else was agreed."""
        return self.decisions[-1].months if self.decisions else MONTHS


class Settings:
    """The settings at rest. Safe to use from several threads; the only writer of its file."""

    def __init__(self, path: Path, *, new: bool, disk: Disk = REAL_DISK) -> None:
        """Read them at ``path``; in a ``new`` vault, begin with the policy's. ``months`` says if they are damaged."""
        self._path, self._disk = path, disk
        self._lock = threading.RLock()
        self._settled: Settled | None = None
        if new and not path.exists():
            write_checked(path, Settled(), disk)
        try:
            self.read()
        except SealBroken:
            self._settled = None

    def read(self) -> Settled:
        """Read them from disk again, and return them.

        Raises:
            SealBroken: they cannot be read: nothing may be deleted.
        """
        with self._lock:
            self._settled = None
            found = read_checked(self._path, Settled)
            if found is None:
                raise SealBroken("The vault's settings are missing. Nothing is deleted. Put them back from a backup.")
            self._settled = found
            return found

    @property
    def now(self) -> Settled:
        """What is settled now.

        Raises:
            SealBroken: it could not be read.
        """
        settled = self._settled
        if settled is None:
            raise SealBroken("The vault's settings cannot be read. Put them back from a backup.")
        return settled

    @property
    def months(self) -> int:
        """How long recordings are kept, to be shown; where that is not known, what the policy says."""
        return self._settled.months if self._settled else MONTHS

    def set_contact(self, contact: str, by: str, at: datetime) -> None:
        """Settle how the practice is reached.

        Raises:
            SealBroken: the settings cannot be read.
        """
        with self._lock:
            self._keep(replace(self.now, contact=contact, contact_by=by, contact_at=at))

    def propose(self, proposed: Decision | None) -> None:
        """Let a change of retention wait for agreement, in the place of another; None drops it.

        Raises:
            SealBroken: the settings cannot be read.
        """
        with self._lock:
            self._keep(replace(self.now, proposed=proposed))

    def agree(self, months: int, by: str, at: datetime) -> None:
        """Put what is proposed in force.

        Raises:
            SettingRefused: that is not what is proposed now.
            SealBroken: the settings cannot be read.
        """
        with self._lock:
            proposed = self.proposal(months)
            agreed = replace(proposed, agreed_by=by, agreed_at=at)
            self._keep(replace(self.now, decisions=(*self.now.decisions, agreed), proposed=None))

    def proposal(self, months: int) -> Decision:
        """Return what is proposed, if it is ``months``.

        Raises:
            SettingRefused: it is not.
            SealBroken: the settings cannot be read.
        """
        proposed = self.now.proposed
        if proposed is None or proposed.months != months:
            raise SettingRefused("That is not what is proposed now. Look at the page anew.")
        return proposed

    def _keep(self, settled: Settled) -> None:
        write_checked(self._path, settled, self._disk)
        self._settled = settled


def checked_contact(contact: str) -> str:
    """Return how the practice is reached, tidy: lines that can be printed.

    Raises:
        SettingRefused: it is too long, or cannot be printed.
    """
    tidy = "\n".join(line.strip() for line in contact.strip().splitlines())
    if len(tidy) > LONGEST_CONTACT or not tidy.replace("\n", "").isprintable():
        raise SettingRefused(f"Say how the practice is reached in at most {LONGEST_CONTACT} characters.")
    return tidy


def check_proposal(months: int, reason: str, now: int) -> None:
    """Say whether a change of retention can be proposed.

    Raises:
        SettingRefused: it cannot.
    """
    if not FEWEST_MONTHS <= months <= MOST_MONTHS:
        raise SettingRefused(f"Recordings are kept for {FEWEST_MONTHS} to {MOST_MONTHS} months.")
    if months == now:
        raise SettingRefused(f"Recordings are kept for {months} months already.")
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise SettingRefused(f"Give the reason, in at most {LONGEST_REASON} characters and without naming a patient.")
