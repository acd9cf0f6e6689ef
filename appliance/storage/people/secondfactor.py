"""A person's second factor as it rests: the TOTP secret and the recovery codes, sealed to whoever must read them.

It opens only after the password has opened the person's own key: the disk alone gives nobody a second factor. Managers
hold a copy, so that a new password does not bypass the second factor, and a new factor needs no password.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from appliance.codec import from_json, to_json
from appliance.errors import SealBroken
from appliance.storage.people.totp import accepted_step
from appliance.storage.sealing import SealTo
from appliance.storage.unsealing import PrivateKey

CODES = 8
_CODE = 16
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_LOOKALIKES = str.maketrans("018", "OIB", " -–")

_NO_COPY = secrets.token_bytes(700)
"""Stands in for a copy that is not there: as long as one, and nobody's."""

Sealed = Mapping[str, bytes]
"""A second factor sealed to each of several keys, by the key's name."""


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What proves that somebody has their phone, or one of the codes on paper. ``codes`` are hashes, each good once."""

    totp: str
    codes: tuple[str, ...]

    def accept(self, code: str, at: datetime, after: int) -> "Accepted | None":
        """Check six digits or a recovery code; ``after`` is the last step that was used."""
        step = accepted_step(self.totp, code, at, after)
        spent = _hash(code)
        left = tuple(kept for kept in self.codes if not hmac.compare_digest(kept, spent))
        if step is not None:
            return Accepted(self, step)
        if len(left) < len(self.codes):
            return Accepted(replace(self, codes=left), after)
        return None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A code was right: what must be kept so that it is good no more."""

    factor: SecondFactor
    step: int


def new_codes() -> tuple[str, ...]:
    """Make recovery codes of 80 bits each, in groups of four."""
    return tuple(_grouped("".join(secrets.choice(_ALPHABET) for _ in range(_CODE))) for _ in range(CODES))


def second_factor(totp: str, codes: Iterable[str]) -> SecondFactor:
    """Make a second factor; of the codes only hashes are kept. 80 random bits need no slow hash."""
    return SecondFactor(totp, tuple(_hash(code) for code in codes))


def seal_factor(factor: SecondFactor, username: str, keys: Iterable[SealTo]) -> dict[str, bytes]:
    """Seal to each of ``keys``, bound to the person."""
    return {key.kid: key.seal(_info(username), to_json(factor)) for key in keys}


def open_factor(sealed: Sealed, username: str, key: PrivateKey) -> SecondFactor | None:
    """Open the copy of ``key``; None if there is none or it does not open. Both take the same time."""
    try:
        return from_json(key.unseal(_info(username), sealed.get(key.kid, _NO_COPY)), SecondFactor)
    except SealBroken:
        return None


def _info(username: str) -> bytes:
    return b"linekeeper second factor 1\n" + username.encode("utf-8", "surrogatepass")


def _grouped(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _hash(code: str) -> str:
    plain = code.upper().translate(_LOOKALIKES)
    return hashlib.sha256(b"linekeeper recovery code 1\n" + plain.encode("utf-8", "surrogatepass")).hexdigest()
