"""Set-up: the practice, its manager, the recovery sheet and the first grants; all of it or nothing."""

from dataclasses import dataclass

import msgspec

from appliance.clock import Clock
from appliance.errors import SetupRefused
from appliance.model.people import Person, Role
from appliance.storage.keyring import Keyring
from appliance.storage.people.joining import checked_newcomer, joined, welcome
from appliance.storage.people.passwords import check_password
from appliance.storage.people.register import Register
from appliance.storage.people.roster import Roster, checked_person
from appliance.storage.people.slots import Hardness, Stretch
from appliance.storage.people.totp import is_secret, offer, proved_step
from appliance.storage.recovery import sheet_text
from appliance.storage.unsealing import PrivateKey

_LONGEST_PRACTICE = 100


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the set-up page collects."""

    practice: str
    name: str
    username: str
    password: str
    totp_secret: str
    totp_code: str


@dataclass(frozen=True, slots=True)
class Founding:
    """What set-up gives the manager, shown once: the sheet that opens everything, and codes for a lost phone."""

    recovery_sheet: str
    recovery_codes: tuple[str, ...]


def found(
    applicant: Applicant, register: Register, keyring: Keyring, clock: Clock, hardness: Hardness, stretch: Stretch
) -> Founding:
    """Make the practice. The roster's file is the moment it is done: before it nothing counts, after it all does.

    Raises:
        SetupRefused: a part cannot be used, or set-up has been done.
    """
    if register.founded:
        raise SetupRefused("This box has been set up already. Sign in.")
    recovery = PrivateKey.generate()
    roster = Roster(checked_practice(applicant.practice), recovery.seal_to.public, hardness, ())
    person = Person(applicant.username, applicant.name, Role.MANAGER)
    person = checked_newcomer(roster, person, applicant.password)
    step = _checked_code(applicant, clock)
    shown, factor = welcome(offer(applicant.totp_secret, person.username, roster.practice))
    manager = joined(roster, person, applicant.password, factor, stretch)
    roster = roster.having(msgspec.structs.replace(manager, last_step=step))
    keyring.grant_first(roster.recipients())
    register.keep(roster)
    keyring.finish_setup(roster.recipients())
    sheet = sheet_text(recovery)
    recovery.forget()
    return Founding(sheet, shown.recovery_codes)


def check_applicant(practice: str, person: Person, password: str) -> None:
    """Say whether set-up would take these, before the manager has gone for the phone.

    Raises:
        SetupRefused: a name cannot be used, or (PasswordTooWeak) the password cannot.
    """
    person = checked_person(person)
    check_password(password, (checked_practice(practice), person.username, person.name))


def checked_practice(practice: str) -> str:
    """Return a practice's name, tidy.

    Raises:
        SetupRefused: it is empty, too long, or not in one line.
    """
    practice = practice.strip()
    if not practice or len(practice) > _LONGEST_PRACTICE or not practice.isprintable():
        raise SetupRefused(f"Give the practice's name, in at most {_LONGEST_PRACTICE} characters.")
    return practice


def _checked_code(applicant: Applicant, clock: Clock) -> int:
    if not is_secret(applicant.totp_secret):
        raise SetupRefused("The second factor is not one that this box offered. Begin set-up again.")
    step = proved_step(applicant.totp_secret, applicant.totp_code, clock.now().at)
    if step is None:
        raise SetupRefused(
            "The six-digit code is not right. Wait for the next one; if that fails too, compare the time on the phone "
            "with the box's."
        )
    return step
