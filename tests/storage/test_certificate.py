"""The site's certificate: an authority that can vouch for this box only, and a leaf that is renewed in time."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.storage.certificate import LIFE, RENEW_AFTER, ensure_certificate, fingerprint

NAME = "recorder.local"
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def made(tmp_path):
    return ensure_certificate(tmp_path, NAME, ["192.168.1.20"], NOW)


def handshake(served, trusted, name):
    """Serve ``served`` once and connect as a browser that trusts ``trusted``; raise what the browser would show."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(*served)
    ours, theirs = socket.socketpair()
    trusting = ssl.create_default_context(cafile=trusted)
    server = threading.Thread(target=_serve, args=(serving, ours), daemon=True)
    server.start()
    try:
        with theirs, trusting.wrap_socket(theirs, server_hostname=name) as browser:
            return browser.version()
    finally:
        server.join(10)


def _serve(context, connection):
    with connection:
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            return


@pytest.mark.parametrize("name", [NAME, "192.168.1.20"])
def test_a_browser_that_trusts_the_authority_accepts_the_site(made, name):
    assert handshake((made.chain, made.key), made.authority, name) == "TLSv1.3"


@pytest.mark.parametrize("name", ["other.local", "192.168.1.21"])
def test_it_is_not_accepted_for_another_name(made, name):
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake((made.chain, made.key), made.authority, name)


@pytest.mark.parametrize("name", ["bank.example", "8.8.8.8"])
def test_the_authority_cannot_vouch_for_anything_else_even_with_its_key_stolen(made, tmp_path, name):
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    authority_key = serialization.load_pem_private_key((tmp_path / "authority.key").read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    try:
        import ipaddress

        san = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        san = x509.DNSName(name)
    forged = (
        x509.CertificateBuilder(authority.subject, x509.Name([]), key.public_key(), 7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([san]), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    (tmp_path / "forged.pem").write_bytes(forged.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "forged.key").write_bytes(pem)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        handshake((tmp_path / "forged.pem", tmp_path / "forged.key"), made.authority, name)


def test_keys_are_the_owners_alone_and_certificates_everybodys(made, tmp_path):
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"authority.key": 0o600, "site.key": 0o600, "authority.pem": 0o644, "site.pem": 0o644}


def test_it_stays_the_same_until_it_is_300_days_old_and_the_authority_stays_for_ever(made, tmp_path):
    before = made.chain.read_bytes(), made.authority.read_bytes()
    last = ensure_certificate(tmp_path, NAME, ["192.168.1.20"], NOW + RENEW_AFTER - timedelta(seconds=1))
    assert not last.renewed
    assert last.chain.read_bytes() == before[0]
    then = ensure_certificate(tmp_path, NAME, ["192.168.1.20"], NOW + RENEW_AFTER)
    assert then.renewed
    assert then.chain.read_bytes() != before[0]
    assert then.authority.read_bytes() == before[1]
    assert then.fingerprint == made.fingerprint
    leaf = x509.load_pem_x509_certificate(then.chain.read_bytes())
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == LIFE == timedelta(days=397)


def test_a_box_that_began_in_1970_gets_a_good_certificate_once_its_clock_is_right(tmp_path):
    first = ensure_certificate(tmp_path, NAME, [], datetime(1970, 1, 1, tzinfo=UTC))
    then = ensure_certificate(tmp_path, NAME, [], NOW)
    assert then.renewed
    assert then.fingerprint == first.fingerprint
    assert handshake((then.chain, then.key), then.authority, NAME)
    back = ensure_certificate(tmp_path, NAME, [], NOW - timedelta(days=5))
    assert back.renewed


def test_other_addresses_make_a_new_leaf_and_public_ones_are_left_out(made, tmp_path):
    moved = ensure_certificate(tmp_path, NAME, ["192.168.1.99", "8.8.8.8", "fe80::1"], NOW)
    assert moved.renewed
    leaf = x509.load_pem_x509_certificate(moved.chain.read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.99", "fe80::1"]
    assert not ensure_certificate(tmp_path, NAME, ["fe80::1", "192.168.1.99"], NOW).renewed


def test_another_name_makes_another_authority(made, tmp_path):
    other = ensure_certificate(tmp_path, "calls.local", [], NOW)
    assert other.renewed
    assert other.fingerprint != made.fingerprint
    assert handshake((other.chain, other.key), other.authority, "calls.local")


@pytest.mark.parametrize("name", ["site.pem", "site.key", "authority.pem", "authority.key"])
def test_a_damaged_or_missing_file_is_made_anew_and_the_site_works(made, tmp_path, name):
    for damage in (lambda path: path.write_bytes(b"nonsense"), lambda path: path.unlink()):
        damage(tmp_path / name)
        again = ensure_certificate(tmp_path, NAME, [], NOW)
        assert handshake((again.chain, again.key), again.authority, NAME)


def test_the_fingerprint_is_in_groups_of_four(made):
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    groups = made.fingerprint.split(" ")
    assert len(groups) == 16
    assert bytes.fromhex("".join(groups)) == authority.fingerprint(hashes.SHA256())
    assert fingerprint(authority) == made.fingerprint
