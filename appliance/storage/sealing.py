"""Sealing to a public key: HPKE (RFC 9180) in base mode, one shot; X25519, HKDF-SHA256, AES-256-GCM.

This is the half that the recorder has. Opening is in ``unsealing``, which the recorder may not import.
"""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from appliance.errors import SealBroken

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

PUBLIC = 32
"""Bytes of an X25519 public key (RFC 7748)."""


@dataclass(frozen=True, slots=True)
class SealTo:
    """A public key to seal to: its 32 raw bytes."""

    public: bytes

    def __post_init__(self) -> None:
        """Refuse what is not a key at all.

        Raises:
            SealBroken: it has another length.
        """
        if len(self.public) != PUBLIC:
            raise SealBroken("This is not a public key.")

    @property
    def kid(self) -> str:
        """The key's name: the first 16 hex digits of the SHA-256 of its bytes."""
        return hashlib.sha256(self.public).hexdigest()[:16]

    @property
    def text(self) -> str:
        """Its base64, for files."""
        return base64.b64encode(self.public).decode("ascii")

    def seal(self, info: bytes, plaintext: bytes) -> bytes:
        """Seal ``plaintext``; ``info`` says what it is and must be given again to open it.

        Returns the encapsulated key (32 bytes), then the ciphertext with its tag.
        """
        return SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(self.public), info=info)
