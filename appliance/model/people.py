"""The people of a practice and what each role may do.

The policy: access is "controlled, managed by senior staff"; listening is for the manager, partners and senior staff;
requests are authorised by a partner or the manager; police requests go to the manager alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is to the box."""

    MANAGER = "manager"
    PARTNER = "partner"
    SENIOR = "senior"
    STAFF = "staff"
    TECHNICIAN = "technician"
    AUDITOR = "auditor"


class Right(StrEnum):
    """One thing that a role may or may not do. The keeper asks for it at each request; the site only hides pages."""

    SEE_LINES = "see_lines"
    LIST_CALLS = "list_calls"
    LISTEN = "listen"
    LISTEN_SHARED = "listen_shared"
    PLACE_HOLD = "place_hold"
    RELEASE_HOLD = "release_hold"
    READ_JOURNAL = "read_journal"
    MANAGE_PEOPLE = "manage_people"
    CHANGE_SETTINGS = "change_settings"
    SEE_HEALTH = "see_health"
    PAUSE_LINES = "pause_lines"
    BRING_UPDATES = "bring_updates"


_SENIOR = frozenset(
    {
        Right.SEE_LINES,
        Right.PAUSE_LINES,
        Right.LIST_CALLS,
        Right.LISTEN,
        Right.LISTEN_SHARED,
        Right.PLACE_HOLD,
        Right.SEE_HEALTH,
    }
)

RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.MANAGER: frozenset(Right),
        Role.PARTNER: _SENIOR | {Right.RELEASE_HOLD, Right.READ_JOURNAL},
        Role.SENIOR: _SENIOR,
        Role.STAFF: frozenset({Right.SEE_LINES, Right.PAUSE_LINES, Right.LISTEN_SHARED}),
        Role.TECHNICIAN: frozenset({Right.SEE_LINES, Right.SEE_HEALTH, Right.BRING_UPDATES}),
        Role.AUDITOR: frozenset({Right.SEE_LINES, Right.READ_JOURNAL}),
    }
)
"""Who may do what. A technician mends the box and never hears a call; an auditor reads and never hears one."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in. ``username`` is what they type, ``name`` what pages show."""

    username: str
    name: str
    role: Role

    def may(self, right: Right) -> bool:
        """Return whether the person's role carries the right."""
        return right in RIGHTS[self.role]


class Purpose(StrEnum):
    """Why somebody listens: the five purposes of the practice's recording policy, and no other."""

    TRAINING = "training"
    PROTECT_STAFF = "protect_staff"
    BOTH_PARTIES = "both_parties"
    FACTS = "facts"
    PROCESSES = "processes"
