"""The hub's own certificate authority, for districts without certificates: made at the first start, pinned by agents at enrolment.

Invariants: private keys are readable by their owner only; the server's certificate names every address the hub is reached by and is renewed a
month before it ends; the authority itself is made once and never replaced silently (agents pin it).
"""

import datetime
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sharing_hub import private_files, settings

AUTHORITY_YEARS = 20
SERVER_DAYS = 397
RENEW_BEFORE = datetime.timedelta(days=30)
AUTHORITY_FILE = "authority.pem"
_CLOCK_SLACK = datetime.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Files:
    """PEM files that a TLS server loads."""

    certificate: Path
    key: Path


def prepare(folder: Path, names: Iterable[str], now: datetime.datetime) -> Files:
    """Return the server's certificate and key, making or renewing what is missing, due or for other names.

    Args:
        names: host names and addresses that the certificate must hold.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = Files(folder / "server.pem", folder / "server.key")
    _need_authority(folder, now)
    wanted = sorted(set(names))
    if not _is_good(files, wanted, now):
        _make_server(folder, files, wanted, now)
    return files


def prepare_signer(folder: Path, now: datetime.datetime) -> Files:
    """Return the certificate and key with which the hub signs what it hands out (content credentials), made or renewed where due.

    The certificate is followed by the authority's in the file, as signers want it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = Files(folder / "content.pem", folder / "content.key")
    _need_authority(folder, now)
    if not _is_current(files, now):
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Jikimi hub"),
                x509.NameAttribute(NameOID.COMMON_NAME, "Jikimi hub content credentials"),
            ]
        )
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])  # what C2PA 2.1 (14.5.1) asks of signers
        _issue(folder, files, subject, [(usage, False)], now)
    return files


def fingerprint(folder: Path) -> str | None:
    """Return the SHA-256 of the authority's DER form in hex; None where there is no authority."""
    path = folder / AUTHORITY_FILE
    if not path.exists():
        return None
    return x509.load_pem_x509_certificate(path.read_bytes()).fingerprint(hashes.SHA256()).hex()


def names_of(chosen: settings.Settings) -> tuple[str, ...]:
    """Return every name and address this hub may be reached by."""
    names = {"localhost", "127.0.0.1", "::1", socket.gethostname(), *chosen.tls.names}
    if chosen.server.host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        names.add(chosen.server.host)
    if chosen.server.public_url:
        names.add(urlsplit(chosen.server.public_url).hostname or "localhost")
    return tuple(sorted(names))


def _make_authority(folder: Path, now: datetime.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Jikimi hub authority {socket.gethostname()[:30]}")])
    ends_at = now + datetime.timedelta(days=365 * AUTHORITY_YEARS)
    builder = (
        _builder(name, name, key.public_key(), now, ends_at)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256())
    private_files.write(folder / "authority.key", _private_pem(key))
    private_files.write(folder / AUTHORITY_FILE, certificate.public_bytes(serialization.Encoding.PEM))


def _need_authority(folder: Path, now: datetime.datetime) -> None:
    if not (folder / AUTHORITY_FILE).exists():
        _make_authority(folder, now)


def _make_server(folder: Path, files: Files, names: list[str], now: datetime.datetime) -> None:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:60])])
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectAlternativeName([_general_name(name) for name in names]), False),
    ]
    _issue(folder, files, subject, extensions, now)


def _issue(
    folder: Path,
    files: Files,
    subject: x509.Name,
    extensions: Iterable[tuple[x509.ExtensionType, bool]],
    now: datetime.datetime,
) -> None:
    """Write a new key and the authority's certificate of it; each extension with whether it is critical."""
    signer = serialization.load_pem_private_key((folder / "authority.key").read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not the kind this hub makes")
    issuer = x509.load_pem_x509_certificate((folder / AUTHORITY_FILE).read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    ends_at = min(now + datetime.timedelta(days=SERVER_DAYS), issuer.not_valid_after_utc)
    builder = (
        _builder(subject, issuer.subject, key.public_key(), now, ends_at)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    certificate = builder.sign(signer, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private_files.write(files.key, _private_pem(key))
    private_files.write(files.certificate, certificate.public_bytes(pem) + issuer.public_bytes(pem))


def _is_good(files: Files, names: list[str], now: datetime.datetime) -> bool:
    if not _is_current(files, now):
        return False
    certificate = x509.load_pem_x509_certificates(files.certificate.read_bytes())[0]
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(held) >= {_general_name(n) for n in names}


def _is_current(files: Files, now: datetime.datetime) -> bool:
    if not (files.certificate.exists() and files.key.exists()):
        return False
    certificate = x509.load_pem_x509_certificates(files.certificate.read_bytes())[0]
    key = serialization.load_pem_private_key(files.key.read_bytes(), None)
    same_key = key.public_key() == certificate.public_key()  # a kill between the two writes leaves them different
    return same_key and certificate.not_valid_after_utc - now > RENEW_BEFORE


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime.datetime,
    ends_at: datetime.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(ends_at)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
