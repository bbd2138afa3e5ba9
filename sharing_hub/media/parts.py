"""What an export package is made of, and the texts in it, all canonical JSON (RFC 8785): one form only for each value, so that no byte is free.

The manifest names every other file with its hash; the hub's signature covers the manifest and the time stamp over it; the ledger's proof shows that the
export was put on record before it was handed out.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import rfc8785

from sharing_hub import errors, ledger_key
from sharing_hub.domain import ledger, merkle, notes
from sharing_hub.media import plan, stamps
from sharing_hub.wire import v1

FORM, SIGNATURE_FORM, PROOF_FORM = "jikimi export 1", "jikimi export signature 1", "jikimi ledger proof 1"
VIDEO_HASH = "video_sha256"
"""The detail of the export's ledger entry that names the video handed out."""
ORIGINAL = "original"
"""The masking of a package that holds the recording as it was captured."""


@dataclass(frozen=True, slots=True)
class Export:
    """Who is given what, and why. Names and codes as the ledger has them; None where a thing does not exist.

    Attributes:
        export_id: also the watermark's id, where there is one.
        purpose, legal_basis: codes of the district's lists.
        approved_by: another person than who asked.
        letter_number: of the official letter, where the basis needs one.
    """

    export_id: str
    created_at: datetime
    agency: str
    person: str
    purpose: str
    legal_basis: str
    why: str
    camera_id: str
    camera_name: str
    starts_at: datetime
    ends_at: datetime
    grant_id: str | None = None
    request_id: str | None = None
    incident_id: str | None = None
    letter_number: str | None = None
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """The recording as the agent sent it: its signed manifest, and the key it was signed with (raw Ed25519, base64url)."""

    signed: v1.SignedManifest
    agent_id: str
    agent_key: str


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """That the ledger holds the export's entry.

    Attributes:
        entry: the entry's canonical text; its details hold VIDEO_HASH.
        hashes: the inclusion proof, nearest to the leaf first.
        checkpoint: the signed note over a tree of `size` entries.
    """

    entry: bytes
    index: int
    size: int
    hashes: tuple[bytes, ...]
    checkpoint: str


@dataclass(frozen=True, slots=True)
class PackageParts:
    """Everything that goes into a package.

    Attributes:
        video: the MP4 that is handed out: a derivative with its report, or the original without one.
        key: the hub's: that which signs the ledger's checkpoints, so that one key noted outside verifies both.
        chain: further links of the camera's chain, as JSON values; those of the recording itself are in its manifest.
        authority_pem: what the video's content credentials are verified with.
        stamper: who stamps the manifest's time; None where no authority is configured.
    """

    export: Export
    video: Path
    original: Original
    report: plan.DerivativeReport | None
    proof: LedgerProof
    key: ledger_key.LedgerKey
    chain: tuple[Mapping[str, Any], ...] = ()
    authority_pem: bytes | None = None
    stamper: stamps.TimestampAuthority | None = None


def manifest(parts: PackageParts, files: Mapping[str, tuple[str, int]]) -> bytes:
    """Return manifest.json.

    Args:
        files: every other file but signature and stamp, with hash and length.
    """
    export, signed = parts.export, parts.original.signed.manifest
    told = {
        name: ledger.time_text(value) if isinstance(value, datetime) else value
        for name, value in ((name, getattr(export, name)) for name in Export.__dataclass_fields__)
    }
    return rfc8785.dumps(
        {
            "export": told,
            "files": {name: {"length_bytes": length, "sha256": digest} for name, (digest, length) in files.items()},
            "form": FORM,
            "hub_key": parts.key.public.text(),
            "ledger": {"index": parts.proof.index, "size": parts.proof.size},
            "masking": ORIGINAL if parts.report is None else parts.report.level,
            "original": {
                "length_bytes": signed.length_bytes,
                "media_id": str(signed.media_id),
                "sha256": signed.sha256,
            },
            "derivative": None if parts.report is None else parts.report.as_json(),
        }
    )


def signature(key: ledger_key.LedgerKey, manifest_text: bytes, stamp: bytes | None) -> bytes:
    """Return manifest.sig: a statement of what is signed, and the hub's signature over its canonical text."""
    said = statement(key.public.text(), manifest_text, stamp)
    return rfc8785.dumps({"signature": key.private.sign(rfc8785.dumps(said)).hex(), "statement": said})


def statement(key_text: str, manifest_text: bytes, stamp: bytes | None) -> dict[str, Any]:
    """Return what the hub signs."""
    return {
        "form": SIGNATURE_FORM,
        "key": key_text,
        "manifest_sha256": hashlib.sha256(manifest_text).hexdigest(),
        "stamp_sha256": None if stamp is None else hashlib.sha256(stamp).hexdigest(),
    }


def proof(parts: PackageParts) -> bytes:
    """Return ledger.json."""
    one = parts.proof
    return rfc8785.dumps(
        {
            "checkpoint": one.checkpoint,
            "entry": one.entry.decode(),
            "form": PROOF_FORM,
            "index": one.index,
            "key": parts.key.public.text(),
            "proof": [digest.hex() for digest in one.hashes],
            "size": one.size,
        }
    )


def require_proved(one: LedgerProof, key: notes.Key, video_sha256: str) -> None:
    """Check that a proof shows the ledger to hold an entry that names this video.

    Raises:
        Unprocessable: with what is wrong.
    """
    try:
        values = ledger.read(one.entry)
        names_video = values["index"] == one.index and values["details"].get(VIDEO_HASH) == video_sha256
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise errors.Unprocessable(f"the ledger's entry cannot be read: {e}") from e
    if not names_video:
        raise errors.Unprocessable(f"the ledger's entry does not name this video in its detail {VIDEO_HASH}")
    checkpoint, text, signatures = notes.parse(one.checkpoint)
    if checkpoint.origin != key.name or not notes.is_signed(text, signatures, key):
        raise errors.Unprocessable("the checkpoint is not signed with the hub's key")
    leaf = merkle.leaf_hash(one.entry)
    if checkpoint.size != one.size or not merkle.includes(leaf, one.index, one.size, one.hashes, checkpoint.root):
        raise errors.Unprocessable("the proof does not lead from the entry to the checkpoint")


def original(one: Original) -> bytes:
    """Return original.json."""
    return rfc8785.dumps(
        {
            "agent_id": one.agent_id,
            "agent_key": one.agent_key,
            "manifest": one.signed.manifest.model_dump(mode="json"),
            "signature": one.signed.signature,
        }
    )
