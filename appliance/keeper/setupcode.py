"""The one-time set-up code: proof that whoever sets the box up can read its own screen or card.

It lies in ``run/setup-code``, for the supervisor to print, and as a hash in the vault; it goes when set-up is done.
"""

import hashlib
import hmac
import secrets
from pathlib import Path

from appliance.errors import SealBroken, SetupRefused
from appliance.files import REAL_DISK, Disk, replace_durably
from appliance.storage.checkedfile import read_checked, write_checked
from appliance.storage.people import People
from appliance.storage.people.throttle import Throttle

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS, _GROUP = 3, 4
_ACCOUNT = "set-up code"


class SetupCode:
    """The code of a box that has not been set up."""

    def __init__(self, run: Path, vault: Path, people: People, tries: Throttle, disk: Disk = REAL_DISK) -> None:
        """Make a code if one is needed and the old one is not there to be read; remove it if none is."""
        self._shown, self._hash, self._disk = run / "setup-code", vault / "setup-code.json", disk
        self._people, self._tries = people, tries
        if people.is_founded():
            self.remove()
        elif not self._is_shown():
            self._make()

    def check(self, code: str, address: str) -> None:
        """Accept the code.

        Raises:
            SetupRefused: it is wrong, or set-up has been done.
            SignInThrottled: too many wrong ones.
        """
        if self._people.is_founded():
            raise SetupRefused("This box has been set up already. Sign in.")
        self._tries.charge(_ACCOUNT, address)
        kept = read_checked(self._hash, str) or ""
        if not hmac.compare_digest(kept, _hashed(code)):
            raise SetupRefused("The set-up code is not right. It is on the box's own screen, or on the card under it.")
        self._tries.take_back(_ACCOUNT, address)

    def remove(self) -> None:
        """Set-up is done: the code is good no more."""
        self._shown.unlink(missing_ok=True)
        self._hash.unlink(missing_ok=True)

    def _is_shown(self) -> bool:
        try:
            kept = read_checked(self._hash, str) or ""
            return hmac.compare_digest(kept, _hashed(self._shown.read_text(encoding="ascii")))
        except (OSError, SealBroken, UnicodeDecodeError):
            return False

    def _make(self) -> None:
        code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        write_checked(self._hash, _hashed(code), self._disk)
        replace_durably(self._shown, code.encode("ascii") + b"\n", self._disk, mode=0o600)


def _hashed(code: str) -> str:
    plain = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(b"linekeeper set-up code 1\n" + plain.encode()).hexdigest()
