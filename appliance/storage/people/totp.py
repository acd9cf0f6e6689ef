"""The second factor: time-based one-time passwords of six digits (RFC 6238, SHA-1, 30 s), as phones know them."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime

import pyotp

ISSUER = "Call recorder"
STEP_S = 30
_AROUND = (0, -1, 1)
"""Steps accepted beside the present one: a phone's clock may be half a minute wrong."""


_SECRET = re.compile(r"[A-Z2-7]{32,64}")  # base32, 160 bits or more (RFC 4226, 4)


@dataclass(frozen=True, slots=True)
class TotpSecret:
    """A second factor to scan: ``uri`` is otpauth:// for the QR code, ``secret`` its base32 for typing."""

    secret: str
    uri: str


def new_totp(username: str, practice: str) -> TotpSecret:
    """Make a secret of 160 bits."""
    return offer(pyotp.random_base32(), username, practice)


def offer(secret: str, username: str, practice: str) -> TotpSecret:
    """Return a secret with its address for a phone."""
    name = f"{username} ({practice})" if practice else username
    return TotpSecret(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))


def accepted_step(secret: str, code: str, at: datetime, after: int) -> int | None:
    """Return the 30-second step whose code was given, None if it is wrong or not newer than step ``after``.

    The caller keeps the step: a code is good once (RFC 6238 5.2, ASVS 6.5.1).
    """
    digits = code.replace(" ", "").encode("ascii", "replace")
    otp, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP_S
    found = None
    for step in (now + around for around in _AROUND):
        if hmac.compare_digest(otp.generate_otp(max(step, 0)).encode(), digits) and step > after:
            found = step if found is None else found
    return found


def is_secret(text: str) -> bool:
    """Return whether a text has the form of a secret that this box offers."""
    return _SECRET.fullmatch(text) is not None


def proved_step(secret: str, code: str, at: datetime) -> int | None:
    """Return the step of a code that proves that ``secret`` is on somebody's phone; None if it does not."""
    return accepted_step(secret, code, at, -1) if is_secret(secret) else None
