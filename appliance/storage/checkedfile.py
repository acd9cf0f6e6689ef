"""A small file of the vault: JSON with the SHA-256 of its body beside it, replaced all or nothing.

``{"body":...,"sum":"..."}``. The sum tells a failing card from a true value; it needs no key, so it is no proof against
somebody who can write to the vault.
"""

import hashlib
import hmac
from pathlib import Path
from typing import TypeVar

import msgspec

from appliance.codec import from_json, to_json
from appliance.errors import SealBroken
from appliance.files import REAL_DISK, Disk, replace_durably

T = TypeVar("T")

MODE = 0o600
"""Of all that is in the vault: the keeper's alone."""


class _File(msgspec.Struct, frozen=True):
    body: msgspec.Raw
    sum: str


def write_checked(path: Path, value: object, disk: Disk = REAL_DISK) -> None:
    """Put ``value`` at ``path``, all or nothing; durable when this returns.

    Raises:
        OSError: the disk failed; the old content stays.
    """
    body = to_json(value)
    file = b'{"body":' + body + b',"sum":"' + hashlib.sha256(body).hexdigest().encode() + b'"}\n'
    replace_durably(path, file, disk, MODE)


def read_checked(path: Path, kind: type[T]) -> T | None:
    """Read ``path`` as ``kind``; None when there is no such file.

    Raises:
        SealBroken: it is there, and damaged.
    """
    try:
        file = from_json(path.read_bytes(), _File)
    except FileNotFoundError:
        return None
    except SealBroken as wrong:
        raise _damaged(path) from wrong
    body = bytes(file.body)
    if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), file.sum.encode()):
        raise _damaged(path)
    return from_json(body, kind)


def _damaged(path: Path) -> SealBroken:
    return SealBroken(f"The vault's {path.name} is damaged. Put it back from a backup.")
