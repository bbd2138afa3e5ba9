"""A time stamp authority that issues real RFC 3161 tokens, made with `cryptography` and a little DER; for tests.

Sources: RFC 3161 section 2.4 (request, response, TSTInfo); RFC 5652 section 5 (SignedData); RFC 5816 (SigningCertificateV2).
"""

import datetime
import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SHA256, SIGNED_DATA, TST_INFO = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, DIGEST, SIGNING_CERTIFICATE = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.16.2.47"
ECDSA_SHA256, POLICY = "1.2.840.10045.4.3.2", "1.2.3.4.1"


@dataclass(frozen=True)
class TimeAuthority:
    """An authority of its own root, certificate and key, whose clock stands still.

    Attributes:
        roots_pem: what its stamps are verified with.
    """

    roots_pem: bytes
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    now: datetime.datetime

    def stamp(self, data: bytes) -> bytes:
        """Return a TimeStampResp over the SHA-256 of `data`, without a nonce."""
        return self.respond(hashlib.sha256(data).digest(), None)

    def answer(self, request: bytes) -> bytes:
        """Return the TimeStampResp to a TimeStampReq, as an HTTP authority would."""
        fields = elements(elements(request)[0][1])
        imprint = elements(fields[1][1])[1][1]
        nonce = next((value for tag, value in fields[2:] if tag == 0x02), None)
        return self.respond(imprint, nonce)

    def respond(self, imprint: bytes, nonce: bytes | None) -> bytes:
        """Return a granted TimeStampResp over a SHA-256."""
        info = sequence(
            integer(1),
            oid(POLICY),
            sequence(sequence(oid(SHA256), b"\x05\x00"), tlv(0x04, imprint)),
            integer(4711),
            tlv(0x18, self.now.strftime("%Y%m%d%H%M%SZ").encode()),
            *([] if nonce is None else [tlv(0x02, nonce)]),
        )
        return sequence(sequence(integer(0)), self._token(info))

    def _token(self, info: bytes) -> bytes:
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        certified = sequence(sequence(sequence(tlv(0x04, hashlib.sha256(der).digest()))))
        attributes = sorted(
            [
                sequence(oid(CONTENT_TYPE), tlv(0x31, oid(TST_INFO))),
                sequence(oid(DIGEST), tlv(0x31, tlv(0x04, hashlib.sha256(info).digest()))),
                sequence(oid(SIGNING_CERTIFICATE), tlv(0x31, certified)),
            ]
        )
        signed = tlv(0x31, b"".join(attributes))
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        signer = sequence(
            integer(1),
            sequence(self.certificate.issuer.public_bytes(), integer(self.certificate.serial_number)),
            sequence(oid(SHA256)),
            tlv(0xA0, b"".join(attributes)),
            sequence(oid(ECDSA_SHA256)),
            tlv(0x04, signature),
        )
        content = sequence(
            integer(3),
            tlv(0x31, sequence(oid(SHA256))),
            sequence(oid(TST_INFO), tlv(0xA0, tlv(0x04, info))),
            tlv(0xA0, der),
            tlv(0x31, signer),
        )
        return sequence(oid(SIGNED_DATA), tlv(0xA0, content))


def make(now: datetime.datetime) -> TimeAuthority:
    """Return an authority with a root and a certificate for time stamps."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("Test root", "Test time stamps")
    )
    root = (
        _builder(root_name, root_name, root_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    certificate = (
        _builder(name, root_name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    return TimeAuthority(root.public_bytes(serialization.Encoding.PEM), certificate, key, now)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
    )


def tlv(tag: int, content: bytes) -> bytes:
    """Return an element of DER."""
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    raw = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(raw)]) + raw + content


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, b"".join(parts))


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(text: str) -> bytes:
    first, second, *rest = (int(number) for number in text.split("."))
    raw = bytes([40 * first + second])
    for number in rest:
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.insert(0, 0x80 | number & 0x7F)
        raw += bytes(septets)
    return tlv(0x06, raw)


def elements(content: bytes) -> list[tuple[int, bytes]]:
    """Return the elements of DER side by side: tag and content."""
    found, at = [], 0
    while at < len(content):
        tag, length, start = content[at], content[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, start = int.from_bytes(content[start : start + count], "big"), start + count
        found.append((tag, content[start : start + length]))
        at = start + length
    return found
