"""Media: what agents upload, taken in piece by piece and kept under its hash.

Steps, each durable before the next and harmless when repeated:
1. announce: the manifest, signed by the agent, is checked against its event or request, with the links it brings, and stored in `uploads`;
2. append: bytes are added to the partial file and synced, at the offset the hub holds;
3. finish: the whole file is hashed; right, it gets its name in the media folder; wrong, it is thrown away and counted;
4. complete: the media row takes the upload's place. A kill between 3 and 4 is repaired by the next announce or append.
"""

import base64
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from sharing_hub import errors
from sharing_hub.domain import chains, times
from sharing_hub.domain import ledger as entries
from sharing_hub.services import agents, ledger, recordings
from sharing_hub.store import blobs, database, tables
from sharing_hub.wire import v1

_MIME = {"clip": "video/mp4", "range": "video/mp4", "still": "image/jpeg", "masked_still": "image/jpeg"}
FULL_RETRY_S = 60


def is_signed(signed: v1.SignedManifest, public_key: str) -> bool:
    """Say whether the manifest, and every link it brings, was signed with this key (raw Ed25519, base64url)."""
    place = signed.manifest.chain
    links = chains.signed_links(place) if place is not None else ()
    signatures = [(signed.signature, signed.manifest.signed_bytes())]
    signatures += [(one.signature, one.link.signed_bytes()) for one in links]
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(public_key + "="))
    try:
        for signature, signed_bytes in signatures:
            key.verify(base64.urlsafe_b64decode(signature + "=="), signed_bytes)
    except InvalidSignature:
        return False
    return True


def announce(session: Session, agent: agents.Caller, signed: v1.SignedManifest, now: datetime) -> None:
    """Take a signed manifest in, so that its bytes may come. A repeat changes nothing.

    Raises:
        Refused: the signature is not this agent's.
        Unprocessable: form and content do not fit.
        NotFound: its event or request is not here (yet).
        Conflict: the event or request is of another camera or agent, or the id is taken by another manifest.
    """
    manifest = signed.manifest
    if not is_signed(signed, agent.public_key):
        raise errors.Refused("the signature of the manifest or of one of its links is not this agent's")
    earlier = _row_of(session, manifest.media_id)
    if earlier is not None:
        if earlier.signed.manifest != manifest or earlier.agent_id != agent.agent_id:
            raise errors.Conflict("this media id belongs to another manifest; use a new id")
        return
    _fits(manifest)
    _belongs(session, agent, manifest)
    session.add(tables.Upload(media_id=manifest.media_id, agent_id=agent.agent_id, signed=signed, announced_at=now))


def manifest_of(session: Session, agent: agents.Caller, media_id: UUID) -> tuple[v1.SignedManifest, bool]:
    """Return an announced manifest of this agent, and whether its media row is complete.

    Raises:
        NotFound: it was not announced: announce it first.
    """
    row = _row_of(session, media_id)
    if row is not None and row.agent_id == agent.agent_id:
        return row.signed, isinstance(row, tables.Media)
    raise errors.NotFound("this upload was not announced; announce it first")


def held_bytes(session: Session, store: blobs.BlobStore, agent_id: UUID, manifest: v1.MediaManifest) -> int:
    """Return how many bytes of an unfinished upload are here, whole files that this agent sent before included."""
    partial = store.partial_bytes(manifest.media_id)
    if partial or store.length_bytes(manifest.sha256) != manifest.length_bytes:
        return partial
    # The blob is whole. It counts as this agent's unless it is known only from others: nobody may take a file by its hash.
    owners = set(session.scalars(select(tables.Media.agent_id).where(tables.Media.sha256 == manifest.sha256)))
    return manifest.length_bytes if not owners or agent_id in owners else 0


def require_room(store: blobs.BlobStore, length_bytes: int, min_free_bytes: int) -> None:
    """Refuse media when the disk would be nearly full: alarms need that room.

    Raises:
        DiskFull: with the time after which to try again.
    """
    if store.free_bytes() - length_bytes < min_free_bytes:
        raise errors.DiskFull("the hub's media disk is nearly full; events are still taken", FULL_RETRY_S)


def append(store: blobs.BlobStore, manifest: v1.MediaManifest, offset_bytes: int, data: bytes) -> bool:
    """Add bytes to an upload; return whether the file is now whole under its hash.

    Raises:
        OffsetConflict: it goes on from another offset.
        Unprocessable: more bytes than announced, or the finished file has another hash: it was thrown away, begin again at 0.
    """
    if offset_bytes + len(data) > manifest.length_bytes:
        store.discard(manifest.media_id)
        raise errors.Unprocessable(f"more than the {manifest.length_bytes} bytes announced; begin again at 0")
    if store.append(manifest.media_id, offset_bytes, data) < manifest.length_bytes:
        return False
    finish(store, manifest)
    return True


def finish(store: blobs.BlobStore, manifest: v1.MediaManifest) -> None:
    """Give an upload that has all its bytes its name. A repeat changes nothing.

    Raises:
        Unprocessable: it has another hash: it was thrown away, begin again at 0.
    """
    if not store.finish(manifest.media_id, manifest.sha256):
        raise errors.Unprocessable("the file does not have the sha256 announced; it was thrown away, begin again at 0")


def complete(session: Session, media_id: UUID, now: datetime) -> None:
    """Put the media row in the place of the upload, once its blob is whole. A repeat changes nothing."""
    upload = session.get(tables.Upload, media_id)
    if upload is None:
        return
    manifest = upload.signed.manifest
    row = tables.Media(
        media_id=media_id,
        agent_id=upload.agent_id,
        camera_id=manifest.camera_id,
        event_id=manifest.event_id,
        request_id=manifest.request_id,
        form=manifest.form,
        mime=manifest.mime,
        length_bytes=manifest.length_bytes,
        sha256=manifest.sha256,
        starts_at=manifest.starts_at,
        ends_at=manifest.ends_at,
        cut=manifest.cut,
        masking=manifest.masking,
        gaps=manifest.gaps,
        signed=upload.signed,
        received_at=now,
    )
    _place(session, row, manifest, now)
    session.add(row)
    session.delete(upload)
    if manifest.request_id is not None:
        recordings.arrive(session, row, now)
    database.note(session, "media", media_id)


def _row_of(session: Session, media_id: UUID) -> tables.Media | tables.Upload | None:
    return session.get(tables.Media, media_id) or session.get(tables.Upload, media_id)


def _place(session: Session, row: tables.Media, manifest: v1.MediaManifest, now: datetime) -> None:
    """Note what the file's place in its camera's chain proves; a chain that contradicts an earlier file's is a ledger entry."""
    place = manifest.chain
    if place is None:
        return
    own = place.own.link
    row.chain_sequence, row.chain_sha256 = own.sequence, own.sha256()
    request = session.get(tables.RecordingRequest, manifest.request_id) if manifest.request_id is not None else None
    wanted = (request.starts_at, request.ends_at) if request else (manifest.starts_at, manifest.ends_at)
    verdict = chains.judge(manifest, place, wanted)
    other = chains.contradiction(place, _known_links(session, row, place))
    row.chain_state = "contradicted" if other else verdict.state
    row.chain_detail = (other or verdict.detail)[: chains.MAX_DETAIL]
    if other:
        by = entries.Actor("agent", "agent", str(row.agent_id))
        subject = entries.Subject("media", str(row.media_id))
        named: dict[str, entries.Detail] = {"sha256": row.sha256, "sequence": own.sequence}
        entry = entries.Entry(now, "media.chain_contradicted", by, subject, row.camera_id, why=other, details=named)
        ledger.append(session, entry)


def _known_links(session: Session, row: tables.Media, place: v1.ChainPlace) -> dict[int, str]:
    table = tables.Media
    named = {signed.link.sequence - back for signed in chains.signed_links(place) for back in (0, 1)}
    known = session.execute(
        select(table.chain_sequence, table.chain_sha256).where(
            table.camera_id == row.camera_id,
            table.agent_id == row.agent_id,
            table.chain_sequence.in_(named),
        )
    )
    return {sequence: sha256 for sequence, sha256 in known if sequence is not None and sha256 is not None}


def _fits(manifest: v1.MediaManifest) -> None:
    if not times.is_possible(manifest.starts_at, manifest.ends_at):
        raise errors.Unprocessable("its times are not between the years 1970 and 2100; set the agent's clock")
    if manifest.mime != _MIME[manifest.form]:
        raise errors.Unprocessable(f"a {manifest.form} is {_MIME[manifest.form]}, not {manifest.mime}")
    if (manifest.form == "range") != (manifest.request_id is not None):
        raise errors.Unprocessable("a range answers a request, every other form belongs to an event")
    if (manifest.form == "masked_still") != (manifest.masking is not None):
        raise errors.Unprocessable("a masked still says how it is masked, and nothing else does")
    if what := chains.fault(manifest):
        raise errors.Unprocessable(f"the chain does not hold: {what}")


def _belongs(session: Session, agent: agents.Caller, manifest: v1.MediaManifest) -> None:
    row: tables.Event | tables.RecordingRequest | None
    if manifest.event_id is not None:
        row = session.get(tables.Event, manifest.event_id)
    else:
        row = session.get(tables.RecordingRequest, manifest.request_id)
    if row is None:
        raise errors.NotFound("the event or request of this file is not here; deliver the event first")
    if row.agent_id != agent.agent_id or row.camera_id != manifest.camera_id:
        raise errors.Conflict("the event or request of this file is of another camera or agent")
