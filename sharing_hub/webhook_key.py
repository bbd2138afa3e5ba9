"""The secrets that the hub signs agencies' messages with: one master key in a private file, from which each endpoint's secret follows.

So the database holds no secret, a backup of the data folder carries all of them, and a new generation of an endpoint's secret needs no new file.
"""

import base64
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sharing_hub import errors, private_files

FOLDER = "delivery"
_FILE = "webhooks.key"
_MASTER_BYTES = 32
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class WebhookKey:
    """The master key."""

    master: bytes = field(repr=False)

    def secret_of(self, endpoint_id: UUID, generation: int) -> str:
        """Return an endpoint's secret as Standard Webhooks write it: `whsec_` and base64 of 32 bytes (HKDF-SHA256, RFC 5869)."""
        info = b"jikimi webhook " + endpoint_id.bytes + generation.to_bytes(4, "big")
        derived = HKDF(hashes.SHA256(), _SECRET_BYTES, salt=None, info=info).derive(self.master)
        return "whsec_" + base64.b64encode(derived).decode()


def prepare(data_dir: Path) -> WebhookKey:
    """Return the key, made if there is none yet.

    Raises:
        StoreError: the file is not one that the hub wrote.
    """
    path = data_dir / FOLDER / _FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        private_files.write(path, secrets.token_bytes(_MASTER_BYTES))
    master = path.read_bytes()
    if len(master) != _MASTER_BYTES:
        raise errors.StoreError(f"{path}: is not the key that the hub wrote; restore it from a backup")
    return WebhookKey(master)
