"""A person's key slot: their private key under Argon2id of their password. Opening it is the password check."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from appliance.storage.unsealing import PRIVATE, PrivateKey

_SALT, _KEY, _TAG = 16, 32, 16
_NONCE = bytes(12)  # safe: each slot has its own salt, so each key wraps once


@dataclass(frozen=True, slots=True)
class Hardness:
    """What one guess costs (RFC 9106): memory in KiB, passes over it, lanes."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Slot:
    """A wrapped private key as it rests in the vault."""

    salt: bytes
    hardness: Hardness
    wrapped: bytes


Stretch = Callable[[bytes, bytes, Hardness], bytearray]
"""Password, salt and hardness to 32 bytes of key."""


def argon2id(password: bytes, salt: bytes, hardness: Hardness) -> bytearray:
    """Stretch a password (RFC 9106, Argon2id)."""
    key = bytearray(_KEY)
    Argon2id(
        salt=salt, length=_KEY, iterations=hardness.passes, lanes=hardness.lanes, memory_cost=hardness.memory_kib
    ).derive_into(password, key)
    return key


def new_slot(password: str, key: PrivateKey, hardness: Hardness, stretch: Stretch = argon2id) -> Slot:
    """Wrap ``key`` under ``password``, exactly as typed."""
    salt = os.urandom(_SALT)
    wrapping = stretch(typed(password), salt, hardness)
    wrapped = AESGCM(wrapping).encrypt(_NONCE, key.raw(), b"linekeeper slot 1")
    _wipe(wrapping)
    return Slot(salt, hardness, wrapped)


def decoy_slot(hardness: Hardness) -> Slot:
    """Return a slot that no password opens: what a name that nobody has is tried against, at the same cost."""
    return Slot(os.urandom(_SALT), hardness, os.urandom(PRIVATE + _TAG))


def open_slot(password: str, slot: Slot, stretch: Stretch = argon2id) -> PrivateKey | None:
    """Return the key if the password is right, else None; the cost is the same."""
    wrapping, raw = stretch(typed(password), slot.salt, slot.hardness), bytearray(PRIVATE)
    try:
        AESGCM(wrapping).decrypt_into(_NONCE, slot.wrapped, b"linekeeper slot 1", raw)
        return PrivateKey(raw)
    except (InvalidTag, ValueError):  # ValueError: the file holds a slot of another length
        return None
    finally:
        _wipe(wrapping)
        _wipe(raw)


def typed(password: str) -> bytes:
    """Return a password's bytes, exactly as it was typed: no trimming, no folding, no normal form (ASVS 6.2.8)."""
    return password.encode("utf-8", "surrogatepass")


def calibrate(target_s: float = 0.5, seconds: Callable[[], float] = time.perf_counter) -> Hardness:
    """Return the hardness that costs this machine about ``target_s``: more passes, never fewer than the standard's.

    64 MiB and 3 passes is RFC 9106's second choice and stays the least, also where it takes a slow Pi longer.
    """
    least = Hardness()
    began = seconds()
    _wipe(argon2id(b"calibration", bytes(_SALT), least))
    a_pass = max(seconds() - began, 1e-6) / least.passes
    return Hardness(least.memory_kib, max(least.passes, min(16, int(target_s / a_pass))), least.lanes)


def _wipe(secret: bytearray) -> None:
    secret[:] = bytes(len(secret))
