"""The second factor: time-based one-time passwords of six digits (RFC 6238, SHA-1, 30 s), as phones know them."""

import hmac
from dataclasses import dataclass
from datetime import datetime

import pyotp

ISSUER = "Call recorder"
STEP_S = 30
_AROUND = (0, -1, 1)
"""Steps accepted beside the present one: a phone's clock may be half a minute wrong."""


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
