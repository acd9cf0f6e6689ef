"""Opening what was sealed to a public key: the half that only the keeper and ``recover`` have."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from appliance.errors import SealBroken, VaultLocked
from appliance.storage.sealing import SUITE, SealTo

PRIVATE = 32
"""Bytes of an X25519 private key."""


class PrivateKey:
    """The private half of a key pair, in memory until ``forget``, or for the length of a ``with``.

    The key rests in OpenSSL's memory, which is overwritten when it is let go. Copies that Python made on the way
    (``raw``, a decrypted grant) are ordinary bytes, and stay in freed memory until something else takes the place:
    Python cannot wipe those. The process has neither swap nor core dumps (``memory.lock_memory``).
    """

    __slots__ = ("_key", "seal_to")
    _key: X25519PrivateKey | None
    seal_to: SealTo

    def __init__(self, raw: bytes | bytearray) -> None:
        """Take the 32 raw bytes.

        Raises:
            SealBroken: there are not 32 of them.
        """
        if len(raw) != PRIVATE:
            raise SealBroken("This is not a private key.")
        self._hold(X25519PrivateKey.from_private_bytes(raw))

    @classmethod
    def generate(cls) -> "PrivateKey":
        """Make a new key pair."""
        made = cls.__new__(cls)
        made._hold(X25519PrivateKey.generate())
        return made

    @property
    def kid(self) -> str:
        """The name of the pair."""
        return self.seal_to.kid

    def raw(self) -> bytes:
        """Return the 32 bytes, to be wrapped and nothing else.

        Raises:
            VaultLocked: the key was forgotten.
        """
        return self._held().private_bytes_raw()

    def unseal(self, info: bytes, sealed: bytes) -> bytes:
        """Open what was sealed to this pair with the same ``info``.

        Raises:
            SealBroken: it was changed, is something else, or was sealed to another key.
            VaultLocked: the key was forgotten.
        """
        try:
            return SUITE.decrypt(sealed, self._held(), info=info)
        except (InvalidTag, ValueError) as wrong:
            raise SealBroken("What was sealed does not open: it was changed, or another key is needed.") from wrong

    def __enter__(self) -> "PrivateKey":
        return self

    def __exit__(self, *_: object) -> None:
        self.forget()

    def forget(self) -> None:
        """Let go of the key; from now on it opens nothing."""
        self._key = None

    def _hold(self, key: X25519PrivateKey) -> None:
        self._key = key
        self.seal_to = SealTo(key.public_key().public_bytes_raw())

    def _held(self) -> X25519PrivateKey:
        if self._key is None:
            raise VaultLocked("The key has left memory. Sign in again.")
        return self._key
