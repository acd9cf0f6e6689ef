"""HPKE both ways against two implementations that nobody here wrote, and what a changed byte makes of it."""

import random

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey
from sealed import tink_keyset
from tink import hybrid
from tink.proto import hpke_pb2, tink_pb2

from appliance.errors import SealBroken, VaultLocked
from appliance.storage.sealing import SealTo
from appliance.storage.unsealing import PrivateKey

SUITE = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)


def messages(seed, count):
    chance = random.Random(seed)
    for _ in range(count):
        yield chance.randbytes(chance.randrange(0, 3000)), chance.randbytes(chance.randrange(0, 100))


def theirs(key):
    """Return tink's sealing and opening halves of ``key``."""
    hybrid.register()
    public = hpke_pb2.HpkePublicKey(version=0, public_key=key.seal_to.public)
    public.params.kem = hpke_pb2.DHKEM_X25519_HKDF_SHA256
    public.params.kdf = hpke_pb2.HKDF_SHA256
    public.params.aead = hpke_pb2.AES_256_GCM
    private = hpke_pb2.HpkePrivateKey(version=0, public_key=public, private_key=key.raw())
    prefix = "type.googleapis.com/google.crypto.tink."
    sealing = tink_keyset(prefix + "HpkePublicKey", public, tink_pb2.KeyData.ASYMMETRIC_PUBLIC)
    opening = tink_keyset(prefix + "HpkePrivateKey", private, tink_pb2.KeyData.ASYMMETRIC_PRIVATE)
    return sealing.primitive(hybrid.HybridEncrypt), opening.primitive(hybrid.HybridDecrypt)


def test_tink_opens_what_we_seal_and_we_open_what_tink_seals():
    key = PrivateKey.generate()
    sealing, opening = theirs(key)
    for plain, info in messages(1, 200):
        assert opening.decrypt(key.seal_to.seal(info, plain), info) == plain
        assert key.unseal(info, sealing.encrypt(plain, info)) == plain


def test_pyhpke_opens_what_we_seal_and_we_open_what_pyhpke_seals():
    key = PrivateKey.generate()
    private = KEMKey.from_pyca_cryptography_key(X25519PrivateKey.from_private_bytes(key.raw()))
    public = KEMKey.from_pyca_cryptography_key(X25519PublicKey.from_public_bytes(key.seal_to.public))
    for plain, info in messages(2, 200):
        sealed = key.seal_to.seal(info, plain)
        assert SUITE.create_recipient_context(sealed[:32], private, info=info).open(sealed[32:]) == plain
        encapsulated, sender = SUITE.create_sender_context(public, info=info)
        assert key.unseal(info, encapsulated + sender.seal(plain)) == plain


def test_anything_changed_cut_or_said_to_be_something_else_does_not_open():
    key, chance = PrivateKey.generate(), random.Random(3)
    sealed = key.seal_to.seal(b"what", b"secret" * 20)
    for at in range(len(sealed)):
        bad = bytearray(sealed)
        bad[at] ^= 1 << chance.randrange(8)
        with pytest.raises(SealBroken):
            key.unseal(b"what", bytes(bad))
        with pytest.raises(SealBroken):
            key.unseal(b"what", sealed[:at])
    with pytest.raises(SealBroken):
        key.unseal(b"something else", sealed)
    with pytest.raises(SealBroken):
        PrivateKey.generate().unseal(b"what", sealed)


def test_the_low_order_points_of_the_curve_are_refused():
    key = PrivateKey.generate()
    for point in (bytes(32), b"\1" + bytes(31)):
        with pytest.raises(SealBroken):
            key.unseal(b"", point + bytes(16))


def test_a_forgotten_key_opens_nothing():
    key = PrivateKey.generate()
    sealed = key.seal_to.seal(b"", b"secret")
    key.forget()
    with pytest.raises(VaultLocked):
        key.unseal(b"", sealed)
    with pytest.raises(VaultLocked):
        key.raw()


def test_a_key_of_the_wrong_length_is_refused():
    with pytest.raises(SealBroken):
        SealTo(bytes(31))
    with pytest.raises(SealBroken):
        PrivateKey(bytes(33))


def test_key_and_person_show_nothing_of_themselves_in_words():
    key = PrivateKey(bytes(range(32)))
    assert bytes(range(32)).hex()[:8] not in repr(key)
    assert str(bytes(range(8)))[2:-1] not in repr(key)
