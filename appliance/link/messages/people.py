"""Who may sign in. Each change but one's own password needs MANAGE_PEOPLE and a fresh sign-in, and is written down."""

from appliance.link.messages.base import Message, Signed
from appliance.link.messages.setup import TotpOffer
from appliance.model.people import Person, Role


class ListPeople(Signed, frozen=True):
    """-> ``People``. Needs MANAGE_PEOPLE."""


class ListColleagues(Signed, frozen=True):
    """-> ``People`` with whom a call may be shared: those who hear only what is shared with them. Needs LISTEN."""


class People(Message, frozen=True):
    """Everybody who can sign in; ``left`` are those who cannot any more."""

    people: tuple[Person, ...]
    left: tuple[Person, ...] = ()


class AddPerson(Signed, frozen=True):
    """Add somebody, with a first password -> ``PersonAdded``, or PersonRefused / PasswordTooWeak."""

    username: str
    name: str
    role: Role
    password: str


class PersonAdded(Message, frozen=True):
    """What a person needs, shown once."""

    totp: TotpOffer
    recovery_codes: tuple[str, ...]


class RenamePerson(Signed, frozen=True):
    """Give somebody another ``name``; the username stays -> ``Done``, or PersonRefused."""

    username: str
    name: str


class ChangeRole(Signed, frozen=True):
    """-> ``Done``, or PersonRefused: the last manager stays one. The person's sessions end at once."""

    username: str
    role: Role


class DisablePerson(Signed, frozen=True):
    """Let somebody in no more -> ``Done``, or PersonRefused: the last manager cannot go. Sessions end at once."""

    username: str


class EnablePerson(Signed, frozen=True):
    """Let somebody in again, with the password and second factor they had -> ``Done``."""

    username: str


class ResetPassword(Signed, frozen=True):
    """Give somebody else a new password -> ``PersonReset``, or PasswordTooWeak. Sessions end; shares must be made anew.

    ``second_factor`` gives them a new one of those too: for a phone that was lost with the password.
    """

    username: str
    password: str
    second_factor: bool = False


class PersonReset(Message, frozen=True):
    """``totp`` and ``recovery_codes`` are None and empty where the second factor stays as it was."""

    totp: TotpOffer | None
    recovery_codes: tuple[str, ...]


class ResetSecondFactor(Signed, frozen=True):
    """Give somebody else a new second factor; the password stays -> ``PersonAdded``. Sessions end at once."""

    username: str


class ChangePassword(Signed, frozen=True):
    """Change one's own password -> ``Done``, or SignInRefused / SignInThrottled / PasswordTooWeak.

    Needs the current one, and no right. One's other sessions end at once.
    """

    current: str
    password: str


class OfferSecondFactor(Signed, frozen=True):
    """Begin to change one's own second factor -> ``TotpOffer``. Needs a fresh sign-in. Nothing is kept yet."""


class TakeSecondFactor(Signed, frozen=True):
    """Take the second factor that was offered, proved by a code of it -> ``RecoveryCodes``, or PersonRefused.

    Needs a fresh sign-in. One's other sessions end at once.
    """

    secret: str
    code: str


class RenewRecoveryCodes(Signed, frozen=True):
    """Make one's own recovery codes anew; the old ones are good no more -> ``RecoveryCodes``. Needs a fresh sign-in."""


class RecoveryCodes(Message, frozen=True):
    """One's recovery codes, shown once."""

    codes: tuple[str, ...]


class Rescue(Message, frozen=True):
    """Let a manager in again who lost password or phone, with the recovery sheet -> ``PersonAdded``.

    Or SheetMistyped, PersonRefused, PasswordTooWeak, SignInThrottled. Needs no session.
    """

    sheet: str
    username: str
    password: str
    address: str


Request = (
    ListPeople
    | ListColleagues
    | AddPerson
    | RenamePerson
    | ChangeRole
    | DisablePerson
    | EnablePerson
    | ResetPassword
    | ResetSecondFactor
    | ChangePassword
    | OfferSecondFactor
    | TakeSecondFactor
    | RenewRecoveryCodes
    | Rescue
)

Reply = People | PersonAdded | PersonReset | RecoveryCodes
