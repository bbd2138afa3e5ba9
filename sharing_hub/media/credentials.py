"""Content credentials (C2PA) in what is handed out: who made it of which original, signed by the hub's own authority, inside the MP4 itself.

Signing and verifying stay offline: no time stamp is asked for here (`stamps` does), no remote manifest fetched, no revocation asked. Only `Trusted` is
accepted: signed under the authority that the reader names, every byte that matters unchanged.
"""

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sharing_hub import authority, errors
from sharing_hub.media import plan

ASSERTION = "kr.jikimi.derivative"
TRUSTED = "Trusted"
_MP4 = "video/mp4"
_GENERATOR = {"name": "jikimi-hub"}
_NAMES = {"title": "original.mp4", "relationship": "parentOf", "label": "original"}


def sign(
    derivative: Path, original: Path, target: Path, report: plan.DerivativeReport, signer: authority.Files
) -> None:
    """Write the derivative with its credentials to `target`, a new file: whole, or not at all.

    Args:
        original: what it was made of; its manifest, where it has one, is kept as the parent's.

    Raises:
        StoreError: it cannot be signed or written.
    """
    part = target.with_name(target.name + ".part")
    try:
        with _native() as c2pa:
            info = c2pa.C2paSignerInfo(
                c2pa.C2paSigningAlg.ES256, signer.certificate.read_bytes(), signer.key.read_bytes(), None
            )
            with (
                c2pa.Signer.from_info(info) as signing,
                c2pa.Builder(_claims(report), _context(c2pa, None)) as builder,
                original.open("rb") as parent,
                derivative.open("rb") as source,
                part.open("w+b") as signed,
            ):
                builder.add_ingredient(_NAMES, _MP4, parent)
                builder.sign(signing, _MP4, source, signed)
        part.rename(target)
    except OSError as e:
        raise errors.StoreError(f"{target.name}: cannot be written: {e.strerror}") from e
    finally:
        part.unlink(missing_ok=True)


def state(video: Path, authority_pem: bytes) -> str:
    """Return what the credentials in a video are worth under an authority: "Trusted", "Valid" (of somebody else), "Invalid", or "none"."""
    with video.open("rb") as file:
        values = _read(file, authority_pem)
    return "none" if values is None else str(values.get("validation_state", "Invalid"))


def claims(video: Path, authority_pem: bytes) -> dict[str, Any]:
    """Return what the hub's assertion in a video says.

    Raises:
        Unprocessable: its credentials are not those of this authority, or do not hold.
    """
    with video.open("rb") as file:
        values = _read(file, authority_pem)
    if values is None or values.get("validation_state") != TRUSTED:
        raise errors.Unprocessable("the video's content credentials do not hold under this authority")
    active = values["manifests"][values["active_manifest"]]
    for assertion in active["assertions"]:
        if assertion["label"] == ASSERTION:
            return dict(assertion["data"])
    raise errors.Unprocessable("the video's content credentials are not of a derivative")


def _claims(report: plan.DerivativeReport) -> dict[str, Any]:
    actions = [
        {"action": "c2pa.opened", "parameters": {"ingredientIds": [_NAMES["label"]]}},
        # c2pa.watermarked would claim a hidden mark that finds the manifest again; ours is there to be seen.
        {"action": "c2pa.edited", "description": f"masking: {report.level}; visible watermark {report.watermark_id}"},
    ]
    return {
        "claim_generator_info": [_GENERATOR],
        "format": _MP4,
        "title": report.watermark_id,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": ASSERTION, "data": report.as_json()},
        ],
    }


def _read(file: Any, authority_pem: bytes) -> dict[str, Any] | None:
    with _native() as c2pa, _context(c2pa, authority_pem) as context:
        try:
            with c2pa.Reader(_MP4, file, context=context) as reader:
                values: dict[str, Any] = json.loads(reader.json())
                return values
        except c2pa.C2paError.ManifestNotFound:
            return None
        except c2pa.C2paError:
            return {"validation_state": "Invalid"}


def _context(c2pa: Any, authority_pem: bytes | None) -> Any:
    anchors = {} if authority_pem is None else {"trust_anchors": authority_pem.decode("ascii", "replace")}
    checked = authority_pem is not None
    return c2pa.Context.from_dict(
        {
            "verify": {
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
                "verify_trust": checked,
                "verify_after_sign": False,
            },
            "trust": anchors,
            "builder": {"thumbnail": {"enabled": False}},
        }
    )


@contextmanager
def _native() -> Iterator[Any]:
    """Give the native library, loaded when it is first needed; its errors become the hub's."""
    c2pa: Any = importlib.import_module("c2pa")  # here, because the hub starts without it
    try:
        yield c2pa
    except c2pa.C2paError as e:
        raise errors.StoreError(f"content credentials cannot be made or read: {str(e)[:200]}") from e
