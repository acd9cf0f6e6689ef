"""The site's certificate: an authority made on the box that can vouch for nothing but this box, and a leaf from it.

The authority is made once and carries critical name constraints (RFC 5280, 4.2.1.10): the site's own name, and
addresses of private networks. Trusting it on a PC so trusts it for no bank. The leaf lives 397 days, the most that
browsers take, and is renewed after 300. The authority's dates are fixed, because a new box may believe in 1970.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.files import REAL_DISK, Disk, replace_durably

LIFE, RENEW_AFTER = timedelta(days=397), timedelta(days=300)
_AUTHORITY_FROM, _AUTHORITY_UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
_PRIVATE_NETWORKS = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class SiteCertificate:
    """Where the files lie: what nginx serves, and the authority that people trust once.

    ``fingerprint`` is the authority's SHA-256 in groups of four, to compare; ``renewed`` whether the leaf is new.
    """

    chain: Path
    key: Path
    authority: Path
    fingerprint: str
    renewed: bool


@dataclass(frozen=True, slots=True)
class KeptCertificate:
    """What there is: the authority (PEM) with its fingerprint, and until when the leaf it signed is good."""

    authority: str
    fingerprint: str
    good_until: datetime
    renewed_by: datetime


def kept_certificate(folder: Path) -> KeptCertificate | None:
    """Return what ``folder`` holds; None where the site has no certificate."""
    authority, leaf = _read_certificate(folder / "authority.pem"), _read_certificate(folder / "site.pem")
    if authority is None or leaf is None:
        return None
    renewed_by = leaf.not_valid_before_utc + RENEW_AFTER
    return KeptCertificate(
        _pem(authority).decode("ascii"), fingerprint(authority), leaf.not_valid_after_utc, renewed_by
    )


def ensure_certificate(
    folder: Path, name: str, addresses: Iterable[str], now: datetime, disk: Disk = REAL_DISK
) -> SiteCertificate:
    """Make what is missing in ``folder``, and renew the leaf where it is old, for other names, or not to be read.

    Addresses that are not of a private network are left out: the authority may not vouch for them.

    Raises:
        OSError: the disk failed.
    """
    wanted = _names(name, addresses)
    authority_key, authority = _authority(folder, name, disk)
    key = _key(folder / "site.key", disk)
    chain = folder / "site.pem"
    leaf = _read_certificate(chain)
    renewed = leaf is None or not _good(leaf, authority, key, wanted, now)
    if renewed:
        leaf = _leaf(name, wanted, key, authority, authority_key, now)
        replace_durably(chain, _pem(leaf) + _pem(authority), disk, 0o644)
    return SiteCertificate(chain, folder / "site.key", folder / "authority.pem", fingerprint(authority), renewed)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return a certificate's SHA-256 as people compare it: upper-case hex in groups of four."""
    digits = certificate.fingerprint(hashes.SHA256()).hex().upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _names(name: str, addresses: Iterable[str]) -> list[x509.GeneralName]:
    networks = [ipaddress.ip_network(network) for network in _PRIVATE_NETWORKS]
    known = sorted({ipaddress.ip_address(address) for address in addresses}, key=str)
    private = (address for address in known if any(address in network for network in networks))
    return [x509.DNSName(name), *(x509.IPAddress(address) for address in private)]


def _authority(folder: Path, name: str, disk: Disk) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key, path = _key(folder / "authority.key", disk), folder / "authority.pem"
    kept = _read_certificate(path)
    if kept is not None and kept.public_key() == key.public_key() and _constraints(name) in _constraints_of(kept):
        return key, kept
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Call recorder {name}")])
    usage = _usage(certificates=True)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(_AUTHORITY_FROM)
        .not_valid_after(_AUTHORITY_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(_constraints(name), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    replace_durably(path, _pem(made), disk, 0o644)
    return key, made


def _leaf(
    name: str,
    names: list[x509.GeneralName],
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        x509.CertificateBuilder(authority.subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _good(
    leaf: x509.Certificate,
    authority: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    wanted: list[x509.GeneralName],
    now: datetime,
) -> bool:
    made = leaf.not_valid_before_utc
    if not made <= now < made + RENEW_AFTER or leaf.public_key() != key.public_key():
        return False
    try:
        leaf.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError):
        return False
    return list(leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value) == wanted


def _constraints(name: str) -> x509.NameConstraints:
    networks = [x509.IPAddress(ipaddress.ip_network(network)) for network in _PRIVATE_NETWORKS]
    return x509.NameConstraints(permitted_subtrees=[x509.DNSName(name), *networks], excluded_subtrees=None)


def _constraints_of(authority: x509.Certificate) -> list[x509.NameConstraints]:
    return [each.value for each in authority.extensions if isinstance(each.value, x509.NameConstraints)]


def _usage(certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key(path: Path, disk: Disk) -> ec.EllipticCurvePrivateKey:
    """Read a key, or make one where there is none that can be read."""
    try:
        kept = serialization.load_pem_private_key(path.read_bytes(), None)
        if isinstance(kept, ec.EllipticCurvePrivateKey):
            return kept
    except (FileNotFoundError, ValueError, TypeError):
        pass
    made = ec.generate_private_key(ec.SECP256R1())
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    replace_durably(path, pem, disk, 0o600)
    return made


def _read_certificate(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
