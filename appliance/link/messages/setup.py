"""Setting the box up, once."""

from appliance.link.messages.base import Message


class AskSetup(Message, frozen=True):
    """Has the box been set up? -> ``SetupState``."""


class SetupState(Message, frozen=True):
    """``practice`` is empty until set-up is done."""

    done: bool
    practice: str


class StartSetup(Message, frozen=True):
    """Somebody typed the one-time setup code -> ``TotpOffer``, or SetupRefused / SignInThrottled."""

    code: str
    practice: str
    username: str
    address: str


class CheckPassword(Message, frozen=True):
    """May the manager have this password? Asked before the phone is set up -> ``Done``, or PasswordTooWeak.

    Or PersonRefused for a name, SetupRefused, SignInThrottled. Nothing is kept.
    """

    code: str
    practice: str
    name: str
    username: str
    password: str
    address: str


class TotpOffer(Message, frozen=True):
    """A second factor to scan: ``uri`` is otpauth:// for the QR code, ``secret`` its base32 for typing."""

    secret: str
    uri: str


class FinishSetup(Message, frozen=True):
    """Make the practice, its manager and its keys -> ``SetupFinished``. Nothing is kept if any part is refused."""

    code: str
    practice: str
    name: str
    username: str
    password: str
    totp_secret: str
    totp_code: str
    address: str


class SetupFinished(Message, frozen=True):
    """``recovery_sheet`` opens everything and is shown once; ``recovery_codes`` replace a lost second factor."""

    recovery_sheet: str
    recovery_codes: tuple[str, ...]


Request = AskSetup | StartSetup | CheckPassword | FinishSetup

Reply = SetupState | TotpOffer | SetupFinished
