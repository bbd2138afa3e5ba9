"""Signed notes: a checkpoint of the ledger as text that anybody can keep, verify and co-sign.

    jikimi-ledger/4f0c…          the ledger's name (origin)
    1204                         how many entries
    base64 of the root
                                 an empty line
    — jikimi-ledger/4f0c… base64 of key id and signature; one line a signer

Sources: C2SP signed-note, tlog-checkpoint and tlog-cosignature (c2sp.org). Keys are written as there: NAME+KEYID+base64(type and key).
"""

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sharing_hub import errors

ED25519, COSIGNATURE = 1, 4
"""Signature types: over the text itself; over the text and the time of signing (a witness's)."""
_TYPES = (ED25519, COSIGNATURE)
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,200}")
_LINE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")
MAX_NOTE_CHARACTERS = 16_000


@dataclass(frozen=True, slots=True)
class Key:
    """Somebody's public key.

    Attributes:
        kind: ED25519 or COSIGNATURE.
        raw: 32 bytes.
    """

    name: str
    kind: int
    raw: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.kind not in _TYPES or len(self.raw) != 32:
            raise errors.Unprocessable("a key has a name without spaces or '+', a known type and 32 bytes")

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.raw).digest()[:4]

    def text(self) -> str:
        """Return the key as a line of text."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.raw).decode()}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many entries the ledger has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """A line below a note: whose, and key id with signature."""

    name: str
    raw: bytes

    def line(self) -> str:
        """Return the line."""
        return f"— {self.name} {base64.b64encode(self.raw).decode()}"


def key_of(text: str) -> Key:
    """Read a key.

    Raises:
        Unprocessable: it is not one.
    """
    try:
        name, key_id, coded = text.strip().split("+", 2)
        raw = base64.b64decode(coded, validate=True)
        key = Key(name, raw[0], raw[1:])
    except (ValueError, IndexError, binascii.Error) as e:
        raise errors.Unprocessable("not a key: it reads NAME+KEYID+BASE64, as signed notes write it") from e
    if key.key_id.hex() != key_id:
        raise errors.Unprocessable(f"the key's id is {key.key_id.hex()}, not {key_id[:20]}: it was copied wrongly")
    return key


def sign(checkpoint: Checkpoint, key: Key, private: Ed25519PrivateKey) -> str:
    """Return the checkpoint as a note signed by the ledger."""
    signature = Signature(key.name, key.key_id + private.sign(checkpoint.text().encode()))
    return f"{checkpoint.text()}\n{signature.line()}\n"


def cosign(text: str, key: Key, private: Ed25519PrivateKey, at: datetime) -> Signature:
    """Return a witness's signature over a checkpoint's text."""
    stamp = int(at.timestamp())
    raw = key.key_id + struct.pack(">Q", stamp) + private.sign(_cosigned(text, stamp))
    return Signature(key.name, raw)


def parse(note: str) -> tuple[Checkpoint, str, list[Signature]]:
    """Take a note apart: what it says, the signed text, the signatures. Nothing is verified.

    Raises:
        Unprocessable: it is not a checkpoint.
    """
    text, separator, below = note.partition("\n\n")
    lines = text.split("\n")
    if (
        not separator
        or len(lines) != 3
        or len(note) > MAX_NOTE_CHARACTERS
        or not re.fullmatch(r"[1-9]\d{0,17}", lines[1])
    ):
        raise errors.Unprocessable(
            "not a checkpoint: it has the lines origin, size and root, an empty line, and signatures"
        )
    root = _unbased(lines[2])
    if len(root) != 32:
        raise errors.Unprocessable("not a checkpoint: its root is not 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root), text + "\n", [signature_of(line) for line in below.splitlines()]


def signature_of(line: str) -> Signature:
    """Read a signature line.

    Raises:
        Unprocessable: it is not one.
    """
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise errors.Unprocessable("not a signature line: it reads — NAME BASE64")
    return Signature(found[1], _unbased(found[2]))


def is_signed(text: str, signatures: Sequence[Signature], key: Key) -> bool:
    """Say whether one of the signatures is this key's over the text."""
    return any(signed_at(text, one, key) is not None for one in signatures)


def signed_at(text: str, signature: Signature, key: Key) -> datetime | None:
    """Return when the signature was made (1970 for a kind that does not say); None where it is not this key's over the text."""
    if signature.name != key.name or signature.raw[:4] != key.key_id:
        return None
    stamp, signed, raw = 0, text.encode(), signature.raw[4:]
    if key.kind == COSIGNATURE:
        if len(raw) != 72:
            return None
        (stamp,) = struct.unpack(">Q", raw[:8])
        signed, raw = _cosigned(text, stamp), raw[8:]
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(raw, signed)
        return datetime.fromtimestamp(stamp, UTC)
    except (InvalidSignature, ValueError, OverflowError, OSError):
        return None


def _cosigned(text: str, stamp: int) -> bytes:
    return f"cosignature/v1\ntime {stamp}\n{text}".encode()


def _unbased(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as e:
        raise errors.Unprocessable("not base64") from e
