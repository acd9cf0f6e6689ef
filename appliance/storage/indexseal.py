"""Sealing the index of numbers: AES-256-GCM under a key of its own, which is itself sealed to the recording key."""

import os
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.codec import read_json, to_json
from appliance.errors import NotAllowed, SealBroken
from appliance.files import REAL_DISK, Disk, replace_durably
from appliance.storage.keyring import Keyring
from appliance.storage.unsealing import PrivateKey

_NONCE = 12
_INFO = b"linekeeper index key 1"


class _KeyFile(msgspec.Struct, frozen=True):
    kid: str
    sealed: bytes


def seal_day(key: bytes, day: str, plain: bytes) -> bytes:
    """Seal one day's index. The nonce is random: a key seals some thousands of days, far below 2^32."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, _bound(day))


def open_day(key: bytes, day: str, sealed: bytes) -> bytes:
    """Open one day's index.

    Raises:
        SealBroken: it was changed, is another day's, or was sealed under another key.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(day))
    except (InvalidTag, ValueError) as wrong:
        raise SealBroken("A day of the index does not open; it is made anew.") from wrong


def index_key(folder: Path, keyring: Keyring, by: PrivateKey, disk: Disk = REAL_DISK) -> bytes:
    """Return the key of the index, with the key of somebody entitled.

    Where it does not open (the month it was sealed in has wholly expired, or the file is damaged), the index begins
    anew under another: it is only a copy of what the sheets say. The key moves on with the recording key.
    """
    current, path = keyring.current(), folder / "key.json"
    kept = _opened(path, keyring, by)
    if kept is None:
        for stale in folder.glob("*.sealed"):
            stale.unlink()
    kid, key = kept or ("", os.urandom(32))
    if kid != current.kid:
        replace_durably(path, to_json(_KeyFile(current.kid, current.seal(_INFO, key))), disk, mode=0o600)
    return key


def _opened(path: Path, keyring: Keyring, by: PrivateKey) -> tuple[str, bytes] | None:
    """Return the kept key and the name of the recording key it is sealed to; None if there is none that opens."""
    try:
        file = read_json(path, _KeyFile)
        if file is None:
            return None
        opener = keyring.open(file.kid, by)
        try:
            return file.kid, opener.unseal(_INFO, file.sealed)
        finally:
            opener.forget()
    except (SealBroken, NotAllowed):
        return None


def _bound(day: str) -> bytes:
    return f"linekeeper index 3\n{day}".encode("ascii")
