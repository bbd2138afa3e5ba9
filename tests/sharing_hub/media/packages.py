"""An export package as the hub would make it, with keys of its own; for tests."""

import base64
import dataclasses
import datetime
import functools
import hashlib
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sharing_hub import ledger_key
from sharing_hub.domain import ledger, merkle, notes
from sharing_hub.media import package, plan, verifier
from sharing_hub.wire import v1
from tests.sharing_hub.media import clips
from tests.support import time_authority

NOON = datetime.datetime(2026, 11, 28, 3, tzinfo=datetime.UTC)
HUB = Ed25519PrivateKey.from_private_bytes(b"h" * 32)
AGENT = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
KEY = ledger_key.LedgerKey(notes.Key("jikimi-ledger/test", notes.ED25519, HUB.public_key().public_bytes_raw()), HUB)
STREAM = v1.StreamParameters(
    codec="h264", profile_idc=100, level_idc=31, parameter_sets_sha256="2" * 64, width_px=320, height_px=240, fps=14.985,
    ticks_per_s=90_000,
)  # fmt: skip
EXPORT = package.Export(
    export_id="JK-8F3A21", created_at=NOON, agency="서울종로경찰서", person="홍길동 경위", purpose="investigation",
    legal_basis="PIPA-18-2-7", why="사건 2026-1234", camera_id="gate", camera_name="정문",
    starts_at=NOON, ends_at=NOON + datetime.timedelta(seconds=2), grant_id=str(uuid.UUID(int=1)),
)  # fmt: skip


def parts(folder: Path, masked: bool = True, stamped: bool = True) -> package.PackageParts:
    """Return the parts of a package over a small drawn video, which lies in `folder`."""
    source, video = clips.write(folder / "original.mp4"), folder / "video-in.mp4"
    raw = source.read_bytes()
    if masked:
        clips.write(video, frames=32)
        report = report_of(raw, video.read_bytes())
    else:
        video.write_bytes(raw)
        report = None
    return package.PackageParts(
        EXPORT,
        video,
        original(raw),
        report,
        proof(video.read_bytes()),
        KEY,
        chain=({"link": 1, "before": "0" * 64},),
        stamper=time_authority_of() if stamped else None,
    )


@functools.cache
def time_authority_of() -> time_authority.TimeAuthority:
    return time_authority.make(NOON)


def report_of(source: bytes, video: bytes) -> plan.DerivativeReport:
    return plan.DerivativeReport(
        level="people_and_plates", watermark_id=EXPORT.export_id, source_sha256=sha256(source), source_bytes=len(source),
        sha256=sha256(video), length_bytes=len(video), width_px=320, height_px=240, duration_s=2.0, frames=32, frames_masked=32,
        frames_lost=0, looks=10, longest_look_gap_s=0.2, found={"person": 2}, models=(plan.ModelUsed("told", "0" * 64),),
        kept_clear=(), encoder="libx264",
    )  # fmt: skip


def original(
    raw: bytes, links: Callable[[list[v1.ChainLink]], list[v1.ChainLink]] = lambda made: made
) -> package.Original:
    """Return the agent's signed manifest of a recording, with three links of the camera's chain and its own; `links` may alter them."""
    *before, own = [signed(link) for link in links(chain(raw))]
    manifest = v1.MediaManifest(
        media_id=uuid.UUID(int=7), camera_id="gate", form="range", request_id=uuid.UUID(int=8), mime="video/mp4",
        length_bytes=len(raw), sha256=sha256(raw), starts_at=NOON, ends_at=NOON + datetime.timedelta(seconds=2), codec="h264",
        width_px=320, height_px=240, software="jikimi-agent test", stream=STREAM,
        chain=v1.ChainPlace(own=own, links=tuple(before)),
    )  # fmt: skip
    key = base64.urlsafe_b64encode(AGENT.public_key().public_bytes_raw()).decode().rstrip("=")
    return package.Original(
        v1.SignedManifest(manifest=manifest, signature=signature(manifest.signed_bytes())), str(uuid.UUID(int=9)), key
    )


def chain(raw: bytes) -> list[v1.ChainLink]:
    """Return the links of two segments, a removal, and, some links later, the file cut from the segments."""
    made: list[v1.ChainLink] = []
    previous = "0" * 64
    for sequence, what in ((4, "segment"), (5, "removal"), (6, "segment"), (9, "range")):
        length, digest = (len(raw), sha256(raw)) if what == "range" else (1000, "1" * 64)
        file = None if what == "removal" else v1.ChainFile(
            starts_at=NOON, ends_at=NOON + datetime.timedelta(seconds=2), sha256=digest, length_bytes=length, frames=30,
            stream=STREAM, clock_offset_s=0.00003,
        )  # fmt: skip
        values = {
            "camera_id": "gate",
            "sequence": sequence,
            "previous": previous,
            "what": what,
            "made_at": NOON,
            "file": file,
        }
        made.append(v1.ChainLink.model_validate(values | {"software": "jikimi-agent test"}))
        previous = made[-1].sha256()
    return made


def signed(link: v1.ChainLink) -> v1.SignedLink:
    return v1.SignedLink(link=link, signature=signature(link.signed_bytes()))


def signature(data: bytes) -> str:
    return base64.urlsafe_b64encode(AGENT.sign(data)).decode().rstrip("=")


def proof(
    video: bytes, index: int = 2, size: int = 5, details: dict[str, ledger.Detail] | None = None
) -> package.LedgerProof:
    """Return the proof that a ledger of `size` entries holds the export's."""
    told = details if details is not None else {"video_sha256": sha256(video)}
    bodies = []
    for number in range(size):
        subject = ledger.Subject("export", EXPORT.export_id if number == index else f"other {number}")
        entry = ledger.Entry(NOON, "export.made", ledger.HUB, subject, details=told if number == index else {})
        bodies.append(ledger.canonical(entry, number))
    tree = merkle.Frontier()
    nodes: dict[merkle.Node, bytes] = {}
    for body in bodies:
        tree, made = merkle.append(tree, merkle.leaf_hash(body))
        nodes.update(made)
    hashes = merkle.hashed(merkle.inclusion_spans(index, size), nodes.__getitem__)
    return package.LedgerProof(bodies[index], index, size, tuple(hashes), KEY.sign(size, tree.root()))


def both(path: Path, key: str | None = None) -> tuple[set[str], set[str]]:
    """Return what the hub's verifier and the plain one find wrong."""
    ours = package.verify_package(path, None if key is None else notes.key_of(key))
    theirs = verifier.Verifier(str(path), key).run()
    return {fault.what for fault in ours.faults}, set(theirs.faults)


def resigned(folder: Path, change: Any) -> None:
    """Alter a folder's manifest by `change` and sign it again with the hub's key, as only somebody who holds it could."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    text = verifier.canonical(manifest)
    (folder / "manifest.json").write_bytes(text)
    (folder / "manifest.tsr").unlink(missing_ok=True)
    said = {
        "form": "jikimi export signature 1", "key": KEY.public.text(), "manifest_sha256": sha256(text), "stamp_sha256": None,
    }  # fmt: skip
    signed = {"signature": HUB.sign(verifier.canonical(said)).hex(), "statement": said}
    (folder / "manifest.sig").write_bytes(verifier.canonical(signed))


def replaced(given: package.PackageParts, **changed: Any) -> package.PackageParts:
    return dataclasses.replace(given, **changed)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
