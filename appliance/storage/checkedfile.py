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
    replace_checked(path, value, disk)


def replace_checked(path: Path, value: object, disk: Disk) -> str:
    """As ``write_checked``; return the sum that the file ends with, for what goes on from there."""
    body = to_json(value)
    total = hashlib.sha256(body).hexdigest()
    replace_durably(path, checked_bytes(body, total), disk, MODE)
    return total


def checked_bytes(body: bytes, total: str) -> bytes:
    """Return JSON and its sum as a line."""
    return b'{"body":' + body + b',"sum":"' + total.encode() + b'"}\n'


def read_checked(path: Path, kind: type[T]) -> T | None:
    """Read ``path`` as ``kind``; None when there is no such file.

    Raises:
        SealBroken: it is there, and damaged.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return from_json(checked_body(path, data)[0], kind)


def checked_body(path: Path, line: bytes) -> tuple[bytes, str]:
    """Return the body and the sum of what was read at ``path``.

    Raises:
        SealBroken: it is damaged.
    """
    try:
        file = from_json(line, _File)
    except SealBroken as wrong:
        raise damaged(path) from wrong
    body = bytes(file.body)
    if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), file.sum.encode()):
        raise damaged(path)
    return body, file.sum


def damaged(path: Path) -> SealBroken:
    """Return what is to be raised of a file of the vault that does not add up."""
    return SealBroken(f"The vault's {path.name} is damaged. Put it back from a backup.")
