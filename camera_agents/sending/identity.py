"""Who this agent is: its id, its Ed25519 key, and the hub it trusts. Invariant: the key never leaves `identity/`, readable by its owner only.

`agent.json` is written last at enrolment: where it is missing there is no identity, whatever else lies in the folder.
"""

import base64
import datetime
import os
import ssl
import stat
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pydantic
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from joserfc import jwk, jwt

from camera_agents import errors
from camera_agents.sending import mediastore
from sharing_hub.wire import v1

FOLDER = "identity"
KEY_FILE = "agent.key"
RECORD_FILE = "agent.json"
AUTHORITY_FILE = "authority.pem"
_ALGORITHM = "Ed25519"
_ISSUED_EARLY_S = 5
"""A token counts from a little before it is made, so that a hub whose clock is slightly behind takes it."""


class Record(pydantic.BaseModel):
    """What enrolment agreed with the hub (`agent.json`)."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    agent_id: uuid.UUID
    hub_url: str
    site: str
    pinned: bool
    enrolled_at: pydantic.AwareDatetime


@dataclass(frozen=True, slots=True)
class Identity:
    """An enrolled agent.

    Attributes:
        authority_pem: the only authority whose certificates are trusted; None where the system's are.
    """

    record: Record
    key: ed25519.Ed25519PrivateKey
    authority_pem: str | None

    @classmethod
    def load(cls, state_dir: Path) -> "Identity":
        """Read the identity that enrolment left.

        Raises:
            NotEnrolled: there is none.
            IdentityError: it is damaged, or others may read the key.
        """
        folder = state_dir / FOLDER
        try:
            text = (folder / RECORD_FILE).read_text()
        except FileNotFoundError as e:
            raise errors.NotEnrolled(
                f"{folder} holds no identity: get a token at the hub (`jikimi-hub token SITE`) and run `jikimi-agent enroll`"
            ) from e
        except OSError as e:
            raise errors.IdentityError(f"{folder / RECORD_FILE}: {e}") from e
        try:
            record = Record.model_validate_json(text)
        except pydantic.ValidationError as e:
            raise errors.IdentityError(f"{folder / RECORD_FILE} is damaged: restore it or enrol again") from e
        authority = _read_authority(folder) if record.pinned else None
        return cls(record, read_key(folder / KEY_FILE), authority)

    @property
    def agent_id(self) -> uuid.UUID:
        """The id the hub gave this agent."""
        return self.record.agent_id

    @property
    def hub_url(self) -> str:
        """The hub's base address."""
        return self.record.hub_url

    def sign(self, manifest: v1.MediaManifest) -> v1.SignedManifest:
        """Return `manifest` with this agent's signature over its canonical JSON."""
        return v1.SignedManifest(manifest=manifest, signature=self.signature_of(manifest.signed_bytes()))

    def signature_of(self, signed_bytes: bytes) -> str:
        """Return this agent's signature, base64url."""
        return _text(self.key.sign(signed_bytes))

    def verifies(self, signed: v1.SignedManifest) -> bool:
        """Say whether `signed` carries this agent's signature."""
        return self.signed(signed.manifest.signed_bytes(), signed.signature)

    def signed(self, signed_bytes: bytes, signature: str) -> bool:
        """Say whether `signature` is this agent's over these bytes."""
        try:
            self.key.public_key().verify(_bytes(signature), signed_bytes)
        except (InvalidSignature, ValueError):
            return False
        return True

    def token(self, now: datetime.datetime) -> str:
        """Return a token that the hub takes from shortly before `now` on, for at most five minutes."""
        issued_at = int(now.timestamp()) - _ISSUED_EARLY_S
        claims: dict[str, object] = {
            "iss": str(self.agent_id),
            "aud": v1.AGENT_AUDIENCE,
            "iat": issued_at,
            "exp": issued_at + v1.AGENT_TOKEN_LIFETIME_S,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode({"alg": _ALGORITHM}, claims, jwk.OKPKey.import_key(self.key), algorithms=[_ALGORITHM])

    def tls(self) -> ssl.SSLContext:
        """Return what connections to the hub are verified with: the pinned authority alone, or the system's."""
        return tls_context(self.authority_pem)


class Tokens:
    """A token for each request, renewed well before it ends.

    Args:
        clock: the best known UTC; the hub's, where it differs from the agent's.
    """

    def __init__(self, identity: Identity, clock: Callable[[], datetime.datetime]) -> None:
        self._identity = identity
        self._clock = clock
        self._token = ""
        self._made_at: datetime.datetime | None = None

    def current(self) -> str:
        """Return a token with at least half its life before it."""
        now = self._clock()
        half_life_s = v1.AGENT_TOKEN_LIFETIME_S / 2
        if self._made_at is None or not 0 <= (now - self._made_at).total_seconds() < half_life_s:
            self._token, self._made_at = self._identity.token(now), now
        return self._token

    def renew(self) -> None:
        """Forget the present token: the hub did not take it."""
        self._made_at = None


def tls_context(authority_pem: str | None) -> ssl.SSLContext:
    """Return a context that verifies host names and trusts `authority_pem` alone, or the system's authorities."""
    context = ssl.create_default_context(cadata=authority_pem)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def public_key(key: ed25519.Ed25519PrivateKey) -> str:
    """Return the raw public key, base64url, as the wire has it."""
    return _text(key.public_key().public_bytes_raw())


def read_key(path: Path) -> ed25519.Ed25519PrivateKey:
    """Read a private key that only its owner can read.

    Raises:
        IdentityError: it is missing, damaged, of another sort, or open to others.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise errors.IdentityError(f"{path} can be read by others (mode {mode:04o}): run `chmod 600 {path}`")
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as e:
        raise errors.IdentityError(f"{path}: {e}: restore the key or enrol again") from e
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise errors.IdentityError(f"{path} is not an Ed25519 key")
    return key


def make_key(path: Path) -> ed25519.Ed25519PrivateKey:
    """Make a key and keep it at `path`, mode 0600, durable when this returns."""
    key = ed25519.Ed25519PrivateKey.generate()
    write_private(
        path,
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    return key


def write_private(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, mode 0600, in a folder of mode 0700."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    mediastore.sync_folder(path.parent)


def is_loopback(url: str) -> bool:
    """Say whether `url` names this very machine."""
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}


def _read_authority(folder: Path) -> str:
    path = folder / AUTHORITY_FILE
    try:
        return path.read_text()
    except OSError as e:
        raise errors.IdentityError(f"{path}: {e}: the hub's authority was pinned at enrolment; restore it") from e


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
