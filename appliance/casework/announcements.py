"""The register of how callers are told that calls are recorded: message, leaflet, website, each with its last check.

The policy: "This will be via a pre-recorded message within the telephone system, in our practice leaflet and on the
website." Each is looked at every quarter; a fault that was found stays until a later check finds it gone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from appliance.casework.cases import CASEWORKERS, entry, must_be, must_lie, must_say
from appliance.casework.deadlines import corresponding_date
from appliance.casework.duewords import day_month, time_left
from appliance.model.people import Person

QUARTER_MONTHS = 3


class Place(StrEnum):
    """Where callers are told; the policy names all three, and none can be taken off the register."""

    MESSAGE = "message"
    LEAFLET = "leaflet"
    WEBSITE = "website"


PLACE_WORDS = {
    Place.MESSAGE: "Message that callers hear",
    Place.LEAFLET: "Practice leaflet",
    Place.WEBSITE: "Website",
}


class PlaceState(StrEnum):
    """How one place stands."""

    GOOD = "good"
    DUE = "due"
    FAULTY = "faulty"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Check:
    """One look at one place. ``where`` is the call made, the leaflet's print date, the page's address."""

    place: Place
    on: date
    by: str
    where: str
    says_recorded: bool
    says_purpose: bool
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether callers are told both that they are recorded and what for."""
        return self.says_recorded and self.says_purpose


@dataclass(frozen=True, slots=True)
class Register:
    """All checks ever made, oldest first."""

    checks: tuple[Check, ...] = ()

    def last(self, place: Place) -> Check | None:
        """Return the last check of a place."""
        return next((one for one in reversed(self.checks) if one.place is place), None)


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One line of the register's page."""

    place: Place
    state: PlaceState
    words: str
    next_on: date | None


def check(
    register: Register,
    by: Person,
    today: date,
    *,
    place: Place,
    where: str,
    says_recorded: bool,
    says_purpose: bool,
    checked_on: date | None = None,
    note: str = "",
) -> Register:
    """Add a check. One that found a fault says which.

    Raises:
        NotAllowed, WordsMissing, DateWrong
    """
    must_be(by, CASEWORKERS, "check what callers are told")
    before = register.last(place)
    on = must_lie(checked_on or today, before.on if before else date.min, today, "The check")
    if not (says_recorded and says_purpose):
        must_say(note, "what is wrong with it and who puts it right")
    where = must_say(where, "what was looked at: the number called, the leaflet's date, the page")
    made = Check(place, on, entry(by, today, "checked").by, where, says_recorded, says_purpose, note.strip())
    return Register((*register.checks, made))


def rows(register: Register, today: date) -> tuple[PlaceRow, ...]:
    """Return how each place stands today."""
    return tuple(_row(place, register.last(place), today) for place in Place)


def _row(place: Place, last: Check | None, today: date) -> PlaceRow:
    name = PLACE_WORDS[place]
    if last is None:
        return PlaceRow(place, PlaceState.NEVER, f"{name}: never checked. Check it now", None)
    next_on = corresponding_date(last.on, QUARTER_MONTHS)
    when = f"last checked {day_month(last.on, today)}"
    if not last.passed:
        return PlaceRow(
            place, PlaceState.FAULTY, f"{name}: {when}, and not right. Put it right and check again", next_on
        )
    if next_on < today:
        return PlaceRow(place, PlaceState.DUE, f"{name}: {when}. Check it again", next_on)
    return PlaceRow(place, PlaceState.GOOD, f"{name}: {when}, next check {time_left(next_on, today)}", next_on)


def prompts(every: Iterable[PlaceRow]) -> tuple[str, ...]:
    """Return what to remind of on the home page."""
    return tuple(row.words for row in every if row.state is not PlaceState.GOOD)
