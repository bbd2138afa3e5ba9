"""The key with which the hub signs its ledger's checkpoints: made at the first start, kept in the data folder, never replaced silently.

Whoever holds the public key verifies every checkpoint that the hub ever signed; so it is made once, and backups carry it.
"""

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sharing_hub import errors, private_files
from sharing_hub.domain import notes

FOLDER = "ledger"
_FILE = "ledger.key"


@dataclass(frozen=True, slots=True)
class LedgerKey:
    """The ledger's name and key, private and public."""

    public: notes.Key
    private: Ed25519PrivateKey = field(repr=False)

    def sign(self, size: int, root: bytes) -> str:
        """Return a checkpoint as a signed note."""
        return notes.sign(notes.Checkpoint(self.public.name, size, root), self.public, self.private)


def prepare(data_dir: Path) -> LedgerKey:
    """Return the ledger's key, made if there is none yet.

    Raises:
        StoreError: the file cannot be read as a key.
    """
    path = data_dir / FOLDER / _FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        private_files.write(path, pem)
    found = load(data_dir)
    if found is None:
        raise errors.StoreError(f"{path}: was made and cannot be found")
    return found


def public_of(data_dir: Path) -> notes.Key | None:
    """Return the ledger's public key; None where there is none.

    Raises:
        StoreError: the file cannot be read as a key.
    """
    found = load(data_dir)
    return None if found is None else found.public


def load(data_dir: Path) -> LedgerKey | None:
    """Return the ledger's key; None where there is none.

    Raises:
        StoreError: the file cannot be read as a key.
    """
    path = data_dir / FOLDER / _FILE
    if not path.exists():
        return None
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, OSError) as e:
        raise errors.StoreError(f"{path}: cannot be read as a key; restore it from a backup") from e
    if not isinstance(private, Ed25519PrivateKey):
        raise errors.StoreError(f"{path}: is not an Ed25519 key; restore it from a backup")
    raw = private.public_key().public_bytes_raw()
    # A name of its own for each ledger, so that a note of one is never taken for another's.
    return LedgerKey(notes.Key(f"jikimi-ledger/{raw[:8].hex()}", notes.ED25519, raw), private)
